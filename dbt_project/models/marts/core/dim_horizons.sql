-- Grain: one row per version of the marts: the day up to which it knows.
{{ config(materialized='table', tags=['marts']) }}
with

runs as (

    select * from {{ source('scope', 'run') }}

),

hours as (

    select * from {{ ref('fct_dials_hourly') }}

),

-- A day rebuilt late does not make the marts forget the days after it.
known_dates as (

    select day as known_date
    from runs

    union all

    select max(dial_date) as known_date
    from hours

)

select max(known_date) as known_until_date
from known_dates
