-- Grain: one row per range of open hours, and one of no length at the start of a date.
{{ config(materialized='table', tags=['marts']) }}
with

dates as (

    select * from {{ ref('int_calendar__dates_spanned') }}

),

hours as (

    select * from {{ ref('int_calendar__hours_opened') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

ranges as (

    select
        date_day,
        begin_second,
        end_second
    from hours

    union all

    -- Every moment of the calendar has a row at or before it, closed days included.
    select
        dates.date_day,
        0 as begin_second,
        0 as end_second
    from dates
    where
        dates.date_day not in (
            select hours.date_day from hours
            where hours.begin_second = 0
        )

),

timed as (

    select
        ranges.date_day as open_date,
        timezone(
            company.timezone, ranges.date_day + to_seconds(ranges.begin_second)
        ) as opened_at,
        timezone(
            company.timezone, ranges.date_day + to_seconds(ranges.end_second)
        ) as closed_at
    from ranges
    cross join company

),

measured as (

    select
        *,
        -- Of a night in which clocks change, what passed counts, not what they show.
        epoch(closed_at - opened_at)::bigint as open_seconds
    from timed

)

select
    *,
    coalesce(
        sum(open_seconds) over (
            order by opened_at rows between unbounded preceding and 1 preceding
        ),
        0
    )::bigint as earlier_open_seconds
from measured
