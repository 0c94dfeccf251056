-- Grain: one row per (entered_date, channel_id, campaign_id, content_theme, segment).
{{ config(materialized='table', tags=['marts']) }}
with

leads as (

    select funnel.*
    from {{ ref('fct_leads_funnel') }} as funnel
    where {{ is_countable_lead('funnel') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

run as (

    select * from {{ source('scope', 'run') }}

),

seen as (

    select {{ local_midnight('run.day + 1', 'company.timezone') }} as seen_until_at
    from run
    cross join company

),

stages as (

    select * from {{ source('scope', 'funnel_stages') }}

),

windows as (

    select {{ funnel_windows() }}
    from stages

),

judged as (

    select
        leads.entered_date,
        leads.channel_id,
        leads.campaign_id,
        leads.content_theme,
        leads.segment,
        leads.is_won_outside,
        {{ funnel_judged('leads', 'windows', 'seen.seen_until_at') }}
    from leads
    cross join seen
    cross join windows

)

select
    entered_date,
    channel_id,
    campaign_id,
    content_theme,
    segment,
    {{ funnel_counts() }},
    {{ count_where('is_won_outside') }} as won_outside_count
from judged
group by all
