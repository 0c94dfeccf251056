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

    select transcripts.*
    from {{ ref('int_transcripts__newest_kept') }} as transcripts
    where
        not transcripts.is_deleted
        and {{ is_touched_date('transcripts.scope_date') }}

),

matches as (

    {{ match_transcripts('transcripts', ref('fct_dials')) }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

spoken as (

    select
        turns.transcript_id,
        max(turns.language_version) as language_version,
        count(turns.language_version)::integer as scored_utterance_count,
        -- As a decimal: a sum of floats depends on the order of the rows.
        avg(turns.sentiment_score::decimal(9, 6)) filter (
            where turns.speaker_role = 'customer'
        ) as customer_sentiment_score
    from {{ ref('int_utterances__scored') }} as turns
    where {{ is_touched_date('turns.scope_date') }}
    group by all

),

found as (

    select
        hits.transcript_id,
        {{ count_where("hits.kind = 'forbidden' and hits.severity >= 2") }}
            as forbidden_hit_count,
        {{ count_where("hits.kind = 'competitor'") }} as competitor_hit_count,
        {{ count_where("hits.kind = 'do_not_call'") }} as dnc_hit_count
    from {{ ref('int_utterances__hits_listed') }} as hits
    where {{ is_touched_date('hits.scope_date') }}
    group by all

),

joined as (

    select
        transcripts.transcript_id,
        transcripts.source_system,
        transcripts.call_id,
        transcripts.scope_date,
        transcripts.dial_date,
        transcripts.agent_utterance_count,
        coalesce(transcripts.started_at, matches.originated_at) as started_at,
        matches.dial_id,
        matches.dial_source_system,
        matches.agent_id,
        matches.customer_id,
        matches.lead_id,
        matches.campaign_id,
        matches.channel_id,
        matches.phone_hash,
        -- A transcript without its dial is judged by the length of its own turns.
        coalesce(
            matches.is_short_talk,
            transcripts.spoken_seconds < company.short_talk_seconds,
            false
        ) as is_short_talk,
        coalesce(spoken.scored_utterance_count, 0) as scored_utterance_count,
        coalesce(found.forbidden_hit_count, 0) as forbidden_hit_count,
        coalesce(found.competitor_hit_count, 0) as competitor_hit_count,
        coalesce(found.dnc_hit_count, 0) as dnc_hit_count,
        spoken.customer_sentiment_score,
        spoken.language_version
    from transcripts
    cross join company
    left join matches on transcripts.transcript_id = matches.transcript_id
    left join spoken on transcripts.transcript_id = spoken.transcript_id
    left join found on transcripts.transcript_id = found.transcript_id

)

select
    * exclude (agent_utterance_count),
    not is_short_talk
    and agent_utterance_count > 0
    and scored_utterance_count > 0 as is_analysable
from joined
