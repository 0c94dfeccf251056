-- Grain: one row per phone_hash that asked for no more calls.
{{ config(materialized='table', tags=['marts']) }}
with

requests as (

    select * from {{ ref('fct_do_not_call_requests') }}

)

select
    requests.phone_hash,
    max_by(requests.call_id, (requests.requested_at, requests.request_id)) as call_id,
    max(requests.requested_at) as requested_at,
    min(requests.requested_at) as first_requested_at,
    count(*)::integer as request_count,
    max_by(requests.source, (requests.requested_at, requests.request_id)) as source
from requests
where
    -- A request of a call whose number is not known stays in fct_do_not_call_requests.
    requests.phone_hash is not null
group by all
