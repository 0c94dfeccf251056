-- Grain: one row per (entered_month, channel_id, from_stage, stage).
{{ config(materialized='table', tags=['weekly']) }}
{% set family = ['entered_month', 'channel_id', 'from_stage', 'stage'] %}
with

steps as (

    select * from {{ ref('fct_lead_steps') }}

),

spells as (

    {{ step_spells('steps') }}

),

curve as (

    {{ kaplan_meier('spells', 'waited_days', 'is_event', family) }}

),

times as (

    {{ kaplan_meier_times('curve', 'waited_days', [7, 30, 60, 90], family) }}

)

select
    * exclude (longest_duration, median_duration),
    longest_duration as longest_days,
    median_duration as median_days
from times
