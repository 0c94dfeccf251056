-- Grain: one row per customer, merged ones folded into the one that lives on.
{{ config(materialized='table', tags=['marts']) }}
with

customers as (

    {{ states_by_key(ref('dim_customers'), 'customer_id') }}

),

sales as (

    select * from {{ ref('fct_sales') }}
    where customer_id is not null

),

company as (

    select * from {{ source('scope', 'company') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

known as (

    select
        customers.surviving_customer_id as customer_id,
        bool_or(coalesce(customers.is_profiling_refused, false))
            as is_profiling_refused,
        min(timezone(company.timezone, customers.first_order_at)::date)
            as told_first_date
    from customers
    cross join company
    where not customers.is_deleted
    group by all

),

bought as (

    select
        customer_id,
        count(*) filter (where is_sale)::integer as sale_count,
        min(order_date) filter (where is_sale) as first_sale_date,
        max(order_date) filter (where is_sale) as last_sale_date,
        arg_min(
            channel_id, struct_pack(ordered_at := ordered_at, order_id := order_id)
        ) filter (where is_sale) as first_channel_id,
        sum(net_amount) filter (where is_company_currency)::decimal(18, 4)
            as net_amount,
        sum(margin_amount) filter (where is_company_currency)::decimal(18, 4)
            as margin_amount
    from sales
    group by all

),

joined as (

    select
        coalesce(known.customer_id, bought.customer_id) as customer_id,
        coalesce(known.is_profiling_refused, false) as is_profiling_refused,
        least(known.told_first_date, bought.first_sale_date) as first_order_date,
        bought.last_sale_date as last_order_date,
        bought.first_channel_id as channel_id,
        coalesce(bought.sale_count, 0) as order_count,
        bought.net_amount,
        bought.margin_amount,
        (horizons.known_until_date - bought.last_sale_date)::integer
            as recency_day_count,
        (
            horizons.known_until_date
            - least(known.told_first_date, bought.first_sale_date)
        )::integer as tenure_day_count
    from known
    full outer join bought on known.customer_id = bought.customer_id
    cross join horizons

),

scored as (

    select
        *,
        {{ fifth('recency_day_count', 'desc') }} as recency_points,
        {{ fifth('order_count', 'asc') }} as frequency_points,
        {{ fifth('net_amount', 'asc') }} as money_points
    from joined

)

select
    *,
    {{ value_segment('recency_points', 'frequency_points', 'money_points') }}
        as value_segment
from scored
