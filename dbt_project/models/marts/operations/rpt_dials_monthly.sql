-- Grain: one row per (dial_month, direction).
{{ config(materialized='table', tags=['monthly']) }}
with

hours as (

    select * from {{ ref('fct_dials_hourly') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

periods as (

    select * from {{ source('scope', 'reported_periods') }}

),

-- Every period up to the latest one reported, so that late rows mend older ones too.
summed as (

    select
        dates.month_start_date as dial_month,
        hours.direction,
        count(distinct hours.dial_date)::integer as day_count,
        {{ dial_count_sums('hours') }}
    from hours
    inner join dates on hours.dial_date = dates.date_day
    where
        dates.month_start_date <= (
            select max(periods.period_start_date)
            from periods
            where periods.cycle = 'monthly'
        )
    group by all

)

select
    *,
    {{ dial_rates() }}
from summed
