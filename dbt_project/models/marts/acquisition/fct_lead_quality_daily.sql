-- Grain: one row per (entered_date, channel_id, campaign_id, content_theme).
{{ config(materialized='table', tags=['marts']) }}
with

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

talk_days as (

    select * from {{ ref('int_leads__dial_days') }}
    -- Those that begin with a dial that a person answered are in connected_at.
    where last_two_way_at is not null and first_connected_at is null

),

invalid_numbers as (

    select * from {{ ref('dim_numbers_history') }}
    where state = 'invalid'

),

seen as (

    {{ seen_so_far() }}

),

{{ first_deals_and_talks() }},

timed as (

    select
        leads.*,
        seen.*,
        least(leads.won_at, bought.ordered_at) as deal_at,
        least(leads.paid_at, bought.paid_order_at) as money_at,
        least(leads.connected_at, called_in.called_in_at) as talked_at,
        leads.entered_at + to_days(seen.quality_days) as quality_until_at,
        leads.entered_at + to_days(seen.contact_days) as contact_until_at,
        leads.entered_at + to_days(seen.dormant_days) as dormancy_until_at,
        leads.entered_at + to_hours(seen.reach_hours) as reach_until_at
    from leads
    left join bought on leads.lead_id = bought.lead_id
    left join called_in on leads.lead_id = called_in.lead_id
    cross join seen
    where {{ is_countable_lead('leads') }}

),

-- A number that proved invalid within the lead's time was no contact left.
unreachable as (

    select timed.lead_id
    from timed
    inner join invalid_numbers
        on
            timed.phone_hash = invalid_numbers.phone_hash
            and timed.contact_until_at > invalid_numbers.valid_from
            and (
                invalid_numbers.valid_to is null
                or timed.contact_until_at <= invalid_numbers.valid_to
            )
    group by all

),

judged as (

    select
        timed.*,
        {{ lead_judged('timed') }},
        timed.phone_hash is not null and unreachable.lead_id is null as has_contact
    from timed
    left join unreachable on timed.lead_id = unreachable.lead_id

)

select
    entered_date,
    channel_id,
    campaign_id,
    content_theme,
    {{ lead_quality_counts() }}
from judged
group by all
