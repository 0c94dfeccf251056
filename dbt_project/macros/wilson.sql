{#- Wilson's 95 % interval of the share k of n, as leadloop.intervals has it.

    Null where n is 0 or unknown: no data is not a share of 0. -#}
{% macro wilson_low(k, n) -%}
    {{ _wilson_edge(k, n, '-') }}
{%- endmacro %}

{% macro wilson_high(k, n) -%}
    {{ _wilson_edge(k, n, '+') }}
{%- endmacro %}

{#- At k = 0 or n the edge is exactly 0 or 1; floats would miss it by 1e-17. -#}
{% macro _wilson_edge(k, n, side) -%}
    {%- set z = z95() -%}
    {%- set end = '0' if side == '-' else '(' ~ n ~ ')' -%}
    case
        when ({{ n }}) > 0 and ({{ k }}) = {{ end }} then {{ '0.0' if side == '-' else '1.0' }}::double
        when ({{ n }}) > 0
            then (
                ({{ k }}) + {{ z }} * {{ z }} / 2
                {{ side }} {{ z }} * sqrt(
                    ({{ k }}) * (({{ n }}) - ({{ k }}))::double / ({{ n }}) + {{ z }} * {{ z }} / 4
                )
            ) / (({{ n }}) + {{ z }} * {{ z }})
    end
{%- endmacro %}

{#- Two-sided 95 % of the normal distribution. -#}
{% macro z95() -%}
    1.959963984540054::double
{%- endmacro %}
