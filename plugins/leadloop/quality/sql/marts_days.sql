-- Grain: one row per touched dial_date that the core or a mart has rows of.
with

touched as (

    select event_date as dial_date
    from raw.touched_dates

),

core as (

    select
        dial_date,
        count(*) as core_count
    from intermediate.int_dials__flagged
    where dial_date in (select dial_date from touched)
    group by all

),

dials as (

    select
        dial_date,
        count(*) as fact_count,
        coalesce(sum(talk_seconds), 0)::bigint as talk_seconds
    from marts_build.main.fct_dials
    where dial_date in (select dial_date from touched)
    group by all

),

hours as (

    select
        dial_date,
        sum(row_count)::bigint as hourly_count,
        coalesce(sum(talk_seconds), 0)::bigint as hourly_talk_seconds
    from marts_build.main.fct_dials_hourly
    where dial_date in (select dial_date from touched)
    group by all

),

agents as (

    select
        dial_date,
        sum(row_count)::bigint as agent_count
    from marts_build.main.fct_agents_daily
    where dial_date in (select dial_date from touched)
    group by all

)

select
    touched.dial_date::varchar as dial_date,
    coalesce(core.core_count, 0) as core_count,
    coalesce(dials.fact_count, 0) as fact_count,
    coalesce(hours.hourly_count, 0) as hourly_count,
    coalesce(agents.agent_count, 0) as agent_count,
    coalesce(dials.talk_seconds, 0) as talk_seconds,
    coalesce(hours.hourly_talk_seconds, 0) as hourly_talk_seconds,
    touched.dial_date - $latest::date as days_ahead
from touched
left join core on touched.dial_date = core.dial_date
left join dials on touched.dial_date = dials.dial_date
left join hours on touched.dial_date = hours.dial_date
left join agents on touched.dial_date = agents.dial_date
where core.core_count > 0 or dials.fact_count > 0 or hours.hourly_count > 0
