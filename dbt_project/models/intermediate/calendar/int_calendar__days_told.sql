-- Grain: one row per date.
{{ config(materialized='table') }}
with

dates as (

    select * from {{ ref('int_calendar__dates_spanned') }}

),

announced as (

    select * from {{ ref('calendar_days') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

own_versions as (

    select * from {{ ref('int_calendar_days__newest_kept') }}

),

-- Where two systems tell of a day, the newest that tells of it counts.
own_days as (

    select own_versions.*
    from own_versions
    where not own_versions.is_deleted
    qualify
        row_number() over (
            partition by own_versions.calendar_date
            order by {{ version_key('own_versions') }} desc
        ) = 1

),

-- Of a year without a notice the make-up days are not known.
announced_years as (

    select
        year(announced.calendar_date) as calendar_year,
        bool_and(announced.is_announced) as is_announced
    from announced
    group by all

),

told as (

    select
        dates.date_day,
        own_days.calendar_date is not null as is_own,
        coalesce(own_days.is_workday, announced.is_workday, isodow(dates.date_day) < 6)
            as is_workday,
        if(is_own, own_days.holiday_name, announced.holiday_name) as holiday_name,
        is_own
        or company.holiday_calendar = 'none'
        or coalesce(announced_years.is_announced, false) as is_announced,
        own_days.open_ranges,
        if(is_own, own_days.source_system, announced.source) as told_by
    from dates
    cross join company
    left join own_days on dates.date_day = own_days.calendar_date
    left join announced
        on
            dates.date_day = announced.calendar_date
            and company.holiday_calendar = 'CN'
    left join announced_years
        on year(dates.date_day) = announced_years.calendar_year

)

select
    date_day,
    is_workday,
    holiday_name,
    is_announced,
    told_by,
    open_ranges,
    case
        when is_workday then 'workday'
        when holiday_name is not null then 'holiday'
        when isodow(date_day) = 6 then 'saturday'
        when isodow(date_day) = 7 then 'sunday'
        -- A weekday on which the company says that nobody works.
        else 'holiday'
    end as day_kind
from told
