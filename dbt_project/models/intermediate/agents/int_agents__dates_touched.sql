-- Grain: one row per local day on which what agents did may have changed.
with

touched_dates as (

    select * from {{ source('scope', 'touched_dates') }}

),

agent_states as (

    select * from {{ ref('stg_landing__agent_states') }}

),

rosters as (

    select * from {{ ref('stg_landing__rosters') }}

),

surveys as (

    select * from {{ ref('stg_landing__surveys') }}

),

-- A state reaches into the next day, and ends the one before it of the day before.
state_days as (

    select event_date + unnest([-1, 0, 1]) as work_date
    from agent_states

),

shift_days as (

    select event_date + unnest([0, 1]) as work_date
    from rosters

)

select touched_dates.event_date as work_date
from touched_dates

union

select state_days.work_date
from state_days
where state_days.work_date is not null

union

select shift_days.work_date
from shift_days
where shift_days.work_date is not null

union

select surveys.event_date as work_date
from surveys
where surveys.event_date is not null
