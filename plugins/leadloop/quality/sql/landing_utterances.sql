-- Grain: one row per landed version of a turn in the loads judged that nothing newer replaces.
with

versions as (

    select landed_utterance.*
    from landed_utterance
    left join landed_utterance_corrected as corrected
        on
            landed_utterance.source_system = corrected.source_system
            and landed_utterance.source_pk = corrected.source_pk
    where
        landed_utterance.load_date in (select unnest($loads))
        and coalesce(corrected.newest_row_hash, landed_utterance.row_hash) = landed_utterance.row_hash
        and hash(landed_utterance.source_pk) % $buckets::ubigint = $bucket::ubigint

)

select
    load_date,
    source_system,
    source_pk,
    row_hash,
    source_file,
    source_line,
    call_id,
    version,
    seq,
    speaker_role,
    begin_ms,
    end_ms,
    length(trim(text_masked)) as text_length,
    -- Eleven digits that start like a Chinese mobile number: masking has been passed by.
    regexp_matches(text_masked, '(^|[^0-9])1[3-9][0-9]{9}([^0-9]|$)') as has_phone_number,
    coalesce(event_date::varchar, 'none') as event_date,
    coalesce(
        (event_at at time zone $timezone)::date::varchar, event_date::varchar, 'none'
    ) as event_date_in_zone
from versions
