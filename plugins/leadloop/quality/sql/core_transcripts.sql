-- Grain: one row per transcript_id of the touched dates.
select
    scope_date::varchar as scope_date,
    source_system,
    transcript_id,
    utterance_count,
    agent_utterance_count + customer_utterance_count as spoken_count
from intermediate.int_transcripts__newest_kept
where
    scope_date in (select event_date from raw.touched_dates)
    and hash(transcript_id) % $buckets::ubigint = $bucket::ubigint
