-- Grain: one row per (work_date, agent_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='work_date',
        tags=['marts'],
    )
}}
with

agents as (

    {{ states_by_key(ref('dim_agents_history'), 'agent_id') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

dials as (

    select
        agents_daily.dial_date as work_date,
        agents_daily.agent_id,
        {{ sums_of('agents_daily', agent_day_counts()) }}
    from {{ ref('fct_agents_daily') }} as agents_daily
    where {{ is_touched_agent_date('agents_daily.dial_date') }}
    group by all

),

times as (

    select * from {{ ref('fct_agent_times_daily') }}
    where {{ is_touched_agent_date('work_date') }}

),

surveys as (

    select * from {{ ref('fct_agent_surveys_daily') }}
    where {{ is_touched_agent_date('work_date') }}

),

told as (

    select * from dials
    union all by name
    select * from times
    union all by name
    select * from surveys

),

summed as (

    select
        told.work_date,
        told.agent_id,
        {{ sums_of('told', agent_day_names()) }}
    from told
    group by all

),

days as (

    select
        summed.*,
        -- Of a date on which nobody's states are told, a call tells who worked.
        max(summed.logged_in_seconds) over (partition by summed.work_date) is not null
            as has_states,
        {{ local_midnight('summed.work_date + 1', 'company.timezone') }} as moment
    from summed
    cross join company

),

placed as (

    select
        days.*,
        {{ told_at('days', 'agents', 'team_id') }} as team_id,
        days.work_date - {{ told_at('days', 'agents', 'hired_date') }} as tenure_days,
        case
            when days.has_states then coalesce(days.logged_in_seconds >= 3600, false)
            else coalesce(days.row_count > 0, false)
        end as is_staffed
    from days
    {{ state_at('days', 'agents', 'agent_id') }}

)

select
    work_date,
    agent_id,
    team_id,
    tenure_days::integer as tenure_days,
    {{ tenure_band('tenure_days') }} as tenure_band,
    is_staffed,
    if(has_states, 'states', 'calls') as staffed_by,
    {{ agent_day_names() | join(',\n    ') }},
    {{ agent_day_rates() }}
from placed
