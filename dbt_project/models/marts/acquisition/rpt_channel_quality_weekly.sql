-- Grain: one row per (entered_week_date, channel_id).
{{ config(materialized='table', tags=['marts']) }}
with

weeks as (

    {{ lead_quality_weeks(['channel_id']) }}

)

select
    entered_week_date,
    channel_id,
    lead_count,
    dialled_count,
    connected_count,
    intent_count,
    won_count,
    paid_count,
    quality_due_count,
    quality_due_won_count,
    quality_due_paid_count,
    contact_count,
    contact_due_count,
    contact_due_won_count,
    {{ safe_rate('dialled_count', 'lead_count') }} as dialled_rate,
    {{ safe_rate('connected_count', 'lead_count') }} as reached_rate,
    {{ safe_rate('intent_count', 'lead_count') }} as intent_rate,
    {{ safe_rate('quality_due_won_count', 'quality_due_count') }} as won_rate,
    {{ safe_rate('quality_due_paid_count', 'quality_due_count') }} as paid_rate,
    {{ safe_rate('quality_due_count', 'lead_count') }} as maturity_rate,
    {{ safe_rate('contact_due_won_count', 'contact_due_count') }} as contact_won_rate,
    {{ safe_rate('contact_due_count', 'contact_count') }} as contact_maturity_rate
from weeks
