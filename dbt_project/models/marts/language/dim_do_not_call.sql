-- Grain: one row per phone_hash that asked for no more calls or stands on a list.
{{ config(materialized='table', tags=['marts']) }}
with

requests as (

    select * from {{ ref('fct_do_not_call_requests') }}

),

entries as (

    select * from {{ ref('dim_dnc_entries_history') }}

),

-- What a person said holds for good; a list may name its end.
told as (

    select
        phone_hash,
        call_id,
        requested_at,
        request_id,
        source,
        null::timestamptz as until_at
    from requests

    union all

    select
        phone_hash,
        source_call_id as call_id,
        began_at as requested_at,
        'list:' || list_id as request_id,
        'list ' || list_id as source,
        case
            when valid_to is not null
                then greatest(valid_to, coalesce(earliest_end_at, valid_to))
        end as until_at
    from entries
    where not is_deleted

)

select
    phone_hash,
    max_by(call_id, (requested_at, request_id)) as call_id,
    max(requested_at) as requested_at,
    min(requested_at) as first_requested_at,
    count(*)::integer as request_count,
    max_by(source, (requested_at, request_id)) as source,
    case when bool_and(until_at is not null) then max(until_at) end as until_at
from told
where
    -- A request of a call whose number is not known stays in fct_do_not_call_requests.
    phone_hash is not null
group by all
