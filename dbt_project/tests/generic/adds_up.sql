{#- The parts of a row add up to its whole; where the whole is not known, no part is. -#}
{% test adds_up(model, whole, parts, dates=none) %}
select *
from {{ model }}
where
    {{ in_scope(dates) }}
    and ({{ parts | join(' + ') }}) is distinct from {{ whole }}
{% endtest %}
