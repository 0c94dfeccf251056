-- Grain: one row per (dial_month, source_system, attempt_no).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='dial_month',
        tags=['marts'],
    )
}}
with

dials as (

    select * from {{ ref('int_dials__flagged') }}

),

counted as (

    select
        dials.dial_month,
        dials.source_system,
        dials.attempt_no,
        {{ dial_counts('dials') }}
    from dials
    where
        dials.dial_month is not null
        and {{ is_touched_month('dials.dial_month') }}
    group by all

)

select
    *,
    {{ dial_rates() }}
from counted
