-- Grain: one row per (utterance_id, annotator, kind, label, span_begin).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        tags=['marts'],
    )
}}
with

calls as (

    select * from {{ ref('fct_analysed_calls') }}

),

utterances as (

    select turns.*
    from {{ ref('int_utterances__scored') }} as turns
    where
        {{ is_touched_date('turns.scope_date') }}
        and turns.language_version is not null

),

intents as (

    select
        utterance_id,
        'intent' as kind,
        intent as label,
        intent_score as label_score,
        is_abstained
    from utterances
    where intent is not null

),

sentiments as (

    select
        utterance_id,
        'sentiment' as kind,
        case when sentiment_score > 0 then 'positive' else 'negative' end as label,
        sentiment_score as label_score,
        false as is_abstained
    from utterances
    where sentiment_score <> 0

),

hits as (

    select
        hits.*,
        false as is_abstained
    from {{ ref('int_utterances__hits_listed') }} as hits
    where {{ is_touched_date('hits.scope_date') }}

),

labels as (

    select * from intents

    union all by name

    select * from sentiments

    union all by name

    select * from hits

)

select
    utterances.utterance_id,
    utterances.transcript_id,
    utterances.source_system,
    utterances.call_id,
    utterances.seq,
    utterances.scope_date,
    utterances.dial_date,
    calls.dial_id,
    calls.agent_id,
    calls.customer_id,
    utterances.speaker_role,
    labels.kind,
    labels.label,
    labels.label_score::double as label_score,
    labels.is_abstained,
    labels.severity,
    labels.is_negated,
    labels.span_begin,
    labels.span_end,
    labels.evidence,
    'leadloop' as annotator,
    utterances.language_version as annotator_version,
    labels.list_version,
    false as is_human
from labels
inner join utterances on labels.utterance_id = utterances.utterance_id
inner join calls on utterances.transcript_id = calls.transcript_id
where
    -- What a talk of seconds is for says nothing; a request in it still counts.
    not calls.is_short_talk
    or labels.kind not in ('intent', 'sentiment')
