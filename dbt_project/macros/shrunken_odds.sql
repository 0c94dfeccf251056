{#- How much better things do than was to be expected of them, shrunken by how much of it is chance.

    `judged` has a row a thing: `surplus`, its cases beyond those expected, and `spread`, the
    variance of that. Peto's one-step log-odds surplus / spread is taken as normal about a true
    value; the true ones as normal about 0 with a variance that is found by moments (DerSimonian and
    Laird 1986). Adds odds_ratio with its 95 % interval and probability, that the true value is
    above 0. Where things differ by no more than chance, the ratio is 1, the probability one half
    and the interval null. -#}
{% macro shrunken_odds(judged) -%}
    select
        judged.* exclude (surplus, spread),
        exp(pooled.variance * judged.surplus / (1 + pooled.variance * judged.spread))
            as odds_ratio,
        {%- for side, sign in (('low', '-'), ('high', '')) %}
        case
            when pooled.variance > 0
                then exp(
                    pooled.variance * judged.surplus / (1 + pooled.variance * judged.spread)
                    + {{ sign }}{{ z95() }}
                    * sqrt(pooled.variance / (1 + pooled.variance * judged.spread))
                )
        end as odds_{{ side }}_ratio,
        {%- endfor %}
        case
            when judged.surplus < 0 then {{ _shrunken_tail() }}
            else 1 - {{ _shrunken_tail() }}
        end as probability
    from {{ judged }} as judged
    cross join (
        select
            coalesce(
                greatest(
                    ({{ exact_sum('surplus * surplus / nullif(spread, 0)') }}::double - count(*) + 1)
                    / nullif(
                        {{ exact_sum('spread') }}::double
                        - {{ exact_sum('spread * spread') }}::double
                        / nullif({{ exact_sum('spread') }}::double, 0),
                        0
                    ),
                    0
                ),
                0
            ) as variance
        from {{ judged }}
    ) as pooled
{%- endmacro %}

{#- Half of the two-sided probability. -#}
{% macro _shrunken_tail() -%}
    ({{ two_sided_probability(
        'judged.surplus * sqrt(pooled.variance / (1 + pooled.variance * judged.spread))'
    ) }}) / 2
{%- endmacro %}
