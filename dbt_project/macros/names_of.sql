{#- Codes of things with the name that their system gives them now, the same in both languages. -#}
{% macro names_of(things, dimension, key) -%}
    select
        '{{ dimension }}' as dimension,
        {{ things }}.{{ key }} as code,
        {{ things }}.name as label_zh,
        {{ things }}.name as label_en,
        {{ things }}.source_system as source,
        2 as place
    from {{ things }}
    where {{ things }}.name is not null
    qualify
        row_number() over (
            partition by {{ things }}.{{ key }}
            order by {{ things }}.source_system, {{ things }}.valid_from desc
        ) = 1
{%- endmacro %}
