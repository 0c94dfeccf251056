-- Grain: one row per payment that its source has not withdrawn.
{{ config(materialized='table', tags=['marts']) }}
with

payments as (

    select * from {{ ref('int_payments__newest_kept') }}
    where not is_deleted

),

orders as (

    select * from {{ ref('int_money__sales_listed') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

matched as (

    {{ match_orders('payments', 'orders') }}

)

select
    matched.source_system || ':' || matched.payment_id as payment_id,
    matched.source_system,
    matched.matched_order_id as order_id,
    matched.order_id as source_order_id,
    matched.subscription_id,
    matched.event_date as paid_date,
    matched.paid_at,
    matched.amount as paid_amount,
    coalesce(upper(matched.currency), company.currency) as currency,
    matched.method,
    matched.batch_id,
    matched.load_date
from matched
cross join company
