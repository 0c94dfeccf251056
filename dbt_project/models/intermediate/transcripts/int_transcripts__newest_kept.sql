-- Grain: one row per transcript_id, its newest version.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        on_schema_change='fail',
    )
}}
with

utterance_versions as (

    select * from {{ ref('stg_landing__utterances') }}

),

utterances as (

    select turns.*
    from utterance_versions as turns
    where {{ is_touched_date('turns.scope_date') }}
    qualify
        row_number() over (
            partition by turns.utterance_id
            order by {{ version_key('turns') }} desc
        ) = 1

),

transcript_versions as (

    select
        turns.transcript_id,
        turns.source_system,
        turns.call_id,
        turns.version,
        turns.scope_date,
        turns.dial_date,
        min(turns.started_at) as started_at,
        count(*)::integer as utterance_count,
        {{ count_where("turns.speaker_role = 'agent'") }} as agent_utterance_count,
        {{ count_where("turns.speaker_role = 'customer'") }}
            as customer_utterance_count,
        sum(turns.character_count)::integer as character_count,
        {{ sum_where('turns.character_count', "turns.speaker_role = 'agent'") }}
            as agent_character_count,
        {{ sum_where('turns.character_count', "turns.speaker_role = 'customer'") }}
            as customer_character_count,
        ((max(turns.end_ms) - min(turns.begin_ms)) // 1000)::integer as spoken_seconds,
        max({{ version_key('turns') }}) as newest_turn,
        bool_and(turns.is_deleted) as is_deleted
    from utterances as turns
    group by all

),

-- The newest turn tells two deliveries of one version apart.
dated_versions as (

    select
        * exclude (newest_turn),
        nullif(newest_turn['extracted_at'], timestamptz '-infinity') as extracted_at,
        newest_turn['ingested_at'] as ingested_at,
        newest_turn['source_line'] as source_line,
        newest_turn['row_hash'] as row_hash
    from transcript_versions

),

newest_in_scope as (

    select versions.*
    from dated_versions as versions
    qualify
        row_number() over (
            partition by versions.transcript_id
            order by {{ version_key('versions', 'version') }} desc
        ) = 1

)

select newest.*
from newest_in_scope as newest
where {{ is_newest_anywhere('newest', 'transcript_id', 'version') }}
