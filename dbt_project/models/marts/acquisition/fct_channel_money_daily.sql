-- Grain: one row per (channel_id, cohort_date): a day's spending and its leads.
{{ config(materialized='table', tags=['marts']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

created as (

    select
        leads.channel_id,
        timezone(company.timezone, leads.created_at)::date as cohort_date,
        count(*) as lead_count
    from {{ ref('dim_leads') }} as leads
    cross join company
    where
        leads.created_at is not null
        and not leads.is_merged
        and not leads.is_deleted
    group by all

),

-- Everything that a lead's orders brought so far, on the day on which the lead came in.
by_lead as (

    select
        channel_id,
        lead_created_date as cohort_date,
        lead_id,
        min(order_date) filter (where is_sale and order_date >= lead_created_date)
            as first_sale_date,
        sum(net_amount) filter (where is_company_currency) as net_amount,
        sum(margin_amount) filter (where is_company_currency) as margin_amount
    from {{ ref('fct_sales') }}
    where lead_created_date is not null
    group by all

),

parts as (

    select
        channel_id,
        cost_date as cohort_date,
        cost_amount,
        is_estimate
    from {{ ref('fct_campaign_costs_daily') }}
    where is_company_currency
    union all by name
    select
        channel_id,
        cohort_date,
        lead_count
    from created
    union all by name
    select
        by_lead.channel_id,
        by_lead.cohort_date,
        by_lead.net_amount,
        by_lead.margin_amount,
        coalesce(
            by_lead.first_sale_date <= by_lead.cohort_date + company.deal_days, false
        ) as is_deal
    from by_lead
    cross join company

),

summed as (

    select
        channel_id,
        cohort_date,
        sum(cost_amount)::decimal(18, 4) as cost_amount,
        sum(cost_amount) filter (where is_estimate)::decimal(18, 4)
            as estimated_cost_amount,
        coalesce(sum(lead_count), 0)::bigint as lead_count,
        count(*) filter (where is_deal)::bigint as deal_count,
        coalesce(sum(net_amount), 0)::decimal(18, 4) as net_amount,
        sum(margin_amount)::decimal(18, 4) as margin_amount
    from parts
    group by all

)

select
    summed.channel_id,
    summed.cohort_date,
    summed.cost_amount,
    summed.estimated_cost_amount,
    summed.lead_count,
    summed.deal_count,
    summed.net_amount,
    -- A day without a sale has a margin of 0, but only where margins are told at all.
    case
        when bool_or(summed.margin_amount is not null) over ()
            then coalesce(summed.margin_amount, 0)
    end as margin_amount,
    summed.cohort_date + company.deal_days <= horizons.known_until_date as is_mature
from summed
cross join company
cross join {{ ref('dim_horizons') }} as horizons
