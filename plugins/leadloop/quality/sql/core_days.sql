-- Grain: one row per touched (scope_date, source_system) with rows.
with

touched as (

    select event_date as scope_date
    from raw.touched_dates

),

kept as (

    select
        scope_date,
        source_system,
        count(*) as kept_count
    from intermediate.int_dials__newest_kept
    where scope_date in (select scope_date from touched)
    group by all

),

landed as (

    select
        scope_date,
        source_system,
        sum(landed_count) as landed_count
    from intermediate.int_dials__landed_counted
    where scope_date in (select scope_date from touched)
    group by all

),

talks as (

    select
        scope_date,
        source_system,
        count(talk_seconds) as talk_count,
        count(*) filter (where is_short_talk) as short_talk_count
    from intermediate.int_dials__flagged
    where scope_date in (select scope_date from touched)
    group by all

)

select
    coalesce(kept.scope_date, landed.scope_date)::varchar as scope_date,
    coalesce(kept.source_system, landed.source_system) as source_system,
    coalesce(landed.landed_count, 0)::bigint as landed_count,
    coalesce(kept.kept_count, 0) as kept_count,
    -- Of a handful of talks any share is chance.
    case
        when talks.talk_count >= $minimum_rows then talks.short_talk_count / talks.talk_count
    end as short_talk_share
from kept
full join landed
    on kept.scope_date = landed.scope_date and kept.source_system = landed.source_system
left join talks
    on kept.scope_date = talks.scope_date and kept.source_system = talks.source_system
