-- Grain: one row per term of a subscription that its source has not withdrawn.
with

subscriptions as (

    select *
    from {{ ref('int_subscriptions__newest_kept') }}
    where not is_deleted

)

select
    source_system,
    subscription_id,
    term_no,
    customer_id,
    plan,
    started_on,
    due_on,
    -- Some sources never write a renewal into the old term: the next one tells it.
    coalesce(
        renewed_on,
        case
            when
                lead(term_no) over terms = term_no + 1
                then lead(started_on) over terms
        end
    ) as renewed_on,
    cancelled_on,
    mrr,
    currency,
    is_auto_renewed,
    coalesce(extracted_at, ingested_at) as told_at
from subscriptions
window terms as (partition by source_system, subscription_id order by term_no)
