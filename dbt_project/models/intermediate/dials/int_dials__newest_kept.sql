-- Grain: one row per dial_id, its newest version, withdrawn ones included.
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

),

newest_in_scope as (

    select versions.*
    from versions
    where {{ is_touched_date('versions.scope_date') }}
    qualify
        row_number() over (
            partition by versions.dial_id
            order by {{ version_key('versions') }} desc
        ) = 1

)

select newest.*
from newest_in_scope as newest
where {{ is_newest_anywhere('newest', 'dial_id') }}
