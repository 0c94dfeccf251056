-- Grain: one row per (work_date, source_system, agent_id, state).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='work_date',
        tags=['marts'],
    )
}}
with

open_hours as (

    select * from {{ ref('dim_open_hours') }}

),

stretches as (

    select * from {{ ref('fct_agent_states') }}
    where {{ is_touched_agent_date('work_date') }}

),

clocked as (

    select
        stretches.*,
        {{
            business_seconds(
                'stretches.started_at', 'first', 'stretches.ended_at', 'last'
            )
        }} as open_seconds
    from stretches
    {{ open_hours_at('stretches', 'started_at', 'open_hours', 'first') }}
    {{ open_hours_at('stretches', 'ended_at', 'open_hours', 'last') }}

)

select
    work_date,
    source_system,
    agent_id,
    state,
    state <> 'offline' as is_logged_in,
    count(*)::integer as stretch_count,
    sum(state_seconds)::bigint as state_seconds,
    sum(shift_seconds)::bigint as shift_seconds,
    sum(open_seconds)::bigint as open_seconds
from clocked
group by all
