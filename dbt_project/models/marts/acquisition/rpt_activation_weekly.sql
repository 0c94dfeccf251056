-- Grain: one row per (week_date, channel_id, content_theme).
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='week_date',
        tags=['marts'],
    )
}}
with

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

dial_days as (

    select * from {{ ref('int_leads__dial_days') }}

),

touches as (

    select * from {{ ref('int_touches__newest_kept') }}
    where not is_deleted

),

inquiries as (

    select * from {{ ref('int_inquiry_events__newest_kept') }}
    where not is_deleted

),

seen as (

    {{ seen_so_far() }}

),

-- A talk tells of touches up to activation_days before it and dormant_days after it.
weeks as (

    {{ weeks_so_far(
        'dial_days', 'dial_date', 'seen.activation_days', 'seen.dormant_days'
    ) }}

),

{{ dormant_leads_touched() }}

select
    week_date,
    channel_id,
    content_theme,
    count(*)::integer as touched_count,
    {{ count_where('is_due') }} as due_count,
    {{ count_where('is_due and is_activated') }} as due_activated_count,
    {{ safe_rate('due_activated_count', 'due_count') }} as activation_rate,
    {{ safe_rate('due_count', 'touched_count') }} as maturity_rate,
    due_count < touched_count as is_open
from judged
group by all
