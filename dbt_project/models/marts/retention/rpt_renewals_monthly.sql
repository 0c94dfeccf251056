-- Grain: one row per (due_month, plan), up to the last month known.
{{ config(materialized='table', tags=['marts']) }}
with

terms as (

    select * from {{ ref('fct_subscription_terms') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

counted as (

    select
        terms.due_month,
        terms.plan,
        count(*)::bigint as term_count,
        count(*) filter (where terms.is_due)::bigint as due_count,
        count(*) filter (where terms.status = 'renewed_on_time')::bigint
            as renewed_on_time_count,
        count(*) filter (where terms.status = 'renewed_in_grace')::bigint
            as renewed_in_grace_count,
        count(*) filter (where terms.status = 'won_back')::bigint as won_back_count,
        count(*) filter (where terms.status = 'cancelled')::bigint as cancelled_count,
        count(*) filter (where terms.status = 'lapsed')::bigint as lapsed_count,
        count(*) filter (where terms.status = 'in_grace')::bigint as in_grace_count,
        count(*) filter (where terms.status = 'running')::bigint as running_count,
        nullif(count(*) filter (where terms.is_mature), 0)::bigint as mature_count,
        case
            when count(*) filter (where terms.is_mature) > 0
                then count(*) filter (where terms.is_renewed)
        end::bigint as mature_renewed_count,
        sum(terms.is_renewal_paid::integer)::bigint as mature_paid_count
    from terms
    inner join horizons on terms.due_month <= horizons.known_until_date
    group by all

)

select
    *,
    {{ safe_rate('mature_renewed_count', 'mature_count') }} as renewal_rate,
    {{ safe_rate('mature_paid_count', 'mature_count') }} as paid_renewal_rate,
    -- A rate of a month of which half is still open is the rate of the other half.
    {{ safe_rate('coalesce(mature_count, 0)', 'term_count') }} as maturity_rate
from counted
