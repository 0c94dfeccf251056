-- Grain: one row per (utterance_id, kind, label, span_begin).
with

utterances as (

    select * from {{ ref('int_utterances__scored') }}

),

list_speakers as (

    select * from {{ source('language', 'list_speakers') }}

),

hits as (

    select
        utterances.utterance_id,
        utterances.transcript_id,
        utterances.scope_date,
        utterances.speaker_role,
        utterances.text_masked,
        unnest(utterances.hits) as hit
    from utterances

),

-- Whose words a list looks at: an agent may name rivals, a customer may want gains.
listed as (

    select
        hits.utterance_id,
        hits.transcript_id,
        hits.scope_date,
        hits.text_masked,
        hits.hit['kind'] as kind,
        hits.hit['label'] as label,
        hits.hit['severity'] as severity,
        hits.hit['is_negated'] as is_negated,
        hits.hit['span_begin'] as span_begin,
        hits.hit['span_end'] as span_end,
        hits.hit['list_version'] as list_version,
        greatest(hits.hit['span_begin'] - 10, 0) as quote_begin
    from hits
    inner join list_speakers
        on
            hits.hit['kind'] = list_speakers.kind
            and hits.speaker_role = list_speakers.speaker_role

)

select
    utterance_id,
    transcript_id,
    scope_date,
    kind,
    label,
    severity,
    is_negated,
    span_begin,
    span_end,
    list_version,
    -- The words found, with ten characters before and after.
    substring(text_masked, quote_begin + 1, span_end + 10 - quote_begin) as evidence
from listed
qualify
    row_number() over (
        partition by utterance_id, kind, label, span_begin
        order by severity desc, span_end desc
    ) = 1
