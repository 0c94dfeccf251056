-- Grain: one row per phone_hash that asked for no more calls or stands on a list.
{{ config(materialized='table', tags=['marts']) }}
with

{{ do_not_call_told() }}

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
