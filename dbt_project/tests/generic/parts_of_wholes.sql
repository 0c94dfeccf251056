{#- A part is never negative and never more than its whole; a part without a whole is null. -#}
{% test parts_of_wholes(model, parts, dates=none) %}
select *
from {{ model }}
where
    {{ in_scope(dates) }}
    and (
        {%- for part, whole in parts.items() %}
        {{ part }} < 0 or {{ part }} > coalesce({{ whole }}, 0)
        {{- " or" if not loop.last }}
        {%- endfor %}
    )
{% endtest %}
