-- Grain: one row per (kind, label) that agents said.
{{ config(materialized='table', tags=['weekly']) }}
with

calls as (

    {{ spoken_contacts(13) }}

),

stars as (

    select levels.agent_id
    from {{ ref('rpt_agent_levels') }} as levels
    where levels.verdict = 'star'

),

strata as (

    select strata.*
    from {{ ref('rpt_tag_content_strata') }} as strata
    where strata.tag_set = '*' and strata.speaker_role = 'agent'

),

content as (

    select content.*
    from {{ ref('rpt_tag_content') }} as content
    where content.tag_set = '*' and content.speaker_role = 'agent'

),

sides as (

    select
        count(stars.agent_id)::integer as star_call_count,
        (count(*) - count(stars.agent_id))::integer as rest_call_count
    from calls
    left join stars on calls.agent_id = stars.agent_id

),

said as (

    select
        strata.kind,
        strata.label,
        {{ sum_where('strata.exposed_count', 'stars.agent_id is not null') }}
            as star_exposed_count,
        {{ sum_where('strata.exposed_count', 'stars.agent_id is null') }}
            as rest_exposed_count
    from strata
    left join stars on strata.agent_id = stars.agent_id
    group by all

),

compared as (

    select
        content.kind,
        content.label,
        sides.star_call_count,
        coalesce(said.star_exposed_count, 0) as star_exposed_count,
        sides.rest_call_count,
        coalesce(said.rest_exposed_count, 0) as rest_exposed_count,
        content.odds_ratio,
        content.odds_low_ratio,
        content.odds_high_ratio,
        content.adjusted_lift_ratio,
        content.compared_exposed_count,
        content.needed_call_count,
        content.verdict
    from content
    inner join said on {{ same_keys('content', 'said', ['kind', 'label']) }}
    cross join sides

),

scored as (

    select
        *,
        {{ safe_rate('star_exposed_count', 'star_call_count') }} as star_exposed_rate,
        {{ safe_rate('rest_exposed_count', 'rest_call_count') }} as rest_exposed_rate,
        case
            when star_call_count > 0 and rest_call_count > 0
                then
                    {{ log_odds_score(
                        'star_exposed_count', 'star_call_count',
                        'rest_exposed_count', 'rest_call_count', 100
                    ) }}
        end as star_z_score
    from compared

)

select
    *,
    -- Shuffled calls of as many agents reach 6: those of one agent are alike.
    star_z_score > 6 and verdict = 'lift' as is_star_line
from scored
