-- Grain: one row per (tag_set, speaker_role, kind, label).
{{ config(materialized='table', tags=['weekly']) }}
{% set pair = ['tag_set', 'speaker_role', 'kind', 'label'] %}
with

strata as (

    select * from {{ ref('rpt_tag_content_strata') }}

),

-- All calls of the set, agents and channels thrown together: what a plain table shows.
summed as (

    select
        tag_set,
        speaker_role,
        kind,
        label,
        max(tag_count) as tag_count,
        sum(exposed_count)::integer as exposed_count,
        sum(exposed_won_count)::integer as exposed_won_count,
        max(set_call_count) - sum(exposed_count)::integer as other_count,
        max(set_won_count) - sum(exposed_won_count)::integer as other_won_count,
        -- Like is compared with like only where an agent's calls of a channel are of
        -- both kinds.
        coalesce({{ sum_where('exposed_count', 'other_count > 0') }}, 0)
            as compared_exposed_count,
        sum(other_count)::integer as compared_other_count,
        coalesce({{ sum_where('exposed_won_count', 'other_count > 0') }}, 0)
            as compared_won_count,
        sum(expected_won_count) filter (where other_count > 0)::decimal(18, 4)
            as expected_won_count
    from strata
    group by all

),

crude as (

    {{ mantel_haenszel('summed', pair) }}

),

pooled as (

    {{ mantel_haenszel('strata', pair) }}

),

tested as (

    select
        summed.*,
        {{ safe_rate('summed.exposed_won_count', 'summed.exposed_count') }}
            as exposed_conversion_rate,
        {{ safe_rate('summed.other_won_count', 'summed.other_count') }}
            as other_conversion_rate,
        {{ calls_needed(
            safe_rate('summed.other_won_count', 'summed.other_count'), 1.27
        ) }} as needed_call_count,
        crude.risk_ratio as lift_ratio,
        crude.odds_ratio as crude_odds_ratio,
        crude.odds_low_ratio as crude_odds_low_ratio,
        crude.odds_high_ratio as crude_odds_high_ratio,
        coalesce(pooled.stratum_count, 0)::integer as stratum_count,
        pooled.odds_ratio,
        pooled.odds_low_ratio,
        pooled.odds_high_ratio,
        pooled.risk_ratio as adjusted_lift_ratio,
        pooled.risk_low_ratio as adjusted_lift_low_ratio,
        pooled.risk_high_ratio as adjusted_lift_high_ratio,
        -- Thirty calls on either side and five deals to be expected: with fewer, the
        -- test calls a single lucky deal a proof.
        case
            when
                summed.compared_exposed_count >= 30
                and summed.compared_other_count >= 30
                and summed.expected_won_count >= 5
                then pooled.probability
        end as probability
    from summed
    left join crude on {{ same_keys('summed', 'crude', pair) }}
    left join pooled on {{ same_keys('summed', 'pooled', pair) }}

),

adjusted as (

    {{ benjamini_hochberg('tested', 'probability', 'adjusted_probability') }}

)

select
    *,
    case
        when probability is null then 'too_few'
        when adjusted_probability >= 0.05 then 'not_shown'
        when compared_won_count > expected_won_count then 'lift'
        else 'drop'
    end as verdict
from adjusted
