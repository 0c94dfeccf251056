-- Grain: one row per (dial_id, anomaly).
with

dials as (

    select * from {{ ref('int_dials__newest_kept') }}

),

outcomes as (

    select * from {{ ref('call_outcomes') }}

),

judged as (

    select
        dials.*,
        dials.recorded_talk_seconds > 0 as has_talk,
        dials.date_precision = 'second' as has_clock_times,
        date_diff('second', dials.originated_at, dials.ended_at) as call_seconds,
        -- Answered by nobody and by nothing, and of no other kind named below.
        not outcomes.is_handled
        and not outcomes.is_machine
        and dials.outcome not in ('abandoned', 'phantom', 'test') as is_unanswered
    from dials
    left join outcomes on dials.outcome = outcomes.outcome

),

named as (

    select
        dial_id,
        scope_date,
        source_system,
        is_deleted,
        [
            case when is_deleted then 'deleted' end,
            case
                when dial_date is not null then null
                when dial_month is not null then 'dated_by_month'
                else 'undated'
            end,
            case when outcome = 'other' then 'unknown_outcome' end,
            case
                when outcome = 'served' and answered_at is null and has_clock_times
                    then 'served_without_answer'
            end,
            case when outcome = 'abandoned' and has_talk then 'abandoned_with_talk' end,
            case when outcome = 'phantom' and has_talk then 'phantom_with_talk' end,
            case when is_unanswered and has_talk then 'unanswered_with_talk' end,
            case when ivr_seconds < 0 then 'negative_ivr_seconds' end,
            case when queue_seconds < 0 then 'negative_queue_seconds' end,
            case when recorded_talk_seconds < 0 then 'negative_talk_seconds' end,
            case when call_seconds < 0 then 'ended_before_started' end,
            case when answered_at < originated_at then 'answered_before_started' end,
            case
                when call_seconds >= 0 and recorded_talk_seconds > call_seconds
                    then 'talk_longer_than_call'
            end
        ] as anomalies
    from judged

),

found as (

    select
        dial_id,
        scope_date,
        source_system,
        is_deleted,
        unnest(anomalies) as anomaly
    from named

)

select
    dial_id,
    scope_date,
    source_system,
    anomaly
from found
where
    anomaly is not null
    -- Of a withdrawn row nothing more is said than that it was withdrawn.
    and (not is_deleted or anomaly = 'deleted')
