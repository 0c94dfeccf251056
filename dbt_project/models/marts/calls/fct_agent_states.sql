-- Grain: one row per stretch of one local day that an agent spent in one state.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='work_date',
        tags=['marts'],
    )
}}
with

agent_states as (

    select * from {{ ref('int_agent_states__newest_kept') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

shifts as (

    select * from {{ ref('int_agents__shifts_split') }}

),

-- States of the days before and after tell where those of a day end.
in_sight as (

    select
        agent_states.*,
        lead(agent_states.started_at) over following as next_at
    from agent_states
    where
        not agent_states.is_deleted
        and {{ is_near_touched_agent_date('agent_states.event_date') }}
    window following as (
        partition by agent_states.source_system, agent_states.agent_id
        order by agent_states.started_at
    )

),

-- What nobody ended ends with the next state, or when it was exported; no state lasts
-- longer than a day: somebody forgot to sign off.
ended as (

    select
        * exclude (ended_at),
        least(
            coalesce(ended_at, next_at, extracted_at, started_at),
            started_at + interval 24 hours
        ) as ended_at
    from in_sight

),

{{ latest_wins('ended', ['source_system', 'agent_id'], ['state', 'call_id']) }},

agent_days as (

    select
        parted.*,
        company.timezone as zone,
        {{ local_days('parted.started_at', 'parted.ended_at', 'company.timezone') }}
            as work_date
    from parted
    cross join company

),

parts as (

    select
        work_date,
        source_system,
        agent_id,
        state,
        call_id,
        greatest(started_at, {{ local_midnight('work_date', 'zone') }}) as started_at,
        least(ended_at, {{ local_midnight('work_date + 1', 'zone') }}) as ended_at
    from agent_days
    where {{ is_touched_agent_date('work_date') }}

)

select
    parts.*,
    epoch(parts.ended_at - parts.started_at)::bigint as state_seconds,
    coalesce(sum(epoch(
        least(parts.ended_at, shifts.ended_at)
        - greatest(parts.started_at, shifts.started_at)
    )) filter (where shifts.started_at is not null), 0)::bigint as shift_seconds
from parts
left join shifts
    on
        parts.work_date = shifts.work_date
        and parts.agent_id = shifts.agent_id
        and parts.started_at < shifts.ended_at
        and parts.ended_at > shifts.started_at
group by all
