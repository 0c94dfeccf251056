-- Grain: one row per (customer_id, renewal_date).
with

terms as (

    select *
    from {{ ref('int_money__terms_followed') }}
    where customer_id is not null

)

select
    customer_id,
    renewed_on as renewal_date
from terms
where renewed_on is not null

union

-- Where the term before it is not on record the number tells that it is not the first.
select
    customer_id,
    started_on as renewal_date
from terms
where term_no > 1 and started_on is not null
