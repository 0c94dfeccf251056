-- Grain: one row per (scope_date, source_system, anomaly).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        tags=['marts'],
    )
}}
with

anomalies as (

    select * from {{ ref('int_dials__anomalies_found') }}

),

landed as (

    select * from {{ ref('int_dials__landed_counted') }}

),

kept as (

    select * from {{ ref('int_dials__newest_kept') }}

),

meanings as (

    select * from {{ ref('row_anomalies') }}

),

kept_counts as (

    select
        scope_date,
        source_system,
        count(*)::bigint as kept_count
    from kept
    where {{ is_touched_date('scope_date') }}
    group by all

),

counted as (

    select
        scope_date,
        source_system,
        anomaly,
        count(*)::bigint as row_count
    from anomalies
    where {{ is_touched_date('scope_date') }}
    group by all

    union all

    select
        landed.scope_date,
        landed.source_system,
        'superseded' as anomaly,
        landed.landed_count - coalesce(kept_counts.kept_count, 0) as row_count
    from landed
    left join kept_counts
        on
            landed.scope_date = kept_counts.scope_date
            and landed.source_system = kept_counts.source_system
    where
        landed.landed_count > coalesce(kept_counts.kept_count, 0)
        and {{ is_touched_date('landed.scope_date') }}

)

select
    counted.scope_date,
    counted.source_system,
    counted.anomaly,
    meanings.label_zh,
    meanings.label_en,
    meanings.is_dropped,
    counted.row_count
from counted
left join meanings on counted.anomaly = meanings.anomaly
