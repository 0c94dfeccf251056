-- Grain: one row per transcript_id.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        tags=['marts'],
    )
}}
with

transcripts as (

    select * from {{ ref('int_transcripts__newest_kept') }}

)

select
    transcript_id,
    source_system,
    call_id,
    version,
    dial_date,
    scope_date,
    started_at,
    utterance_count,
    agent_utterance_count,
    customer_utterance_count,
    character_count,
    agent_character_count,
    customer_character_count,
    spoken_seconds
from transcripts
where
    not is_deleted
    and {{ is_touched_date('scope_date') }}
