{#- Variance of a share k / n, kept from 0 where none or all of a few did it (half a case each). -#}
{% macro share_variance(part, whole) -%}
    {{ safe_rate(
        '(' ~ part ~ ' + 0.5) * (' ~ whole ~ ' - ' ~ part ~ ' + 0.5)',
        'pow(' ~ whole ~ ' + 1, 2) * ' ~ whole
    ) }}
{%- endmacro %}

{#- How unlike those with a solved ticket and those pushed are: standardised differences of the
    ranks of their bands, before (raw) and after weighting (matched). Above 0.1 they are unlike. -#}
{% macro covariate_gaps(exposures, strata) -%}
    with weighed as (

        select
            'raw' as comparison,
            {{ exposures }}.kind,
            1.0 as weight,
            {{ band_ranks(exposures) }}
        from {{ exposures }}

        union all

        select
            'matched' as comparison,
            {{ exposures }}.kind,
            case
                when {{ exposures }}.kind = 'solved_ticket' then 1.0
                else {{ safe_rate(strata ~ '.ticket_count', strata ~ '.push_count') }}
            end as weight,
            {{ band_ranks(exposures) }}
        from {{ exposures }}
        inner join {{ strata }} using (tenure_band, recency_band, value_band)

    ),

    moments as (

        select
            comparison,
            kind,
            {%- for name in ['tenure', 'recency', 'value'] %}
            {{ exact_sum('weight * ' ~ name ~ '_rank') }} * {{ safe_rate('1', exact_sum('weight')) }}
                as {{ name }}_mean,
            {{ exact_sum('weight * ' ~ name ~ '_rank * ' ~ name ~ '_rank') }}
            * {{ safe_rate('1', exact_sum('weight')) }} as {{ name }}_square
            {{- "," if not loop.last }}
            {%- endfor %}
        from weighed
        group by all

    )

    select
        tickets.comparison,
        {%- for name in ['tenure', 'recency', 'value'] %}
        {{ safe_rate(
            'tickets.' ~ name ~ '_mean - pushes.' ~ name ~ '_mean',
            'sqrt((tickets.' ~ name ~ '_square - pow(tickets.' ~ name ~ '_mean, 2)'
            ~ ' + pushes.' ~ name ~ '_square - pow(pushes.' ~ name ~ '_mean, 2)) * 0.5)'
        ) }} as {{ name }}_gap_score
        {{- "," if not loop.last }}
        {%- endfor %}
    from moments as tickets
    inner join moments as pushes on tickets.comparison = pushes.comparison
    where tickets.kind = 'solved_ticket' and pushes.kind = 'push_call'
{%- endmacro %}

{#- The place of each band in its order. -#}
{% macro band_ranks(exposures) -%}
    list_position(['none', '0-29', '30-89', '90-364', '365+'], {{ exposures }}.tenure_band)
        as tenure_rank,
    list_position(['none', '0-13', '14-29', '30-89', '90+'], {{ exposures }}.recency_band)
        as recency_rank,
    list_position(['none', 'low', 'middle', 'high'], {{ exposures }}.value_band) as value_rank
{%- endmacro %}
