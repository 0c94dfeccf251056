-- Grain: one row per (source, dial_id or transcript_id) that asked for no more calls.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        tags=['marts'],
    )
}}
with

calls as (

    select * from {{ ref('fct_analysed_calls') }}

),

dials as (

    select * from {{ ref('fct_dials') }}

),

-- Heard in the words of a call, however short it was.
heard as (

    select
        'conversation:' || calls.transcript_id as request_id,
        'conversation' as source,
        calls.scope_date,
        calls.call_id,
        calls.dial_id,
        calls.phone_hash,
        coalesce(calls.started_at, calls.scope_date::timestamptz) as requested_at
    from calls
    where
        calls.dnc_hit_count > 0
        and {{ is_touched_date('calls.scope_date') }}

),

-- Noted by the agent as the outcome of the dial.
noted as (

    select
        'outcome:' || dials.dial_id as request_id,
        'outcome' as source,
        dials.dial_date as scope_date,
        dials.call_id,
        dials.dial_id,
        dials.phone_hash,
        coalesce(dials.originated_at, dials.dial_date::timestamptz) as requested_at
    from dials
    where
        dials.is_dnc
        and {{ is_touched_date('dials.dial_date') }}

)

select * from heard

union all by name

select * from noted
