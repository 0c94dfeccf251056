-- Grain: one row per date, from the first year with a dial to the last.
{{ config(materialized='table', tags=['marts']) }}
with

dials as (

    select * from {{ ref('fct_dials_hourly') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

touched_dates as (

    select * from {{ source('scope', 'touched_dates') }}

),

-- Before the first dial the run's own dates span the calendar: it is never empty.
seen_dates as (

    select dials.dial_date as seen_date
    from dials

    union all

    select touched_dates.event_date as seen_date
    from touched_dates

),

bounds as (

    select
        min(seen_date) as first_date,
        max(seen_date) as last_date
    from seen_dates

),

spans as (

    select
        date_trunc('year', first_date) as opens_on,
        date_trunc('year', last_date) + interval 1 year - interval 1 day as ends_on
    from bounds

),

dates as (

    select unnest(generate_series(opens_on, ends_on, interval 1 day))::date as date_day
    from spans

)

select
    dates.date_day,
    {{ week_start('dates.date_day', 'company.week_start') }} as week_start_date,
    date_trunc('month', dates.date_day)::date as month_start_date,
    year(dates.date_day)::integer as calendar_year,
    quarter(dates.date_day)::integer as calendar_quarter,
    month(dates.date_day)::integer as calendar_month,
    isodow(dates.date_day)::integer as weekday_number,
    (['周一', '周二', '周三', '周四', '周五', '周六', '周日'])[isodow(dates.date_day)]
        as weekday_label_zh,
    dayname(dates.date_day) as weekday_label_en
from dates
cross join company
