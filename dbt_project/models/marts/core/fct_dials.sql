-- Grain: one row per dial or inbound call that has a day.
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

    select * from {{ ref('int_dials__flagged') }}

)

select
    dial_id,
    source_system,
    call_id,
    parent_call_id,
    is_leg,
    dial_date,
    dial_month,
    dial_hour,
    date_precision,
    direction,
    dial_mode,
    attempt_no,
    lead_id,
    customer_id,
    campaign_id,
    channel_id,
    list_id,
    queue_id,
    agent_id,
    phone_hash,
    phone_last4,
    phone_region,
    originated_at,
    rang_at,
    queued_at,
    answered_at,
    ended_at,
    ivr_seconds,
    queue_seconds,
    ring_seconds,
    talk_seconds,
    recorded_talk_seconds,
    hold_seconds,
    after_call_seconds,
    handling_seconds,
    outcome,
    outcome_raw,
    hangup_by,
    cost_amount,
    recording_uri,
    is_dial,
    is_answered,
    is_connected,
    is_machine,
    is_right_party,
    is_dnc,
    is_callback,
    is_not_interested,
    is_unworkable,
    is_offered,
    is_served,
    is_abandoned,
    is_handled,
    is_won,
    is_short_talk,
    is_short_talk_inclusive,
    batch_id,
    load_date
from dials
where
    -- Rows dated by month only are counted in fct_conversion_monthly.
    dial_date is not null
    and {{ is_touched_date('scope_date') }}
