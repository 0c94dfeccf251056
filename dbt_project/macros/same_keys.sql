{#- The condition of a join on several columns, unknown ones matching each other. -#}
{% macro same_keys(left, right, keys) -%}
    {% for key in keys -%}
    {{ left }}.{{ key }} is not distinct from {{ right }}.{{ key }}
    {%- if not loop.last %} and {% endif %}
    {%- endfor %}
{%- endmacro %}
