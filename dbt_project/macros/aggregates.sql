{#- Rows that meet a condition. -#}
{% macro count_where(condition) -%}
    count(*) filter (where {{ condition }})::integer
{%- endmacro %}

{#- Sum over the rows that meet a condition; null where none does. -#}
{% macro sum_where(column, condition) -%}
    sum({{ column }}) filter (where {{ condition }})::integer
{%- endmacro %}
