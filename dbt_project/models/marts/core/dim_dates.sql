-- Grain: one row per date, of whole years from the first lead or dial to the last.
{{ config(materialized='table', tags=['marts']) }}
with

days as (

    select * from {{ ref('int_calendar__days_told') }}

),

hours as (

    select * from {{ ref('int_calendar__hours_opened') }}

),

labels as (

    select * from {{ ref('code_labels') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

open_days as (

    select
        hours.date_day,
        sum(hours.end_second - hours.begin_second) as open_seconds
    from hours
    group by all

)

select
    days.date_day,
    {{ week_start('days.date_day', 'company.week_start') }} as week_start_date,
    date_trunc('month', days.date_day)::date as month_start_date,
    year(days.date_day)::integer as calendar_year,
    quarter(days.date_day)::integer as calendar_quarter,
    month(days.date_day)::integer as calendar_month,
    isodow(days.date_day)::integer as weekday_number,
    labels.label_zh as weekday_label_zh,
    labels.label_en as weekday_label_en,
    days.is_workday,
    days.day_kind,
    days.holiday_name,
    days.is_announced,
    coalesce(open_days.open_seconds, 0)::integer as open_seconds,
    (
        count(*) filter (where days.is_workday) over (order by days.date_day)
        - days.is_workday::integer
    )::integer as earlier_workday_count
from days
cross join company
left join open_days on days.date_day = open_days.date_day
left join labels
    on
        labels.dimension = 'weekday'
        and isodow(days.date_day)::varchar = labels.code
