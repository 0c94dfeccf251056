-- Grain: one row per (tag_set, speaker_role, kind, label, agent_id, channel_id) heard.
{{ config(materialized='table', tags=['weekly']) }}
with

-- A quarter of calls: what is said and what is sold change.
calls as (

    {{ tagged_calls(13) }}

),

annotations as (

    select * from {{ ref('fct_annotations') }}

),

-- Of agents and customers apart: the one is a talk track, the other a signal.
heard as (

    select
        dial_id,
        speaker_role,
        kind,
        label
    from annotations
    where
        dial_id is not null
        and not is_abstained
        -- A feeling is no content; of severity 0 is what a negator made harmless.
        and kind <> 'sentiment'
        and coalesce(severity, 1) > 0
    group by all

),

strata as (

    select
        tag_set,
        agent_id,
        channel_id,
        count(*)::integer as call_count,
        {{ count_where('is_won') }} as won_count
    from calls
    group by all

),

sets as (

    select
        tag_set,
        sum(call_count)::integer as set_call_count,
        sum(won_count)::integer as set_won_count
    from strata
    group by all

),

exposed as (

    select
        calls.tag_set,
        calls.tag_count,
        heard.speaker_role,
        heard.kind,
        heard.label,
        calls.agent_id,
        calls.channel_id,
        count(*)::integer as exposed_count,
        {{ count_where('calls.is_won') }} as exposed_won_count
    from calls
    inner join heard on calls.dial_id = heard.dial_id
    group by all

)

select
    exposed.*,
    strata.call_count - exposed.exposed_count as other_count,
    strata.won_count - exposed.exposed_won_count as other_won_count,
    (
        exposed.exposed_count
        * {{ safe_rate('strata.won_count', 'strata.call_count') }}
    )::decimal(18, 4) as expected_won_count,
    sets.set_call_count,
    sets.set_won_count
from exposed
inner join strata
    on {{ same_keys('exposed', 'strata', ['tag_set', 'agent_id', 'channel_id']) }}
inner join sets on exposed.tag_set = sets.tag_set
