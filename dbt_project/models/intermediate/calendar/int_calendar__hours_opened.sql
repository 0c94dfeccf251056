-- Grain: one row per range of hours in which the company is open on a date.
with

days as (

    select * from {{ ref('int_calendar__days_told') }}

),

opening_hours as (

    select * from {{ source('scope', 'opening_hours') }}

),

own_texts as (

    select
        days.date_day,
        regexp_extract_all(
            unnest(string_split(days.open_ranges, ',')), '\d+'
        )::integer[] as marks
    from days
    where days.open_ranges is not null

),

ranges as (

    select
        own_texts.date_day,
        own_texts.marks[1] * 3600 + own_texts.marks[2] * 60 as begin_second,
        own_texts.marks[3] * 3600 + own_texts.marks[4] * 60 as end_second
    from own_texts

    union all

    select
        days.date_day,
        opening_hours.begin_second,
        opening_hours.end_second
    from days
    inner join opening_hours on days.day_kind = opening_hours.day_kind
    where days.open_ranges is null

),

-- What a source tells twice is open once.
parted as (

    select
        ranges.date_day,
        greatest(
            ranges.begin_second,
            coalesce(max(ranges.end_second) over before, 0)
        ) as begin_second,
        least(ranges.end_second, 86400) as end_second
    from ranges
    window before as (
        partition by ranges.date_day
        order by ranges.begin_second, ranges.end_second
        rows between unbounded preceding and 1 preceding
    )

)

select
    date_day,
    begin_second,
    end_second
from parted
where begin_second < end_second
