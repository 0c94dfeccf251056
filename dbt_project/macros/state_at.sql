{#- States of things by their key alone, for joins at a point in time.

    An id that several systems describe counts as it stands in the first of them by name; what a
    source has withdrawn tells nothing. -#}
{% macro states_by_key(history, key) -%}
    select *
    from {{ history }}
    where {{ key }} is not null
    qualify source_system = min(source_system) over (partition by {{ key }})
{%- endmacro %}

{#- The join of facts to the state that held at their moment. -#}
{% macro state_at(facts, states, key) -%}
    asof left join {{ states }}
        on {{ facts }}.{{ key }} = {{ states }}.{{ key }}
        and {{ facts }}.moment >= {{ states }}.valid_from
{%- endmacro %}

{#- A column of that state; null where it had ended or was withdrawn. -#}
{% macro told_at(facts, states, column) -%}
    case
        when
            not {{ states }}.is_deleted
            and ({{ states }}.valid_to is null or {{ facts }}.moment < {{ states }}.valid_to)
            then {{ states }}.{{ column }}
    end
{%- endmacro %}
