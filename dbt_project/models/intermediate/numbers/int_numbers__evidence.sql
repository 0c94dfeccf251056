-- Grain: one row per dial or inbound call that says something of its number.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        on_schema_change='fail',
        tags=['core'],
    )
}}
with

dials as (

    select * from {{ ref('int_dials__newest_kept') }}

),

judged as (

    select
        dials.dial_id as evidence_id,
        dials.scope_date,
        dials.phone_hash,
        dials.outcome as code,
        coalesce(dials.originated_at, dials.scope_date::timestamptz) as seen_at,
        case
            -- Who calls us has a line. A machine proves nothing: many a carrier's
            -- voice that says 空号 is taken for one.
            when dials.direction = 'inbound' then 'alive'
            when dials.direction <> 'outbound' then null
            when dials.outcome like 'human_%' then 'alive'
            when dials.outcome in ('busy', 'rejected', 'power_off', 'abandoned')
                then 'alive'
            when dials.outcome = 'invalid_number' then 'dead'
            when dials.outcome = 'suspended' then 'suspended'
        end as kind
    from dials
    where
        dials.phone_hash is not null
        and not dials.is_deleted
        and {{ is_touched_date('dials.scope_date') }}

)

select *
from judged
where kind is not null
