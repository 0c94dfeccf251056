-- Grain: one row per agent_id.
{{ config(materialized='table', tags=['weekly']) }}
with

contacts as (

    select
        dials.agent_id,
        dials.campaign_id,
        dials.is_won,
        coalesce(dials.channel_id, contexts.lead_channel_id) as channel_id,
        least(dials.attempt_no, 3) as attempt_no
    from {{ ref('fct_dials') }} as dials
    left join {{ ref('fct_dial_contexts') }} as contexts
        on dials.dial_id = contexts.dial_id
    where
        dials.agent_id is not null
        and dials.is_handled
        and dials.is_won is not null
        and {{ is_in_reported_weeks('dials.dial_date', 13) }}

),

-- Who is given the leads that buy anyway is not better: like is compared with like.
mixes as (

    select
        agent_id,
        count(*) as contact_count,
        {{ count_where('is_won') }} as won_count,
        sum(count(*)) over mix as all_count,
        sum({{ count_where('is_won') }}) over mix as all_won_count
    from contacts
    group by agent_id, channel_id, campaign_id, attempt_no
    window mix as (partition by channel_id, campaign_id, attempt_no)

),

rated as (

    select
        *,
        {{ safe_rate('all_won_count', 'all_count') }} as won_rate,
        {{ safe_rate('all_count - contact_count', 'all_count - 1') }} as others_rate
    from mixes

),

summed as (

    select
        agent_id,
        sum(contact_count)::integer as contact_count,
        sum(won_count)::integer as won_count,
        {{ exact_sum('contact_count * won_rate') }} as expected_wins,
        {{ exact_sum('contact_count * won_rate * (1 - won_rate) * others_rate') }}
            as spread
    from rated
    group by agent_id

),

judged as (

    select
        agent_id,
        (won_count - expected_wins)::double as surplus,
        spread::double as spread
    from summed
    -- With fewer deals to be expected, luck looks like skill.
    where expected_wins >= 5 and spread > 0

),

unlikely as (

    select
        shrunken.*,
        least(shrunken.probability, 1 - shrunken.probability) as tail_probability
    from (
        {{ shrunken_odds('judged') }}
    ) as shrunken

),

adjusted as (

    {{ benjamini_hochberg('unlikely', 'tail_probability', 'adjusted_probability') }}

)

select
    summed.agent_id,
    summed.contact_count,
    summed.won_count,
    summed.expected_wins::decimal(18, 4) as expected_won_count,
    {{ safe_rate('summed.won_count', 'summed.contact_count') }} as conversion_rate,
    adjusted.odds_ratio,
    adjusted.odds_low_ratio,
    adjusted.odds_high_ratio,
    adjusted.probability,
    adjusted.adjusted_probability,
    case
        when adjusted.agent_id is null then 'too_few'
        when adjusted.adjusted_probability >= 0.025 then 'usual'
        when adjusted.odds_ratio > 1 then 'star'
        else 'behind'
    end as verdict
from summed
left join adjusted on summed.agent_id = adjusted.agent_id
