-- Grain: one row per (signalled_week_date, signal).
{{ config(materialized='table', tags=['weekly']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

signals as (

    select
        *,
        -- What was never answered waited longest: with half unanswered, no median.
        coalesce(response_seconds, 9999999) as waited_seconds
    from {{ ref('fct_buying_signals') }}

),

counted as (

    select
        {{ week_start('signals.signalled_date', 'company.week_start') }}
            as signalled_week_date,
        signals.signal,
        count(*)::integer as signal_count,
        {{ count_where('signals.is_answered') }} as answered_count,
        {{ count_where('signals.is_open') }} as open_count,
        {{ count_where('signals.is_due_in_5_minutes') }} as due_in_5_minutes_count,
        {{ count_where('signals.is_answered_in_5_minutes') }}
            as answered_in_5_minutes_count,
        quantile_disc(signals.waited_seconds, [0.5, 0.9]) filter (
            where not signals.is_open
        ) as waits
    from signals
    cross join company
    group by all

)

select
    * exclude (waits),
    nullif(waits[1], 9999999) as median_response_seconds,
    nullif(waits[2], 9999999) as p90_response_seconds,
    {{ safe_rate('answered_in_5_minutes_count', 'due_in_5_minutes_count') }}
        as answered_in_5_minutes_rate
from counted
