-- Grain: one row per (source_system, lead_id).
{{ config(materialized='table', tags=['marts']) }}
with

states as (

    select * from {{ ref('dim_leads_history') }}

),

newest as (

    select
        *,
        count(*) over (partition by source_system, lead_id) as state_count
    from states
    qualify
        row_number() over (
            partition by source_system, lead_id order by valid_from desc
        ) = 1

),

survivors as (

    {{ survivors_of('newest', 'lead_id', 'merged_into_lead_id') }}

)

select
    newest.source_system,
    newest.lead_id,
    survivors.survivor as surviving_lead_id,
    survivors.survivor <> newest.lead_id as is_merged,
    newest.created_at,
    newest.channel_id,
    newest.campaign_id,
    newest.phone_hash,
    newest.customer_id,
    newest.company_id,
    newest.segment,
    newest.industry,
    newest.city,
    newest.owner_agent_id,
    newest.status,
    newest.stage,
    newest.converted_at,
    newest.state_count::integer as state_count,
    newest.is_deleted
from newest
inner join survivors
    on
        newest.source_system = survivors.source_system
        and newest.lead_id = survivors.lead_id
