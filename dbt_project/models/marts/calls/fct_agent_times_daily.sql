-- Grain: one row per (work_date, agent_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='work_date',
        tags=['marts'],
    )
}}
{%- set names = agent_state_names().values() | list + [
    'logged_in_seconds', 'open_logged_in_seconds', 'worked_in_shift_seconds', 'rostered_seconds', 'scheduled_seconds',
] %}
with

states as (

    select
        states.work_date,
        states.agent_id,
        {{ agent_state_sums('states') }},
        coalesce(
            sum(states.state_seconds) filter (where states.is_logged_in), 0
        )::bigint as logged_in_seconds,
        coalesce(
            sum(states.open_seconds) filter (where states.is_logged_in), 0
        )::bigint as open_logged_in_seconds,
        coalesce(sum(states.shift_seconds) filter (
            where states.state in ('ready', 'talking', 'hold', 'acw')
        ), 0)::bigint as worked_in_shift_seconds
    from {{ ref('fct_agent_states_daily') }} as states
    where {{ is_touched_agent_date('states.work_date') }}
    group by all

),

shifts as (

    select
        shifts.work_date,
        shifts.agent_id,
        sum(shifts.shift_seconds)::bigint as rostered_seconds,
        sum(shifts.scheduled_seconds)::bigint as scheduled_seconds
    from {{ ref('int_agents__shifts_split') }} as shifts
    where {{ is_touched_agent_date('shifts.work_date') }}
    group by all

),

told as (

    select * from states
    union all by name
    select * from shifts

),

days as (

    select
        told.work_date,
        told.agent_id,
        {{ sums_of('told', names) }}
    from told
    group by all

),

measured as (

    select
        *,
        -- Of a date on which nobody's states are told nothing is known.
        max(logged_in_seconds) over (partition by work_date) is not null as has_states,
        talking_seconds + hold_seconds + after_call_seconds as busy_seconds,
        -- Who works through a break keeps to the plan, and no more than that.
        case
            when has_states and scheduled_seconds is not null
                then least(coalesce(worked_in_shift_seconds, 0), scheduled_seconds)
        end as adherent_seconds,
        -- Paid is what was planned; without a plan, what was worked.
        coalesce(scheduled_seconds, logged_in_seconds) as paid_seconds
    from days

)

select
    work_date,
    agent_id,
    {{ agent_state_names().values() | join(',\n    ') }},
    logged_in_seconds,
    open_logged_in_seconds,
    busy_seconds,
    busy_seconds + ready_seconds as available_seconds,
    rostered_seconds,
    scheduled_seconds,
    adherent_seconds,
    paid_seconds
from measured
