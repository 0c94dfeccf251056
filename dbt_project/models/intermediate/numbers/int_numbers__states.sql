-- Grain: one row per state of a phone_hash.
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='phone_hash',
        on_schema_change='fail',
        tags=['core'],
    )
}}
with

dials as (

    select * from {{ ref('int_numbers__evidence') }}

),

checks as (

    select * from {{ ref('int_number_statuses__states') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

-- Numbers of which something has come, or went away, in this run.
touched as (

    select phone_hash from dials
    where {{ is_touched_date('scope_date') }}
    union
    select phone_hash from {{ ref('stg_landing__number_statuses') }}
    union
    {% if is_incremental() -%}
        select phone_hash from {{ this }}
        where
            {{ is_touched_date('began_date') }}
            or {{ is_touched_date('last_evidence_date') }}
    {%- else -%}
        select phone_hash from dials
        where false
    {%- endif %}

),

told as (

    select
        dials.phone_hash,
        dials.scope_date as evidence_date,
        dials.seen_at,
        dials.kind,
        dials.code,
        'dial' as told_by,
        dials.evidence_id
    from dials
    semi join touched on dials.phone_hash = touched.phone_hash

    union all

    select
        checks.phone_hash,
        timezone(company.timezone, checks.checked_at)::date as evidence_date,
        checks.checked_at as seen_at,
        case
            when checks.status = 'in_service' then 'alive'
            when checks.status in ('invalid', 'not_in_base') then 'surely_dead'
            when checks.status = 'suspended' then 'suspended'
        end as kind,
        checks.status as code,
        'vendor' as told_by,
        checks.source_system || ':' || checks.row_hash as evidence_id
    from checks
    semi join touched on checks.phone_hash = touched.phone_hash
    cross join company
    -- Of a silent or risky number nothing follows for a dial.
    where not checks.is_deleted and checks.status not in ('silent', 'risky', 'other')

),

{{ judge_numbers('told', 'company') }}

select
    placed.phone_hash,
    placed.state_number::integer as state_number,
    any_value(placed.state) as state,
    min_by(placed.told_by, (placed.seen_at, placed.evidence_id)) as told_by,
    min_by(placed.code, (placed.seen_at, placed.evidence_id)) as code,
    min(placed.seen_at) as began_at,
    min(placed.evidence_date) as began_date,
    max(placed.seen_at) as last_evidence_at,
    max(placed.evidence_date) as last_evidence_date
from placed
group by all
