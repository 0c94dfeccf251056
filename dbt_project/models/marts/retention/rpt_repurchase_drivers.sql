-- Grain: one row per way of comparing solved tickets with pushing calls: raw, matched.
{{ config(materialized='table', tags=['marts']) }}
with

exposures as (

    select * from {{ ref('fct_exposures') }}
    where is_mature

),

-- Customers alike in how long, how lately and how much they bought are compared.
strata as (

    select
        tenure_band,
        recency_band,
        value_band,
        count(*) filter (where kind = 'solved_ticket') as ticket_count,
        count(*) filter (where kind = 'solved_ticket' and has_ordered)
            as ticket_order_count,
        count(*) filter (where kind = 'push_call') as push_count,
        count(*) filter (where kind = 'push_call' and has_ordered) as push_order_count
    from exposures
    group by all

),

-- Matched: who was pushed is weighted like those whose ticket was solved.
matchable as (

    select * from strata
    where ticket_count > 0 and push_count > 0

),

totals as (

    select
        'raw' as comparison,
        sum(ticket_count)::bigint as ticket_count,
        sum(ticket_order_count)::bigint as ticket_order_count,
        sum(push_count)::bigint as push_count,
        sum(push_order_count)::bigint as push_order_count,
        {{ safe_rate('sum(ticket_order_count)', 'sum(ticket_count)') }} as ticket_rate,
        {{ safe_rate('sum(push_order_count)', 'sum(push_count)') }} as push_rate,
        {{ share_variance('sum(ticket_order_count)', 'sum(ticket_count)') }}
        + {{ share_variance('sum(push_order_count)', 'sum(push_count)') }} as variance
    from strata

    union all

    select
        'matched' as comparison,
        sum(ticket_count)::bigint as ticket_count,
        sum(ticket_order_count)::bigint as ticket_order_count,
        sum(push_count)::bigint as push_count,
        sum(push_order_count)::bigint as push_order_count,
        {{ safe_rate('sum(ticket_order_count)', 'sum(ticket_count)') }} as ticket_rate,
        {{ exact_sum('ticket_count * ' ~ safe_rate('push_order_count', 'push_count')) }}
        * {{ safe_rate('1', 'sum(ticket_count)') }} as push_rate,
        {{ exact_sum(
            'ticket_count * ticket_count * ('
            ~ share_variance('ticket_order_count', 'ticket_count') ~ ' + '
            ~ share_variance('push_order_count', 'push_count') ~ ')'
        ) }} * pow({{ safe_rate('1', 'sum(ticket_count)') }}, 2) as variance
    from matchable

),

gaps as (

    {{ covariate_gaps('exposures', 'matchable') }}

)

select
    totals.comparison,
    totals.ticket_count,
    totals.ticket_order_count,
    totals.push_count,
    totals.push_order_count,
    totals.ticket_rate,
    totals.push_rate,
    totals.ticket_rate - totals.push_rate as difference_rate,
    totals.ticket_rate - totals.push_rate - 1.959964 * sqrt(totals.variance)
        as difference_low_rate,
    totals.ticket_rate - totals.push_rate + 1.959964 * sqrt(totals.variance)
        as difference_high_rate,
    gaps.tenure_gap_score,
    gaps.recency_gap_score,
    gaps.value_gap_score
from totals
left join gaps on totals.comparison = gaps.comparison
