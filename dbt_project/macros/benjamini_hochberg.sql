{#- Rows with their probabilities adjusted for how many were tested (Benjamini and Hochberg, 1995).

    Rows without a probability were not tested and do not count. `together` are the columns whose
    rows are one family of tests; none for all of them. -#}
{% macro benjamini_hochberg(tested, probability, adjusted, together=[]) -%}
    {%- set family = 'partition by ' ~ together | join(', ') if together else '' -%}
    select
        raised.* exclude (raised_probability),
        case
            when raised.{{ probability }} is not null
                then least(
                    1.0,
                    min(raised.raised_probability) over (
                        {{ family }} order by raised.{{ probability }} desc
                    )
                )
        end as {{ adjusted }}
    from (
        select
            *,
            {{ probability }} * count({{ probability }}) over ({{ family }})::double
            / nullif(count({{ probability }}) over ({{ family }} order by {{ probability }}), 0)
                as raised_probability
        from {{ tested }}
    ) as raised
{%- endmacro %}
