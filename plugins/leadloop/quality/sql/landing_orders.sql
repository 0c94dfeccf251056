-- Grain: one row per landed version of an order in the loads judged that nothing newer replaces.
with

versions as (

    select landed_order.*
    from landed_order
    left join landed_order_corrected as corrected
        on
            landed_order.source_system = corrected.source_system
            and landed_order.source_pk = corrected.source_pk
    where
        landed_order.load_date in (select unnest($loads))
        and coalesce(corrected.newest_row_hash, landed_order.row_hash) = landed_order.row_hash
        and hash(landed_order.source_pk) % $buckets::ubigint = $bucket::ubigint

)

select
    load_date,
    source_system,
    source_pk,
    row_hash,
    source_file,
    source_line,
    order_id,
    amount,
    gross_margin,
    coalesce(event_date::varchar, 'none') as event_date,
    coalesce(
        (event_at at time zone $timezone)::date::varchar, event_date::varchar, 'none'
    ) as event_date_in_zone
from versions
