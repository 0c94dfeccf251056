-- Grain: one row per (order_week_date, channel_id, attribution_model).
{{ config(materialized='table', tags=['marts']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

credits as (

    select * from {{ ref('rpt_attribution') }}

),

orders as (

    select * from {{ ref('fct_orders') }}

),

listed as (

    {{ credits_listed('credits') }}

)

select
    {{ week_start('orders.order_date', 'company.week_start') }} as order_week_date,
    listed.channel_id,
    listed.attribution_model,
    sum(listed.credit_rate)::decimal(18, 6) as credited_order_count,
    sum(listed.credit_rate * orders.order_amount)::decimal(18, 4)
        as credited_revenue_amount,
    sum(listed.credit_rate * orders.margin_amount)::decimal(18, 4)
        as credited_margin_amount
from listed
inner join orders on listed.order_id = orders.order_id
cross join company
group by all
