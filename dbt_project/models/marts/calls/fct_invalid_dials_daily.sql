-- Grain: one row per (dial_date, campaign_id, channel_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='dial_date',
        tags=['marts'],
    )
}}
with

numbers as (

    select * from {{ ref('dim_numbers_history') }}
    where state = 'invalid'

),

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

seen as (

    {{ seen_so_far() }}

),

{{ do_not_call_told() }},

{{ dials_in_turn() }},

{{ judged_dials() }},

counted as (

    select
        dial_date,
        campaign_id,
        channel_id,
        {{ invalid_dial_counts() }}
    from judged_dials
    group by all

)

select
    *,
    {{ safe_rate('invalid_count', 'dial_count') }} as invalid_rate
from counted
