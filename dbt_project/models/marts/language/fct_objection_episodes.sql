-- Grain: one row per time that a customer raised objections until something else came.
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='scope_date',
        tags=['marts'],
    )
}}
with

calls as (

    select * from {{ ref('fct_analysed_calls') }}

),

intents as (

    select * from {{ source('scope', 'intents') }}

),

utterances as (

    select * from {{ ref('int_utterances__scored') }}
    where {{ is_touched_date('scope_date') }} and language_version is not null

),

-- What the customer turns to: an objection or another matter; a nod is neither.
marked as (

    select
        utterances.*,
        intents.parent,
        case
            when intents.parent = 'objection' then 'raised'
            when intents.parent <> 'talk' then 'left'
        end as mark
    from utterances
    left join intents
        on
            utterances.intent = intents.intent
            and utterances.speaker_role = 'customer'
            and not utterances.is_abstained

),

standing as (

    select
        *,
        last_value(mark ignore nulls) over so_far as mark_now,
        last_value(mark ignore nulls) over (
            so_far rows between unbounded preceding and 1 preceding
        ) as mark_before
    from marked
    window so_far as (partition by transcript_id order by seq)

),

numbered as (

    select
        *,
        count(*) filter (
            where mark = 'raised' and mark_before is distinct from 'raised'
        ) over (partition by transcript_id order by seq) as episode_number
    from standing

),

episodes as (

    select
        transcript_id,
        scope_date,
        min(seq)::integer as first_seq,
        arg_min(intent, seq) as objection,
        count(*) filter (where mark_now = 'raised')::integer as turn_count,
        sum(end_ms - begin_ms) filter (
            where mark_now = 'raised' and speaker_role in ('agent', 'customer')
        ) as spoken_ms,
        max(parent) filter (where mark = 'left') as next_parent
    from numbered
    where mark_now = 'raised' or (mark = 'left' and mark_before = 'raised')
    group by transcript_id, scope_date, episode_number

)

select
    episodes.transcript_id || ':' || episodes.first_seq as episode_id,
    episodes.transcript_id,
    episodes.scope_date,
    calls.dial_date,
    calls.dial_id,
    calls.agent_id,
    episodes.objection,
    episodes.turn_count,
    ({{ safe_rate('episodes.spoken_ms', 1000) }})::decimal(18, 3) as handling_seconds,
    case
        when episodes.next_parent in ('agreement', 'interest') then 'accepted'
        when episodes.next_parent is not null then 'another_matter'
        else 'call_ended'
    end as ended_by,
    coalesce(episodes.next_parent in ('agreement', 'interest'), false) as is_resolved
from episodes
inner join calls on episodes.transcript_id = calls.transcript_id
where not coalesce(calls.is_short_talk, false)
