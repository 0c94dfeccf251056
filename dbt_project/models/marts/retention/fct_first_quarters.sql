-- Grain: one row per customer whose first order is on record.
{{ config(materialized='table', tags=['marts']) }}
with

customers as (

    select * from {{ ref('dim_customer_value') }}
    where first_order_date is not null

),

sales as (

    select * from {{ ref('fct_sales') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

bounds as (

    select min(order_date) as first_sale_date
    from sales

),

summed as (

    select
        customers.customer_id,
        sum(sales.net_amount) as net_amount,
        sum(sales.margin_amount) as margin_amount
    from customers
    inner join sales
        on
            customers.customer_id = sales.customer_id
            and customers.first_order_date <= sales.order_date
            and sales.order_date < customers.first_order_date + 90
    where sales.is_company_currency
    group by all

),

-- Who was a customer before the first order on record has a past that nobody knows.
aged as (

    select
        customers.*,
        customers.first_order_date + 90 <= horizons.known_until_date + 1 as is_mature
    from customers
    cross join horizons
    inner join bounds on customers.first_order_date >= bounds.first_sale_date

)

select
    aged.customer_id,
    aged.first_order_date,
    date_trunc('month', aged.first_order_date)::date as cohort_month,
    aged.channel_id,
    aged.is_mature,
    case
        when aged.is_mature then coalesce(summed.net_amount, 0)
    end::decimal(18, 4) as net_90_amount,
    case when aged.is_mature then summed.margin_amount end::decimal(18, 4)
        as margin_90_amount
from aged
left join summed on aged.customer_id = summed.customer_id
