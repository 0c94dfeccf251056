-- Grain: one row per landed row, in the loads judged, of a table that has no suite of its own.
select
    load_date,
    source_file,
    source_line,
    source_system,
    source_pk,
    table_name,
    row_hash,
    exported_at,
    missing_columns,
    unknown_columns
from landed_tables
where
    load_date in (select unnest($loads))
    and hash(source_pk) % $buckets::ubigint = $bucket::ubigint
