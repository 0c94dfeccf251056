{#- The rows of calls that are legs: dial_id of each.

    A call may have a row for each agent or line it went through. Where its own row is there, legs
    are no dials; they are looked for under the same date, so that dates are rebuilt by themselves. -#}
{% macro legs_of(dials) -%}
    select {{ dials }}.dial_id
    from {{ dials }}
    semi join {{ dials }} as calls
        on
            {{ dials }}.parent_call_id = calls.call_id
            and {{ dials }}.source_system = calls.source_system
            and {{ dials }}.scope_date = calls.scope_date
    where {{ dials }}.parent_call_id is not null
{%- endmacro %}
