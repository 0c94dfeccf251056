-- Grain: one row per (cohort_month, month_number) up to the last month known.
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

cohorts as (

    select
        date_trunc('month', first_order_date)::date as cohort_month,
        count(*)::bigint as customer_count
    from customers
    group by all

),

cells as (

    select
        cohorts.cohort_month,
        cohorts.customer_count,
        unnest(
            generate_series(
                cohorts.cohort_month, horizons.known_until_date, interval 1 month
            )
        )::date as month_start_date
    from cohorts
    cross join horizons

),

active as (

    select
        date_trunc('month', customers.first_order_date)::date as cohort_month,
        date_trunc('month', sales.order_date)::date as month_start_date,
        count(distinct sales.customer_id) filter (where sales.is_sale)::bigint
            as active_count,
        sum(sales.net_amount) filter (where sales.is_company_currency) as net_amount
    from sales
    inner join customers on sales.customer_id = customers.customer_id
    group by all

),

-- A month that is not over, or of which not all orders are there, says nothing yet.
judged as (

    select
        cells.*,
        cells.month_start_date + interval 1 month <= horizons.known_until_date + 1
        and (
            cells.month_start_date >= bounds.first_sale_date
            or (
                cells.cohort_month = cells.month_start_date
                and cells.cohort_month = date_trunc('month', bounds.first_sale_date)
            )
        ) as is_complete
    from cells
    cross join horizons
    cross join bounds

)

select
    judged.cohort_month,
    judged.month_start_date,
    date_diff('month', judged.cohort_month, judged.month_start_date)::integer
        as month_number,
    judged.customer_count,
    coalesce(judged.is_complete, false) as is_complete,
    {{ cohort_cell('judged', 'active') }}
from judged
left join active
    on
        judged.cohort_month = active.cohort_month
        and judged.month_start_date = active.month_start_date
