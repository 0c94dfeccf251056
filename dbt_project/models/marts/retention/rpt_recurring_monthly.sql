-- Grain: one row per month in which subscriptions ran at its beginning.
{{ config(materialized='table', tags=['marts']) }}
with

terms as (

    select terms.*
    from {{ ref('fct_subscription_terms') }} as terms
    inner join {{ source('scope', 'company') }} as company
        on terms.currency = company.currency
    where
        terms.started_date is not null
        and terms.monthly_amount is not null

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

spans as (

    select
        date_trunc('month', min(terms.started_date)) as opens_on,
        date_trunc('month', min(horizons.known_until_date)) as ends_on,
        min(timezone(company.timezone, terms.told_at)::date) as first_told_date
    from terms
    cross join horizons
    cross join company

),

-- Both ends of every month that is over.
moments as (

    select unnest(generate_series(opens_on, ends_on, interval 1 month))::date as moment
    from spans

),

running as (

    select
        moments.moment,
        coalesce(terms.customer_id, terms.subscription_id) as payer,
        sum(terms.monthly_amount) as monthly_amount
    from moments
    inner join terms
        on
            moments.moment >= terms.started_date
            and (terms.ended_date is null or moments.moment < terms.ended_date)
    group by all

),

-- Who was there at the beginning: new customers are neither kept nor lost.
kept as (

    select
        opening.moment as month_start_date,
        opening.payer,
        opening.monthly_amount as opening_amount,
        coalesce(closing.monthly_amount, 0) as closing_amount
    from running as opening
    inner join spans on opening.moment < spans.ends_on
    left join running as closing
        on
            opening.payer = closing.payer
            and closing.moment = opening.moment + interval 1 month

),

summed as (

    select
        month_start_date,
        count(*)::bigint as customer_count,
        count(*) filter (where closing_amount = 0)::bigint as lost_count,
        sum(opening_amount)::decimal(18, 4) as opening_amount,
        sum(least(opening_amount, closing_amount))::decimal(18, 4) as kept_amount,
        sum(closing_amount)::decimal(18, 4) as closing_amount
    from kept
    group by all

)

select
    summed.*,
    {{ safe_rate('summed.kept_amount', 'summed.opening_amount') }} as grr_rate,
    {{ safe_rate('summed.closing_amount', 'summed.opening_amount') }} as nrr_rate,
    -- What was told later knows of earlier months only those who stayed.
    summed.month_start_date >= spans.first_told_date as is_observed,
    summed.month_start_date + interval 1 month + to_days(company.renewal_grace_days)
    <= horizons.known_until_date as is_mature
from summed
cross join spans
cross join company
cross join horizons
