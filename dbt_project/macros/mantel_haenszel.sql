{#- What an exposure goes with, compared within strata alone: Mantel's and Haenszel's pooled odds
    ratio and risk ratio, so that who does it often and wins often anyway does not lend it a lift.

    `counts` has one row per (together, stratum): exposed_count, exposed_won_count, other_count,
    other_won_count. Intervals (95 %) by Robins, Breslow and Greenland (1986) and by Greenland and
    Robins (1985); the test is that of Cochran, Mantel and Haenszel without correction. A stratum in
    which only one side is seen says nothing, adds nothing and is not counted; a group without any
    other stratum has no row. Null where nothing can be said: a ratio where no stratum has a case on
    its other side, an interval where its ratio is 0 or null. -#}
{% macro mantel_haenszel(counts, together) -%}
    {%- set keys = together | join(', ') -%}
    {%- set a, c = 'exposed_won_count::double', 'other_won_count::double' -%}
    {%- set b, d = '(exposed_count - exposed_won_count)', '(other_count - other_won_count)' -%}
    {%- set n = 'nullif(exposed_count + other_count, 0)' -%}
    with

    products as (

        select
            {{ keys }},
            exposed_count > 0 and other_count > 0 as is_compared,
            {{ a }} * {{ d }} / {{ n }} as concordant,
            {{ c }} * {{ b }} / {{ n }} as discordant,
            ({{ a }} + {{ d }}) / {{ n }} as concordant_share,
            {{ a }} * other_count / {{ n }} as exposed_risk,
            {{ c }} * exposed_count / {{ n }} as other_risk,
            exposed_count::double * other_count / {{ n }} / {{ n }} as arms_product,
            {{ a }} + {{ c }} as won_sum,
            {{ b }} + {{ d }} as lost_sum,
            {{ a }} * {{ c }} / {{ n }} as won_product,
            {{ a }} - ({{ a }} + {{ c }}) * exposed_count / {{ n }} as surplus,
            {{ n }} as all_count
        from {{ counts }}

    ),

    sums as (

        select
            {{ keys }},
            count(*) filter (where is_compared) as stratum_count,
            {%- for name, term in {
                'concordant': 'concordant',
                'discordant': 'discordant',
                'both_concordant': 'concordant_share * concordant',
                'both_mixed':
                    'concordant_share * discordant + (1 - concordant_share) * concordant',
                'both_discordant': '(1 - concordant_share) * discordant',
                'exposed_risk': 'exposed_risk',
                'other_risk': 'other_risk',
                'risk_spread': 'won_sum * arms_product - won_product',
                'surplus': 'surplus',
                'surplus_spread':
                    'won_sum * lost_sum * arms_product / nullif(all_count - 1, 0)',
            }.items() %}
            nullif({{ exact_sum(term) }}, 0)::double as {{ name }}{{ ',' if not loop.last }}
            {%- endfor %}
        from products
        where is_compared
        group by {{ keys }}

    ),

    ratios as (

        select
            *,
            coalesce(concordant, 0) / discordant as odds_ratio,
            coalesce(exposed_risk, 0) / other_risk as risk_ratio,
            sqrt(
                coalesce(both_concordant, 0) / (2 * concordant * concordant)
                + coalesce(both_mixed, 0) / (2 * concordant * discordant)
                + coalesce(both_discordant, 0) / (2 * discordant * discordant)
            ) as log_odds_error,
            sqrt(greatest(coalesce(risk_spread, 0), 0) / (exposed_risk * other_risk))
                as log_risk_error,
            coalesce(surplus, 0) * coalesce(surplus, 0) / surplus_spread as cmh_score
        from sums

    )

    select
        {{ keys }},
        stratum_count,
        odds_ratio,
        odds_ratio * exp(-{{ z95() }} * log_odds_error) as odds_low_ratio,
        odds_ratio * exp({{ z95() }} * log_odds_error) as odds_high_ratio,
        risk_ratio,
        risk_ratio * exp(-{{ z95() }} * log_risk_error) as risk_low_ratio,
        risk_ratio * exp({{ z95() }} * log_risk_error) as risk_high_ratio,
        cmh_score,
        {{ two_sided_probability('sqrt(cmh_score)') }} as probability
    from ratios
{%- endmacro %}
