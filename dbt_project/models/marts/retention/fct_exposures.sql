-- Grain: one row per customer, month and kind of what may move him to order again.
{{ config(materialized='table', tags=['marts']) }}
with

events as (

    {{ repurchase_events() }}

),

sales as (

    select
        customer_id,
        order_date,
        ordered_at,
        is_renewal,
        count(*) over so_far as order_number,
        min(order_date) over so_far as first_order_date,
        sum(case when is_company_currency then net_amount end)
            over so_far
            as value_amount
    from {{ ref('fct_sales') }}
    where is_sale and customer_id is not null
    window so_far as (partition by customer_id order by ordered_at, order_id)

),

-- A term that goes on by itself is no answer to a call.
decided as (

    select * from sales
    where not is_renewal

),

company as (

    select * from {{ source('scope', 'company') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

-- Only what was known at the moment; the order it may have led to comes after.
with_past as (

    select
        events.*,
        coalesce(past.order_number, 0)::integer as order_count_before,
        events.index_date - past.first_order_date as tenure_day_count,
        events.index_date - past.order_date as recency_day_count,
        past.value_amount as value_before_amount
    from events
    asof left join sales as past
        on
            events.customer_id = past.customer_id
            and events.index_at >= past.ordered_at

),

with_next as (

    select
        with_past.*,
        following.ordered_at as next_ordered_at
    from with_past
    asof left join decided as following
        on
            with_past.customer_id = following.customer_id
            and with_past.index_at < following.ordered_at

)

select
    with_next.kind || ':' || with_next.customer_id || ':' || with_next.index_month
        as exposure_id,
    with_next.kind,
    with_next.customer_id,
    with_next.index_month,
    with_next.index_date,
    with_next.index_at,
    with_next.order_count_before,
    with_next.tenure_day_count::integer as tenure_day_count,
    with_next.recency_day_count::integer as recency_day_count,
    with_next.value_before_amount::decimal(18, 4) as value_before_amount,
    {{ day_band('with_next.tenure_day_count', [30, 90, 365]) }} as tenure_band,
    {{ day_band('with_next.recency_day_count', [14, 30, 90]) }} as recency_band,
    {{ third_of('with_next.value_before_amount') }} as value_band,
    with_next.next_ordered_at,
    with_next.index_date + company.repurchase_days
    <= horizons.known_until_date as is_mature,
    case
        when with_next.index_date + company.repurchase_days <= horizons.known_until_date
            then coalesce(
                with_next.next_ordered_at
                <= with_next.index_at + to_days(company.repurchase_days),
                false
            )
    end as has_ordered
from with_next
cross join company
cross join horizons
