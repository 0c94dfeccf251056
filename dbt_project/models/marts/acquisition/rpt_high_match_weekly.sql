-- Grain: one row per (entered_week_date, channel_id) with a lead that matches well.
{{ config(materialized='table', tags=['marts']) }}
with

weeks as (

    {{ lead_quality_weeks(['channel_id']) }}

)

select
    entered_week_date,
    channel_id,
    match_count,
    match_due_count,
    match_due_reached_count,
    {{ safe_rate('match_due_reached_count', 'match_due_count') }} as match_reached_rate,
    {{ safe_rate('match_due_count', 'match_count') }} as maturity_rate
from weeks
where match_count > 0
