-- Grain: one row per (source_system, campaign_id, cost_date, cost_type).
{{ config(materialized='table', tags=['marts']) }}
with

-- What is sent again for a campaign, a day and a type takes the place of what was sent
-- before: the final amount that of its estimate.
costs as (

    select * from {{ ref('int_campaign_costs__newest_kept') }}
    where not is_deleted

),

company as (

    select * from {{ source('scope', 'company') }}

),

campaigns as (

    {{ states_by_key(ref('dim_campaigns_history'), 'campaign_id') }}

)

select
    costs.source_system,
    costs.campaign_id,
    costs.cost_date,
    costs.cost_type,
    coalesce(costs.channel_id, campaigns.channel_id) as channel_id,
    costs.amount as cost_amount,
    coalesce(upper(costs.currency), company.currency) as currency,
    coalesce(upper(costs.currency), company.currency) = company.currency
        as is_company_currency,
    coalesce(costs.is_estimate, false) as is_estimate,
    costs.impression_count,
    costs.click_count,
    costs.billed_lead_count,
    costs.batch_id,
    costs.load_date
from costs
cross join company
left join campaigns
    on costs.campaign_id = campaigns.campaign_id and campaigns.is_current
