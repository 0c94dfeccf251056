{#- Share of `part` in `whole`; null, not an error, when `whole` is zero or unknown. -#}
{% macro safe_rate(part, whole) -%}
    ({{ part }})::double / nullif({{ whole }}, 0)
{%- endmacro %}
