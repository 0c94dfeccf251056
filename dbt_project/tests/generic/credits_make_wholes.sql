{#- The credits of one conversion make 1 under each attribution model. -#}
{% test credits_make_wholes(model, group) %}
select {{ group }}
from {{ model }}
group by all
having
    {%- for name in attribution_models() %}
    abs(sum({{ name }}_credit_rate) - 1) > 1e-9
    {{- " or" if not loop.last }}
    {%- endfor %}
{% endtest %}
