-- Grain: one row per month in which customers were at risk of ordering again.
{{ config(materialized='table', tags=['marts']) }}
with

customers as (

    select * from {{ ref('dim_customer_value') }}
    where first_order_date is not null

),

sales as (

    select * from {{ ref('fct_sales') }}
    where is_sale

),

spans as (

    select
        min(sales.order_date) as first_sale_date,
        min(horizons.known_until_date) as known_until_date
    from sales
    cross join {{ ref('dim_horizons') }} as horizons

),

months as (

    select
        unnest(generate_series(
            date_trunc('month', first_sale_date), known_until_date, interval 1 month
        ))::date as month_start_date
    from spans

),

joined_by_day as (

    select
        first_order_date,
        count(*) as customer_count
    from customers
    group by all

),

-- Time counts from the day after the first order, as far as orders are known.
at_risk as (

    select
        months.month_start_date,
        sum(joined_by_day.customer_count)::bigint as customer_count,
        sum(
            joined_by_day.customer_count * (
                least(
                    (months.month_start_date + interval 1 month)::date,
                    spans.known_until_date + 1
                ) - greatest(
                    months.month_start_date,
                    spans.first_sale_date,
                    joined_by_day.first_order_date + 1
                )
            )
        )::bigint as person_day_count
    from months
    cross join spans
    inner join joined_by_day
        on
            joined_by_day.first_order_date + 1
            < months.month_start_date + interval 1 month
            and joined_by_day.first_order_date + 1 <= spans.known_until_date
    group by all

),

repeats as (

    select
        date_trunc('month', sales.order_date)::date as month_start_date,
        count(*)::bigint as repeat_order_count
    from sales
    inner join customers on sales.customer_id = customers.customer_id
    where
        sales.order_date > customers.first_order_date
        and not sales.is_renewal
    group by all

)

select
    at_risk.*,
    coalesce(repeats.repeat_order_count, 0) as repeat_order_count,
    -- Orders after the first that one customer places in a year.
    {{ safe_rate(
        'coalesce(repeats.repeat_order_count, 0) * 365', 'at_risk.person_day_count'
    ) }} as annual_repurchase_rate,
    at_risk.month_start_date >= spans.first_sale_date
    and at_risk.month_start_date + interval 1 month
    <= spans.known_until_date + 1 as is_complete
from at_risk
cross join spans
left join repeats on at_risk.month_start_date = repeats.month_start_date
