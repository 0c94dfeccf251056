-- Grain: one row per (dial_date, source_system, agent_id, queue_id, direction).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='dial_date',
        tags=['marts'],
    )
}}
with

dials as (

    select * from {{ ref('fct_dials') }}

),

counted as (

    select
        dials.dial_date,
        dials.source_system,
        dials.agent_id,
        dials.queue_id,
        dials.direction,
        {{ dial_counts('dials') }}
    from dials
    where
        -- Dials that no agent took part in stay in fct_dials_hourly.
        dials.agent_id is not null
        and {{ is_touched_date('dials.dial_date') }}
    group by all

)

select
    *,
    {{ dial_rates() }}
from counted
