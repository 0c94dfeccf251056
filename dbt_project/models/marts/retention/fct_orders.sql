-- Grain: one row per order that its source has not withdrawn and that has a day.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='order_date',
        tags=['marts'],
    )
}}
with

orders as (

    select * from {{ ref('int_orders__newest_kept') }}

),

company as (

    select * from {{ source('scope', 'company') }}

)

select
    orders.order_id,
    orders.source_system,
    orders.customer_id,
    orders.lead_id,
    orders.agent_id,
    orders.order_date,
    orders.placed_at,
    orders.paid_at,
    orders.paid_at is not null as is_paid,
    orders.recorded_is_repeat as is_repeat,
    orders.order_amount,
    orders.margin_amount,
    coalesce(orders.recorded_currency, company.currency) as currency,
    orders.phone_hash,
    orders.batch_id,
    orders.load_date
from orders
cross join company
where
    not orders.is_deleted
    and orders.order_date is not null
    and {{ is_touched_date('orders.scope_date') }}
