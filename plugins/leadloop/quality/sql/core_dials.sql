-- Grain: one row per dial_id of the touched dates.
select
    scope_date::varchar as scope_date,
    source_system,
    dial_id,
    outcome,
    talk_seconds,
    handling_seconds,
    case date_precision
        when 'none' then true
        when 'month' then dial_month is not null
        else dial_date is not null and dial_month is not null
    end as has_its_date,
    case
        when is_connected and not is_answered then 'connected, not answered'
        when is_connected and is_machine then 'connected to a machine'
        when is_connected and not is_dial then 'connected, not dialled'
        when is_served and not is_offered then 'served, not offered'
        when is_short_talk and talk_seconds is null then 'short talk, no talk'
        when is_short_talk and not is_short_talk_inclusive then 'short talk, not short enough'
        when is_dial and is_offered then 'outbound and inbound'
    end as flag_conflict
from intermediate.int_dials__flagged
where
    scope_date in (select event_date from raw.touched_dates)
    and hash(dial_id) % $buckets::ubigint = $bucket::ubigint
