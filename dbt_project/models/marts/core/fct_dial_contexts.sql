-- Grain: one row per dial or inbound call that has a day.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='dial_date',
        tags=['marts'],
    )
}}
with

agents as (

    {{ states_by_key(ref('dim_agents_history'), 'agent_id') }}

),

leads as (

    {{ states_by_key(ref('dim_leads_history'), 'lead_id') }}

),

channels as (

    {{ states_by_key(ref('dim_channels_history'), 'channel_id') }}

),

campaigns as (

    {{ states_by_key(ref('dim_campaigns_history'), 'campaign_id') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

dials as (

    select
        facts.*,
        -- What has no clock time is judged as things stood when its day was over.
        coalesce(
            facts.originated_at,
            {{ local_midnight('facts.dial_date + 1', 'company.timezone') }}
        ) as moment
    from {{ ref('fct_dials') }} as facts
    cross join company
    where {{ is_touched_date('facts.dial_date') }}

)

select
    dials.dial_id,
    dials.dial_date,
    {{ told_at('dials', 'agents', 'team_id') }} as team_id,
    {{ told_at('dials', 'agents', 'site') }} as agent_site,
    {{ told_at('dials', 'agents', 'role') }} as agent_role,
    {{ told_at('dials', 'agents', 'skill_level') }} as agent_skill_level,
    {{ told_at('dials', 'agents', 'hired_date') }} as agent_hired_date,
    {{ told_at('dials', 'leads', 'channel_id') }} as lead_channel_id,
    {{ told_at('dials', 'leads', 'campaign_id') }} as lead_campaign_id,
    {{ told_at('dials', 'leads', 'segment') }} as lead_segment,
    {{ told_at('dials', 'leads', 'industry') }} as lead_industry,
    {{ told_at('dials', 'leads', 'city') }} as lead_city,
    {{ told_at('dials', 'leads', 'status') }} as lead_status,
    {{ told_at('dials', 'leads', 'stage') }} as lead_stage,
    {{ told_at('dials', 'leads', 'owner_agent_id') }} as lead_owner_agent_id,
    {{ told_at('dials', 'channels', 'name') }} as channel_name,
    {{ told_at('dials', 'channels', 'type') }} as channel_type,
    {{ told_at('dials', 'campaigns', 'name') }} as campaign_name,
    {{ told_at('dials', 'campaigns', 'purpose') }} as campaign_purpose
from dials
{{ state_at('dials', 'agents', 'agent_id') }}
{{ state_at('dials', 'leads', 'lead_id') }}
{{ state_at('dials', 'channels', 'channel_id') }}
{{ state_at('dials', 'campaigns', 'campaign_id') }}
