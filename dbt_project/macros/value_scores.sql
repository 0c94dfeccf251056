{#- Which fifth of those who bought a customer is in, 5 the best; equal values get equal points.

    Who refuses to be profiled gets none, and is not in anybody's ranks. -#}
{% macro fifth(column, direction) -%}
    case
        when order_count > 0 and not is_profiling_refused and {{ column }} is not null
            then 1 + floor(
                least(
                    percent_rank() over (
                        partition by
                            order_count > 0 and not is_profiling_refused
                            and {{ column }} is not null
                        order by {{ column }} {{ direction }}
                    ),
                    0.9999
                ) * 5
            )
    end::integer
{%- endmacro %}

{#- The segment that three scores make, in the order in which it is looked for. -#}
{% macro value_segment(recency, frequency, money) -%}
    case
        when {{ recency }} is null then null
        when {{ recency }} >= 4 and {{ frequency }} + {{ money }} >= 8 then 'champion'
        when {{ recency }} >= 3 and {{ frequency }} + {{ money }} >= 6 then 'loyal'
        when {{ recency }} >= 4 then 'promising'
        when {{ recency }} <= 2 and {{ frequency }} + {{ money }} >= 7 then 'at_risk'
        when {{ recency }} <= 2 then 'dormant'
        else 'ordinary'
    end
{%- endmacro %}
