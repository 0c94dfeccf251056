-- Grain: one row per (week_start_date, agent_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='week_start_date',
        tags=['marts'],
    )
}}
with

agent_days as (

    select * from {{ ref('fct_agent_days') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

touched_weeks as (

    select dates.week_start_date
    from dates
    where {{ is_touched_agent_date('dates.date_day') }}
    group by all

),

summed as (

    select
        dates.week_start_date,
        agent_days.agent_id,
        arg_max(agent_days.team_id, agent_days.work_date) as team_id,
        max(agent_days.tenure_days)::integer as tenure_days,
        count(*) filter (where agent_days.is_staffed)::integer as staffed_day_count,
        sum(agent_days.dial_count) filter (where agent_days.is_staffed)::bigint
            as staffed_dial_count,
        sum(agent_days.won_count) filter (where agent_days.is_staffed)::bigint
            as staffed_won_count,
        {{ sums_of('agent_days', agent_day_names()) }}
    from agent_days
    inner join dates on agent_days.work_date = dates.date_day
    inner join touched_weeks on dates.week_start_date = touched_weeks.week_start_date
    group by all

)

select
    week_start_date,
    agent_id,
    team_id,
    tenure_days,
    {{ tenure_band('tenure_days') }} as tenure_band,
    staffed_day_count,
    staffed_dial_count,
    staffed_won_count,
    {{ agent_day_names() | join(',\n    ') }},
    ({{ safe_rate('staffed_dial_count', 'staffed_day_count') }})::decimal(18, 6)
        as daily_dial_count,
    ({{ safe_rate('staffed_won_count', 'staffed_day_count') }})::decimal(18, 6)
        as daily_won_count,
    {{ agent_day_rates() }}
from summed
