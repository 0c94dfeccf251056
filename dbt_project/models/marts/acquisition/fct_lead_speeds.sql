-- Grain: one row per lead that came in at a known time, those merged away left out.
{{ config(materialized='table', tags=['marts']) }}
with

leads as (

    select * from {{ ref('fct_leads_funnel') }}
    where
        is_in_crm
        and not is_merged
        and not is_withdrawn
        and entered_at is not null
        -- A lead without a time of its own is taken to come in with its first dial.
        and entered_at is distinct from dialled_at

),

company as (

    select * from {{ source('scope', 'company') }}

),

run as (

    select * from {{ source('scope', 'run') }}

),

open_hours as (

    select * from {{ ref('dim_open_hours') }}

),

seen as (

    select
        leads.*,
        {{ local_midnight('run.day + 1', 'company.timezone') }} as seen_until_at
    from leads
    cross join run
    cross join company

),

clocked as (

    select
        seen.*,
        seen.dialled_at is not null as is_dialled,
        epoch(seen.dialled_at - seen.entered_at) as told_wall_seconds,
        epoch(seen.seen_until_at - seen.entered_at) as seen_wall_seconds,
        {{ business_seconds('seen.entered_at', 'came', 'seen.dialled_at', 'dialled') }}
            as told_business_seconds,
        {{ business_seconds('seen.entered_at', 'came', 'seen.seen_until_at', 'ended') }}
            as seen_business_seconds
    from seen
    {{ open_hours_at('seen', 'entered_at', 'open_hours', 'came') }}
    {{ open_hours_at('seen', 'dialled_at', 'open_hours', 'dialled') }}
    {{ open_hours_at('seen', 'seen_until_at', 'open_hours', 'ended') }}

),

-- Clocks differ: a dial before the CRM wrote the lead down was made at once.
floored as (

    select
        *,
        case when is_dialled then greatest(told_wall_seconds, 0)::bigint end
            as wall_seconds,
        case
            when told_business_seconds is not null
                then greatest(told_business_seconds, 0)::bigint
        end as business_seconds
    from clocked

)

select
    lead_id,
    entered_at,
    entered_date,
    channel_id,
    campaign_id,
    content_theme,
    segment,
    owner_agent_id,
    dialled_at,
    is_dialled,
    wall_seconds,
    business_seconds,
    -- Who came in a minute ago is not late yet.
    case
        when wall_seconds is not null then wall_seconds <= 300
        when seen_wall_seconds > 300 then false
    end as is_quick,
    case
        when business_seconds is not null then business_seconds <= 300
        when seen_business_seconds > 300 then false
    end as is_quick_in_business
from floored
