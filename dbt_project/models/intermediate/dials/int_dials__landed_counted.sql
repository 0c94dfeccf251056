-- Grain: one row per (scope_date, source_system).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        on_schema_change='fail',
    )
}}
with

versions as (

    select * from {{ ref('stg_landing__calls') }}

)

select
    scope_date,
    source_system,
    count(*)::bigint as landed_count
from versions
where {{ is_touched_date('scope_date') }}
group by all
