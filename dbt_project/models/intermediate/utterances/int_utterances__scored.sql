-- Grain: one row per utterance_id of the newest version of its transcript.
with

utterance_versions as (

    select * from {{ ref('stg_landing__utterances') }}

),

transcripts as (

    select * from {{ ref('int_transcripts__newest_kept') }}

),

scores as (

    select scores.*
    from {{ ref('stg_language__text_scores') }} as scores
    inner join {{ source('language', 'language') }} as in_force
        on scores.language_version = in_force.language_version

),

turns as (

    select turns.*
    from utterance_versions as turns
    inner join transcripts
        on
            turns.transcript_id = transcripts.transcript_id
            and turns.version = transcripts.version
            and turns.scope_date = transcripts.scope_date
    where not transcripts.is_deleted
    qualify
        row_number() over (
            partition by turns.utterance_id
            order by {{ version_key('turns') }} desc
        ) = 1

)

select
    turns.utterance_id,
    turns.transcript_id,
    turns.source_system,
    turns.call_id,
    turns.seq,
    turns.scope_date,
    turns.dial_date,
    turns.speaker_role,
    turns.begin_ms,
    turns.end_ms,
    turns.text_masked,
    scores.language_version,
    scores.intent,
    scores.intent_score,
    scores.is_abstained,
    scores.sentiment_score,
    scores.hits
from turns
left join scores
    on turns.text_hash = scores.text_hash and turns.side = scores.side
where not turns.is_deleted
