-- Grain: one row per landed version of an utterance.
with

source as (

    select * from {{ source('landing', 'utterances') }}

),

renamed as (

    select
        -- Keys
        source_system || ':' || source_pk as utterance_id,
        source_system || ':' || call_id as transcript_id,
        source_system,
        source_pk,
        call_id,
        version::integer as version,
        seq::integer as seq,

        -- What was said; a view, so the words stay in landing. Hash and side are
        -- the key of what the language step knows of a text.
        speaker_role,
        text_masked,
        md5(text_masked) as text_hash,
        case
            when speaker_role in ('agent', 'customer') then speaker_role else 'other'
        end as side,
        begin_ms,
        end_ms,
        length(text_masked)::integer as character_count,
        asr_conf as asr_confidence_score,

        -- When; a transcript without a day is kept under the date of its load.
        spoken_at as started_at,
        event_date as dial_date,
        date_precision,
        coalesce(event_date, load_date::date) as scope_date,

        -- Where it came from and which version it is
        load_date::date as load_date,
        batch_id,
        row_hash,
        extracted_at,
        ingested_at,
        is_deleted,
        source_file,
        source_line
    from source

)

select * from renamed
