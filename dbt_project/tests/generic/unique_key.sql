{#- No key column is empty and no two rows share a key, among the rows of the touched dates.

    `optional` names key columns where null is a value of its own (a dial without a campaign).
    `dates` names the column that holds a row's date; without it all rows are looked at. -#}
{% test unique_key(model, columns, optional=[], dates=none) %}
{%- set required = columns | reject('in', optional) | list %}
with

rows_in_scope as (

    select * from {{ model }}
    where {{ in_scope(dates) }}

)

select
    {{ columns | join(', ') }},
    count(*) as row_count
from rows_in_scope
group by all
having
    count(*) > 1
    {%- for column in required %}
    or {{ column }} is null
    {%- endfor %}
{% endtest %}
