{#- Parts that leave nothing out add up to their whole, up to `tolerance` where they are fractions. -#}
{% test parts_make_the_whole(model, parts, whole, tolerance=0) %}
select *
from {{ model }}
where abs({{ parts | join(' + ') }} - {{ whole }}) > {{ tolerance }}
{% endtest %}
