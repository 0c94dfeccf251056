-- Grain: one row per (dial_hour, weekday, region).
{{ config(materialized='table', tags=['marts']) }}
with

facts as (

    select * from {{ ref('fct_dials') }}

),

contexts as (

    select * from {{ ref('fct_dial_contexts') }}

),

seen as (

    {{ seen_so_far() }}

),

dials as (

    select
        facts.dial_hour,
        isodow(facts.dial_date)::integer as weekday,
        coalesce(contexts.lead_city, facts.phone_region) as region,
        facts.is_connected,
        seen.run_date - seen.slot_days + 1 as first_date,
        seen.run_date as last_date
    from facts
    inner join contexts on facts.dial_id = contexts.dial_id
    cross join seen
    where
        facts.is_connected is not null
        and facts.dial_hour is not null
        and facts.dial_date between first_date and last_date
        and contexts.dial_date between first_date and last_date

),

cells as (

    select
        dial_hour,
        weekday,
        region,
        first_date,
        last_date,
        count(*)::integer as n,
        {{ count_where('is_connected') }} as k
    from dials
    group by all

),

{{ slot_levels() }}

select
    dial_hour,
    weekday,
    region,
    first_date,
    last_date,
    n as dial_count,
    k as connected_count,
    {{ safe_rate('k', 'n') }} as connect_rate,
    prior_rate,
    prior_dial_count::decimal(18, 4) as prior_dial_count,
    {{ drawn_towards('k', 'n', 'prior_rate', 'prior_dial_count') }}
        as expected_connect_rate,
    {{ wilson_low('k + prior_dial_count * prior_rate', 'n + prior_dial_count') }}
        as low_connect_rate,
    {{ wilson_high('k + prior_dial_count * prior_rate', 'n + prior_dial_count') }}
        as high_connect_rate
from slots
