-- Grain: one row per (source_system, lead_id).
{{ config(materialized='table', tags=['marts']) }}
{{
    as_they_stand('leads', 'lead_id', 'merged_into_lead_id', [
        'created_at',
        'channel_id',
        'campaign_id',
        'creative_id',
        'content_theme',
        'phone_hash',
        'customer_id',
        'company_id',
        'segment',
        'industry',
        'city',
        'owner_agent_id',
        'status',
        'stage',
        'lost_reason',
        'converted_at',
    ])
}}
