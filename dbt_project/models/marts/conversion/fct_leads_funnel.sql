-- Grain: one row per lead_id, those merged into others marked.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='lead_id',
        tags=['marts'],
    )
}}
with

{{ folded_leads() }},

{{ lead_milestones() }},

company as (

    select * from {{ source('scope', 'company') }}

),

funnel as (

    select * from {{ source('scope', 'funnel') }}

),

matches as (

    select * from {{ ref('int_leads__matched') }}

),

reached as (

    select
        *,
        coalesce(created_at, dialled_at, told_intent_at, told_won_at) as entered_at,
        -- Who bought before the first dial came by another way than this one.
        case when told_won_at >= dialled_at then told_won_at end as won_by_dial_at,
        case when told_paid_at >= dialled_at then told_paid_at end as paid_by_dial_at,
        least(told_quoted_at, won_by_dial_at) as quoted_by_dial_at,
        least(told_intent_at, quoted_by_dial_at) as intent_by_dial_at,
        {{ reached_after('intent_by_dial_at', 'connected_at') }} as intent_at,
        {{ reached_after('quoted_by_dial_at', 'intent_at') }} as quoted_at,
        {{ reached_after('won_by_dial_at', 'quoted_at') }} as won_at,
        {{ reached_after('paid_by_dial_at', 'won_at') }} as paid_at
    from milestones

)

select
    reached.lead_id,
    reached.surviving_lead_id,
    reached.lead_id <> reached.surviving_lead_id as is_merged,
    coalesce(reached.is_deleted, false) as is_withdrawn,
    reached.source_system is not null as is_in_crm,
    reached.entered_at,
    timezone(company.timezone, reached.entered_at)::date as entered_date,
    reached.channel_id,
    reached.campaign_id,
    reached.creative_id,
    reached.content_theme,
    reached.segment,
    reached.industry,
    reached.city,
    reached.owner_agent_id,
    reached.customer_id,
    reached.phone_hash,
    reached.status,
    reached.lost_reason,
    matches.match_rate,
    coalesce(reached.dial_count, 0) as dial_count,
    coalesce(reached.connected_count, 0) as connected_count,
    reached.dialled_at,
    reached.connected_at,
    reached.intent_at,
    reached.quoted_at,
    reached.won_at,
    reached.paid_at,
    reached.last_two_way_at,
    case when reached.lost_reason is not null then reached.lost_at end as lost_at,
    reached.lead_id = reached.surviving_lead_id
    and reached.told_won_at is not null
    and reached.won_at is null as is_won_outside,
    list_contains(funnel.direct_channels, reached.channel_id)
    or coalesce(reached.first_order_date < entered_date, false) as is_known_customer,
    coalesce(reached.order_count, 0) as order_count,
    reached.first_order_date,
    reached.last_order_date,
    reached.paid_amount::decimal(18, 4) as paid_amount,
    reached.margin_amount::decimal(18, 4) as margin_amount,
    reached.call_cost_amount
from reached
cross join company
cross join funnel
left join matches on reached.lead_id = matches.lead_id
