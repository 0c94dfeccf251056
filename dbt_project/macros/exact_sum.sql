{#- Sum of fractions that is the same whatever the order of the rows; for windows, too.

    A sum of floats depends on that order, and a day built again must end in the same digits. Scale
    30 is for terms below 1e7, 15 for those below 1e22. -#}
{% macro exact_sum(term, scale=15) -%}
    sum(({{ term }})::decimal(38, {{ scale }}))
{%- endmacro %}
