-- Grain: one row per restatement_id.
{{ config(materialized='table', tags=['operations']) }}
with

restatements as (

    select * from {{ ref('int_operations__numbers_restated') }}

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
    change_value,
    cause,
    old_as_of_date,
    new_as_of_date,
    old_snapshot_id,
    new_snapshot_id,
    restated_at
from restatements
