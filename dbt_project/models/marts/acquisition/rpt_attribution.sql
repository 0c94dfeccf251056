-- Grain: one row per (order_id, channel_id) of paid orders.
{{ config(materialized='table', tags=['marts']) }}
with

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

orders as (

    select * from {{ ref('fct_orders') }}
    where is_paid

),

inquiries as (

    select * from {{ ref('int_inquiry_events__newest_kept') }}
    where not is_deleted

),

touches as (

    select * from {{ ref('int_touches__newest_kept') }}
    where not is_deleted

),

seen as (

    {{ seen_so_far() }}

),

people as (

    select
        leads.lead_id,
        living.lead_id as surviving_lead_id,
        living.customer_id,
        living.phone_hash
    from leads
    inner join leads as living on leads.surviving_lead_id = living.lead_id

),

{{ touchpoints() }},

order_keys as (

    select
        orders.order_id,
        orders.placed_at,
        {{ person_keys('orders', 'people', 'orders.phone_hash') }}
    from orders
    left join people on orders.lead_id = people.lead_id

),

-- What led to the order before led to that one: nobody is credited twice for it.
spans as (

    select
        *,
        lag(placed_at) over (
            partition by person_key order by placed_at, order_id
        ) as previous_at
    from order_keys

),

{{ order_paths() }}

select
    orders.order_id,
    orders.order_date,
    credits.channel_id,
    coalesce(credits.touch_count, 0) as touch_count,
    {{ credit_rates('credits') }}
from orders
left join credits on orders.order_id = credits.order_id
