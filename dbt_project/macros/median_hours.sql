{#- Median hours between two moments of a row; null where no row has both. -#}
{% macro median_hours(from_at, to_at) -%}
    round(median({{ safe_rate("epoch(" ~ to_at ~ " - " ~ from_at ~ ")", 3600) }}), 3)
{%- endmacro %}
