-- Grain: one row per (channel_id, week_start_date): what a week's spending brought.
{{ config(materialized='table', tags=['marts']) }}
with

days as (

    select
        days.*,
        {{ week_start('days.cohort_date', 'company.week_start') }} as week_start_date
    from {{ ref('fct_channel_money_daily') }} as days
    cross join {{ source('scope', 'company') }} as company

),

sales as (

    select
        sales.*,
        {{ week_start('sales.lead_created_date', 'company.week_start') }}
            as week_start_date
    from {{ ref('fct_sales') }} as sales
    cross join {{ source('scope', 'company') }} as company
    where
        sales.lead_created_date is not null
        and sales.is_company_currency

),

weeks as (

    select
        channel_id,
        week_start_date,
        sum(cost_amount)::decimal(18, 4) as cost_amount,
        sum(estimated_cost_amount)::decimal(18, 4) as estimated_cost_amount,
        sum(lead_count)::bigint as lead_count,
        sum(deal_count)::bigint as deal_count,
        sum(lead_count) filter (where is_mature)::bigint as mature_lead_count,
        sum(deal_count) filter (where is_mature)::bigint as mature_deal_count,
        sum(net_amount)::decimal(18, 4) as net_amount,
        sum(margin_amount)::decimal(18, 4) as margin_amount
    from days
    group by all

),

earned as (

    select
        channel_id,
        week_start_date,
        order_date,
        sum(margin_amount) over (
            partition by channel_id, week_start_date order by order_date
        ) as earned_amount
    from sales

),

paid_back as (

    select
        weeks.channel_id,
        weeks.week_start_date,
        min(earned.order_date) as paid_back_date
    from weeks
    inner join earned
        on
            weeks.channel_id is not distinct from earned.channel_id
            and weeks.week_start_date = earned.week_start_date
            and weeks.cost_amount <= earned.earned_amount
    where weeks.cost_amount > 0
    group by all

)

select
    weeks.*,
    {{ money_rates('weeks') }},
    (paid_back.paid_back_date - weeks.week_start_date)::integer as payback_day_count
from weeks
left join paid_back
    on
        weeks.channel_id is not distinct from paid_back.channel_id
        and weeks.week_start_date = paid_back.week_start_date
