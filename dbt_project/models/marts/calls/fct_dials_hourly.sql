-- Grain: one row per (dial_date, dial_hour, source_system, direction, campaign_id,
-- channel_id, queue_id).
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
        dials.dial_hour,
        dials.source_system,
        dials.direction,
        dials.campaign_id,
        dials.channel_id,
        dials.queue_id,
        {{ dial_counts('dials') }}
    from dials
    where {{ is_touched_date('dials.dial_date') }}
    group by all

)

select
    *,
    {{ dial_rates() }}
from counted
