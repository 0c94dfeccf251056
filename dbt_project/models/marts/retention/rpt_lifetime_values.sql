-- Grain: one row per (cohort_month, channel_id) of customers by their first order.
{{ config(materialized='table', tags=['marts']) }}
with

customers as (

    select * from {{ ref('fct_first_quarters') }}

),

summed as (

    select
        cohort_month,
        channel_id,
        count(*)::bigint as customer_count,
        nullif(count(*) filter (where is_mature), 0)::bigint as mature_count,
        sum(net_90_amount)::decimal(18, 4) as net_90_amount,
        sum(margin_90_amount)::decimal(18, 4) as margin_90_amount
    from customers
    group by all

)

select
    *,
    ({{ safe_rate('net_90_amount', 'mature_count') }})::decimal(18, 4) as ltv_90_amount,
    ({{ safe_rate('margin_90_amount', 'mature_count') }})::decimal(18, 4)
        as ltv_90_margin_amount,
    {{ safe_rate('coalesce(mature_count, 0)', 'customer_count') }} as maturity_rate
from summed
