-- Grain: one row per (customer_id, renewal_date).
with

subscriptions as (

    select *
    from {{ ref('int_subscriptions__newest_kept') }}
    where not is_deleted and customer_id is not null

)

select
    customer_id,
    renewed_on as renewal_date
from subscriptions
where renewed_on is not null

union

-- Some sources never write a renewal into the old term: the next one tells it.
select
    customer_id,
    started_on as renewal_date
from subscriptions
where term_no > 1 and started_on is not null
