-- Grain: one row per refund that its source has not withdrawn.
{{ config(materialized='table', tags=['marts']) }}
with

refunds as (

    select * from {{ ref('int_refunds__newest_kept') }}
    where not is_deleted

),

orders as (

    select * from {{ ref('int_money__sales_listed') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

matched as (

    {{ match_orders('refunds', 'orders') }}

)

select
    matched.source_system || ':' || matched.refund_id as refund_id,
    matched.source_system,
    matched.matched_order_id as order_id,
    matched.order_id as source_order_id,
    matched.event_date as refunded_date,
    matched.refunded_at,
    matched.amount as refunded_amount,
    coalesce(upper(matched.currency), company.currency) as currency,
    matched.batch_id,
    matched.load_date
from matched
cross join company
