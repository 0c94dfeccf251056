-- Grain: one row per (kind, label) that agents said.
{{ config(materialized='table', tags=['weekly']) }}
with

agents as (

    select
        calls.agent_id,
        coalesce(levels.verdict = 'star', false) as is_star,
        count(*)::integer as call_count
    from (
        {{ spoken_contacts(13) }}
    ) as calls
    left join {{ ref('rpt_agent_levels') }} as levels
        on calls.agent_id = levels.agent_id
    group by all

),

content as (

    select content.*
    from {{ ref('rpt_tag_content') }} as content
    where content.tag_set = '*' and content.speaker_role = 'agent'

),

heard as (

    select
        strata.kind,
        strata.label,
        strata.agent_id,
        sum(strata.exposed_count)::integer as exposed_count
    from {{ ref('rpt_tag_content_strata') }} as strata
    where strata.tag_set = '*' and strata.speaker_role = 'agent'
    group by all

),

said as (

    select
        content.kind,
        content.label,
        agents.is_star,
        agents.call_count,
        coalesce(heard.exposed_count, 0) as exposed_count
    from content
    cross join agents
    left join heard
        on
            {{ same_keys('content', 'heard', ['kind', 'label']) }}
            and agents.agent_id is not distinct from heard.agent_id

),

sides as (

    select
        kind,
        label,
        sum(call_count * is_star::integer)::integer as star_call_count,
        sum(exposed_count * is_star::integer)::integer as star_exposed_count,
        sum(call_count * (not is_star)::integer)::integer
            as rest_call_count,
        sum(exposed_count * (not is_star)::integer)::integer
            as rest_exposed_count,
        {{ habit_dispersion('exposed_count', 'call_count', 'not is_star') }}
            as dispersion
    from said
    group by all

),

scored as (

    select
        *,
        {{ log_odds_score(
            'star_exposed_count', 'nullif(star_call_count, 0)',
            'rest_exposed_count', 'rest_call_count', 100
        ) }} * {{ safe_rate('1', 'sqrt(dispersion)') }} as star_z_score
    from sides

)

select
    content.kind,
    content.label,
    scored.star_call_count,
    scored.star_exposed_count,
    scored.rest_call_count,
    scored.rest_exposed_count,
    {{ safe_rate('scored.star_exposed_count', 'scored.star_call_count') }}
        as star_exposed_rate,
    {{ safe_rate('scored.rest_exposed_count', 'scored.rest_call_count') }}
        as rest_exposed_rate,
    scored.star_z_score,
    content.odds_ratio,
    content.odds_low_ratio,
    content.odds_high_ratio,
    content.adjusted_lift_ratio,
    content.compared_exposed_count,
    content.needed_call_count,
    content.verdict,
    -- Of three agents picked blindly, one in twenty picks reaches 4.3 with some intent.
    scored.star_z_score > 4.5 and content.verdict = 'lift' as is_star_line
from scored
inner join content on {{ same_keys('scored', 'content', ['kind', 'label']) }}
