{#- Rates of cells drawn towards the rate of their family, by how much of their spread is chance.

    `counted` has a row a cell with its k of n; `family` are the columns whose cells are peers. The
    prior is worth K cases, found by moments: 3 to 5,000, and 5,000 where cells differ by no more
    than chance. Adds cell_count, family_rate and shrunken_rate. -#}
{% macro shrunken_rates(counted, k, n, family) -%}
    with

    families as (

        select
            {{ family | join(', ') }},
            count(*)::integer as cell_count,
            sum({{ n }}) as all_n,
            sum({{ k }})::double / nullif(sum({{ n }}), 0) as family_rate,
            sum({{ n }}) - {{ exact_sum(n ~ '::double * ' ~ n) }}::double / nullif(sum({{ n }}), 0)
                as free_n
        from {{ counted }}
        where {{ n }} > 0
        group by all

    ),

    spreads as (

        select
            {% for key in family %}families.{{ key }}, {% endfor %}
            families.cell_count,
            families.family_rate,
            {{ exact_sum(
                'counted.' ~ n ~ ' * pow(counted.' ~ k ~ '::double / counted.' ~ n
                ~ ' - families.family_rate, 2)'
            ) }}::double as spread,
            families.family_rate * (1 - families.family_rate) as chance,
            max(families.free_n) as free_n
        from {{ counted }} as counted
        inner join families on {{ same_keys('counted', 'families', family) }}
        where counted.{{ n }} > 0
        group by all

    ),

    priors as (

        select
            * exclude (spread, chance, free_n),
            case
                when spread > (cell_count - 1) * chance and free_n > 0
                    then least(greatest(
                        chance * free_n / (spread - (cell_count - 1) * chance) - 1, 3
                    ), 5000)
                else 5000
            end as prior_n
        from spreads

    )

    select
        counted.*,
        priors.cell_count,
        priors.family_rate,
        (counted.{{ k }} + priors.prior_n * priors.family_rate)
        / (counted.{{ n }} + priors.prior_n) as shrunken_rate
    from {{ counted }} as counted
    inner join priors on {{ same_keys('counted', 'priors', family) }}
{%- endmacro %}
