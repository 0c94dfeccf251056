-- Grain: one row per (channel_id, from_stage, stage, waited_days) that was seen.
{{ config(materialized='table', tags=['weekly']) }}
with

steps as (

    select * from {{ ref('fct_lead_steps') }}

),

spells as (

    select * from (
        {{ step_spells('steps') }}
    )
    where entered_month is null

),

curve as (

    {{ kaplan_meier(
        'spells', 'waited_days', 'is_event', ['channel_id', 'from_stage', 'stage']
    ) }}

)

select
    channel_id,
    from_stage,
    stage,
    waited_days,
    at_risk_count,
    event_count,
    survival_rate,
    survival_low_rate,
    survival_high_rate,
    1 - survival_rate as converted_rate
from curve
