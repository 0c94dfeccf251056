-- Grain: one row per load judged (and the day's own load, also when nothing landed).
with

loads as (

    select unnest($loads) as load_date

),

outcome_counts as (

    select
        landed_call.load_date,
        count(*) as call_count,
        count(*) filter (where landed_call.outcome = 'other') as other_count
    from landed_call
    left join landed_call_corrected as corrected
        on
            landed_call.source_system = corrected.source_system
            and landed_call.source_pk = corrected.source_pk
    where coalesce(corrected.newest_row_hash, landed_call.row_hash) = landed_call.row_hash
    group by all

),

row_counts as (

    select
        load_date,
        source_system,
        count(*) as row_count
    from landed_weeks
    group by all

),

load_counts as (

    select
        load_date,
        sum(row_count) as row_count
    from row_counts
    group by all

),

same_weekdays as (

    select
        loads.load_date,
        row_counts.source_system,
        median(row_counts.row_count) as usual_row_count,
        count(*) as week_count
    from loads
    inner join row_counts
        on loads.load_date::date - row_counts.load_date::date in (7, 14, 21, 28)
    group by all

),

source_ratios as (

    select
        same_weekdays.load_date,
        coalesce(row_counts.row_count, 0) / same_weekdays.usual_row_count as volume_ratio
    from same_weekdays
    left join row_counts
        on
            same_weekdays.load_date = row_counts.load_date
            and same_weekdays.source_system = row_counts.source_system
    where same_weekdays.week_count >= $minimum_weeks

),

-- One dialler that fell silent must not hide behind the others.
furthest_ratios as (

    select
        load_date,
        arg_max(
            volume_ratio, greatest(volume_ratio, coalesce(1 / nullif(volume_ratio, 0), 1e9))
        ) as volume_ratio
    from source_ratios
    group by all

)

select
    loads.load_date,
    coalesce(load_counts.row_count, 0)::bigint as call_count,
    -- Of a handful of rows any share is chance.
    case
        when outcome_counts.call_count >= $minimum_rows
            then outcome_counts.other_count / outcome_counts.call_count
    end as other_share,
    furthest_ratios.volume_ratio
from loads
left join outcome_counts on loads.load_date = outcome_counts.load_date
left join load_counts on loads.load_date = load_counts.load_date
left join furthest_ratios on loads.load_date = furthest_ratios.load_date
