-- Grain: one row per date, of whole years from the first lead or dial to the last.
{{ config(materialized='table') }}
with

dials as (

    select * from {{ ref('int_dials__newest_kept') }}

),

leads as (

    select * from {{ ref('int_leads__states') }}

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

-- Leads are older than their dials; a slip of a century makes no calendar of one.
spans as (

    select
        date_trunc('year', greatest(
            least(bounds.first_date, (select min(leads.created_at)::date from leads)),
            (bounds.first_date - interval 5 years)::date
        )) as opens_on,
        date_trunc('year', bounds.last_date)
        + interval 1 year
        - interval 1 day as ends_on
    from bounds

)

select unnest(generate_series(opens_on, ends_on, interval 1 day))::date as date_day
from spans
