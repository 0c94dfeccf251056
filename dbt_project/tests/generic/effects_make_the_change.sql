{#- The effects of the rows of a group add up to the change of the group. -#}
{% test effects_make_the_change(model, group, effects, change) %}
select {{ group | join(', ') }}
from {{ model }}
group by all
having abs(sum({{ effects | join(' + ') }}) - max({{ change }})) > 1e-9
{% endtest %}
