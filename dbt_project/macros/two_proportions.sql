{#- How far two shares are apart, in standard errors (pooled); null where either has no base or both
    are 0 or 1. -#}
{% macro two_proportions_score(k_now, n_now, k_before, n_before) -%}
    {%- set both = '(' ~ k_now ~ ' + ' ~ k_before ~ ')::double / nullif(' ~ n_now ~ ' + ' ~ n_before ~ ', 0)' -%}
    (
        {{ k_now }}::double / nullif({{ n_now }}, 0)
        - {{ k_before }}::double / nullif({{ n_before }}, 0)
    )
    / nullif(sqrt(
        {{ both }} * (1 - {{ both }})
        * (1::double / nullif({{ n_now }}, 0) + 1::double / nullif({{ n_before }}, 0))
    ), 0)
{%- endmacro %}
