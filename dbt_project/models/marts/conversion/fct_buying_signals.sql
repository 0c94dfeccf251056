-- Grain: one row per (signal, asker, signalled_date).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='signalled_date',
        last_days=30,
        tags=['marts'],
    )
}}
with

company as (

    select * from {{ source('scope', 'company') }}

),

rules as (

    select * from {{ source('scope', 'buying_signals') }}

),

asks as (

    {{ asks_made(38) }}

),

moments as (

    select
        asks.asker,
        asks.asked_at,
        asks.asked_at - to_hours(rules.again_hours) as again_from_at,
        asks.asked_at - to_days(rules.quote_days) as quote_from_at,
        rules.again_count,
        min(asks.lead_id) as lead_id,
        min(asks.customer_id) as customer_id,
        coalesce(bool_or(asks.ask in ('quote', 'budget')), false) as is_about_quote
    from asks
    cross join rules
    where asks.asker is not null and asks.asked_at is not null
    group by all

),

counted as (

    select
        moments.*,
        {{ count_where('asks.asked_at >= again_from_at and asks.is_inquiry') }}
            as inquiry_count,
        {{ count_where("asks.asked_at >= again_from_at and asks.ask = 'after_sales'") }}
            as after_sales_count,
        {{ count_where("asks.asked_at >= quote_from_at and asks.ask = 'quote'") }}
            as quote_count,
        {{ count_where("asks.asked_at >= quote_from_at and asks.ask = 'budget'") }}
            as budget_count
    from moments
    inner join asks
        on
            moments.asker = asks.asker
            and moments.asked_at >= asks.asked_at
            and least(moments.again_from_at, moments.quote_from_at) <= asks.asked_at
    group by all

),

shown as (

    select
        *,
        'asks_again' as signal
    from counted
    where inquiry_count >= again_count and after_sales_count > 0

    union all

    select
        *,
        'asks_for_quote' as signal
    from counted
    where quote_count > 0 and budget_count > 0 and is_about_quote

),

-- Who goes on asking on the same day gives the same signal.
signals as (

    select
        shown.signal,
        shown.asker,
        timezone(company.timezone, shown.asked_at)::date as signalled_date,
        shown.asked_at as signalled_at,
        shown.lead_id,
        shown.customer_id
    from shown
    cross join company
    where {{ is_in_last_days('signalled_date', 30) }}
    qualify
        row_number() over (
            partition by shown.signal, shown.asker, signalled_date
            order by shown.asked_at
        ) = 1

)

{{ signals_answered('signals') }}
