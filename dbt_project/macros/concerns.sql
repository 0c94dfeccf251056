{#- Leads that stopped at intent (lost, or past its limit) and leads that bought. -#}
{% macro stopped_and_won() -%}
    select
        leads.lead_id,
        leads.channel_id,
        leads.won_at,
        leads.won_at is not null as is_won
    from {{ ref('fct_lead_positions') }} as leads
    where
        leads.won_at is not null
        or (leads.stage = 'intent' and (leads.is_past_limit or leads.state = 'lost'))
{%- endmacro %}

{#- What customers object with (config/funnel.yml), once for each call: transcript_id, label. -#}
{% macro concerns_voiced() -%}
    select
        heard.transcript_id,
        concerns.label
    from {{ ref('fct_annotations') }} as heard
    inner join {{ source('scope', 'concerns') }} as concerns
        on concerns.label = case when heard.kind = 'intent' then heard.label else heard.kind end
    where
        heard.speaker_role = 'customer'
        and not heard.is_abstained
        and heard.is_negated is distinct from true
    group by all
{%- endmacro %}

{#- How much more often those who stop voice each label than those who buy, within channels. -#}
{% macro concerns_compared(strata, labels) -%}
    , summed as (

        select
            label,
            sum(exposed_count)::integer as stuck_count,
            sum(exposed_won_count)::integer as stuck_voiced_count,
            sum(other_count)::integer as won_count,
            sum(other_won_count)::integer as won_voiced_count
        from {{ strata }}
        group by all

    ),

    pooled as (

        {{ mantel_haenszel(strata, ['label']) }}

    ),

    tested as (

        select
            summed.*,
            {{ safe_rate('summed.stuck_voiced_count', 'summed.stuck_count') }}
                as stuck_voiced_rate,
            {{ wilson_low('summed.stuck_voiced_count', 'summed.stuck_count') }}
                as stuck_voiced_low_rate,
            {{ wilson_high('summed.stuck_voiced_count', 'summed.stuck_count') }}
                as stuck_voiced_high_rate,
            {{ safe_rate('summed.won_voiced_count', 'summed.won_count') }} as won_voiced_rate,
            pooled.risk_ratio,
            pooled.risk_low_ratio,
            pooled.risk_high_ratio,
            -- With fewer, a single lead decides.
            case
                when
                    least(summed.stuck_count, summed.won_count) >= 30
                    and summed.stuck_voiced_count + summed.won_voiced_count >= 5
                    then pooled.probability
            end as probability,
            labels.dial_ids
        from summed
        inner join {{ labels }} as labels on summed.label = labels.label
        left join pooled on summed.label = pooled.label

    ),

    adjusted as (

        {{ benjamini_hochberg('tested', 'probability', 'adjusted_probability') }}

    )

    select
        *,
        case
            when probability is null then 'too_few'
            when adjusted_probability >= 0.05 then 'not_shown'
            when risk_ratio > 1 then 'stops'
            else 'sells'
        end as verdict
    from adjusted
{%- endmacro %}
