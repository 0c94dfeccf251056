-- Grain: one row per dial_id that its source has not withdrawn.
with

dials as (

    select * from {{ ref('int_dials__newest_kept') }}

),

outcomes as (

    select * from {{ ref('call_outcomes') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

legs as (

    {{ legs_of('dials') }}

),

judged as (

    select
        dials.*,
        legs.dial_id is not null as is_leg,
        company.timezone as company_timezone,
        company.short_talk_seconds as short_talk_limit,
        case
            when dials.direction = 'outbound' and not is_leg then outcomes.is_attempt
        end as is_dial,
        case
            when dials.direction = 'inbound' and not is_leg then outcomes.is_attempt
        end as is_offered,
        -- A clock time is asked for only where the source gives clock times.
        dials.answered_at is not null
        or dials.date_precision <> 'second' as is_answer_proven,
        outcomes.is_handled as told_handled,
        outcomes.is_abandoned as told_abandoned,
        -- Codes that cannot tell a person from no answer say nothing of who answered.
        case when dials.tells_human then outcomes.is_answered end as told_answered,
        case when dials.tells_human then outcomes.is_human end as told_human,
        case when dials.tells_human then outcomes.is_machine end as told_machine,
        case when dials.tells_human then outcomes.is_right_party end as told_party,
        case when dials.tells_human then outcomes.is_dnc end as told_dnc,
        case when dials.tells_human then outcomes.is_callback end as told_callback,
        case
            when dials.tells_human then outcomes.is_not_interested
        end as told_declined,
        case when dials.tells_human then outcomes.is_unworkable end as told_dead_end,
        case when dials.tells_won then outcomes.is_won end as is_won
    from dials
    left join outcomes on dials.outcome = outcomes.outcome
    left join legs on dials.dial_id = legs.dial_id
    cross join company
    where not dials.is_deleted

),

flagged as (

    select
        *,
        case when is_dial then told_answered end as is_answered,
        case when is_dial then told_human end as is_connected,
        case when is_dial then told_machine end as is_machine,
        case when is_dial then told_party end as is_right_party,
        case when is_dial then told_dnc end as is_dnc,
        case when is_dial then told_callback end as is_callback,
        case when is_dial then told_declined end as is_not_interested,
        case when is_dial then told_dead_end end as is_unworkable,
        case when is_offered then told_handled and is_answer_proven end as is_served,
        -- A dial is abandoned when the person answered and no agent came.
        case
            when is_offered or (is_dial and told_human) then told_abandoned
        end as is_abandoned,
        case
            when is_dial then told_handled
            when is_offered then told_handled and is_answer_proven
            -- The second agent of a transferred call has talked; a line has not.
            when is_leg and agent_id is not null
                then told_handled and is_answer_proven
        end as is_handled,
        case
            when date_precision = 'second'
                then hour(timezone(company_timezone, originated_at))::integer
        end as dial_hour,
        -- Seconds beside a call that nobody handled are an anomaly, not talk.
        case
            when is_handled and recorded_talk_seconds >= 0 then recorded_talk_seconds
        end as talk_seconds
    from judged

)

select
    *,
    talk_seconds < short_talk_limit as is_short_talk,
    talk_seconds <= short_talk_limit as is_short_talk_inclusive,
    talk_seconds
    + coalesce(hold_seconds, 0)
    + coalesce(after_call_seconds, 0) as handling_seconds
from flagged
