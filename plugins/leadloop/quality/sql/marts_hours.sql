-- Grain: one row of fct_dials_hourly of the touched dates.
select
    dial_date::varchar as dial_date,
    dial_hour,
    source_system,
    direction,
    row_count,
    dial_count,
    connect_base_count,
    connected_count,
    offered_count,
    served_count,
    talk_count,
    short_talk_count,
    conversion_base_count,
    won_count,
    connect_rate,
    served_rate,
    short_talk_rate,
    conversion_rate
from marts_build.main.fct_dials_hourly
where dial_date in (select event_date from raw.touched_dates)
