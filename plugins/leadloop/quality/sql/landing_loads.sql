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
        count(*) as row_count
    from landed_weeks
    group by all

),

same_weekdays as (

    select
        loads.load_date,
        median(row_counts.row_count) as usual_row_count,
        count(*) as week_count
    from loads
    inner join row_counts
        on loads.load_date::date - row_counts.load_date::date in (7, 14, 21, 28)
    group by all

)

select
    loads.load_date,
    coalesce(row_counts.row_count, 0) as call_count,
    -- Of a handful of rows any share is chance.
    case
        when outcome_counts.call_count >= $minimum_rows
            then outcome_counts.other_count / outcome_counts.call_count
    end as other_share,
    case
        when same_weekdays.week_count >= $minimum_weeks
            then coalesce(row_counts.row_count, 0) / same_weekdays.usual_row_count
    end as volume_ratio
from loads
left join outcome_counts on loads.load_date = outcome_counts.load_date
left join row_counts on loads.load_date = row_counts.load_date
left join same_weekdays on loads.load_date = same_weekdays.load_date
