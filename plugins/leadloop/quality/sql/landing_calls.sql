-- Grain: one row per landed version of a call in the loads judged that nothing newer replaces.
-- A row that was corrected since is left out, so that a load is mended by landing corrections.
with

versions as (

    select landed_call.*
    from landed_call
    left join landed_call_corrected as corrected
        on
            landed_call.source_system = corrected.source_system
            and landed_call.source_pk = corrected.source_pk
    where
        landed_call.load_date in (select unnest($loads))
        and coalesce(corrected.newest_row_hash, landed_call.row_hash) = landed_call.row_hash
        and hash(landed_call.source_pk) % $buckets::ubigint = $bucket::ubigint

)

select
    load_date,
    source_system,
    source_pk,
    row_hash,
    source_file,
    source_line,
    call_id,
    direction,
    outcome,
    date_precision,
    talk_s,
    ring_s,
    queue_s,
    ivr_s,
    -- In UTC without saying so: comparing is all that is done with them.
    originated_at at time zone 'UTC' as originated_at,
    answered_at at time zone 'UTC' as answered_at,
    ended_at at time zone 'UTC' as ended_at,
    coalesce(event_date::varchar, 'none') as event_date,
    -- Rows dated by day or month have no event_at; there is nothing to compare them with.
    coalesce(
        (event_at at time zone $timezone)::date::varchar, event_date::varchar, 'none'
    ) as event_date_in_zone,
    event_date - greatest(
        load_date::date, (ingested_at at time zone $timezone)::date
    ) as days_ahead
from versions
