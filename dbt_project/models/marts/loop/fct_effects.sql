-- Grain: one row per effect_id.
{{ config(materialized='table', tags=['operations']) }}
with

effects as (

    select * from {{ ref('int_operations__effects_judged') }}

)

select
    effect_id,
    action_id,
    experiment,
    metric_id,
    horizon_days,
    treated_count,
    holdout_count,
    effect_value,
    low_value,
    high_value,
    verdict,
    reason,
    is_measured,
    is_effective,
    measured_date,
    measured_at
from effects
