-- Grain: one row per restatement_id.
{{ config(materialized='table', tags=['operations']) }}
with

restatements as (

    select * from {{ ref('stg_operations__restatements') }}

)

select
    restatement_id,
    metric_id,
    grain,
    period_key,
    old_event_amount,
    old_sample_count,
    old_value,
    new_event_amount,
    new_sample_count,
    new_value,
    (new_value - old_value)::decimal(28, 6) as change_value,
    cause,
    old_as_of_date,
    new_as_of_date,
    old_snapshot_id,
    new_snapshot_id,
    restated_at
from restatements
