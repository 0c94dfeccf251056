{#- Who lives on where things were merged: (source_system, key, survivor) of every thing.

    Merges follow one another (A into B, B into C). Where they go in a circle, which a source should
    not do, the least key of the circle stands for all of it. -#}
{% macro survivors_of(things, key, merged) -%}
    with recursive walked as (

        select
            source_system,
            {{ key }},
            {{ key }} as reached,
            {{ merged }} as onward,
            [{{ key }}] as visited
        from {{ things }}

        union all

        select
            walked.source_system,
            walked.{{ key }},
            walked.onward as reached,
            further.{{ merged }} as onward,
            list_append(walked.visited, walked.onward) as visited
        from walked
        left join {{ things }} as further
            on
                walked.source_system = further.source_system
                and walked.onward = further.{{ key }}
        where
            walked.onward is not null
            and not list_contains(walked.visited, walked.onward)

    )

    select
        source_system,
        {{ key }},
        case
            when onward is null then reached
            else list_min(visited[list_position(visited, onward):])
        end as survivor
    from walked
    qualify
        row_number() over (
            partition by source_system, {{ key }} order by len(visited) desc
        ) = 1
{%- endmacro %}


{#- Things as they stand, each with the one that lives on where things were merged. -#}
{% macro as_they_stand(things, key, merged, columns) -%}
with

states as (

    select * from {{ ref('dim_' ~ things ~ '_history') }}

),

newest as (

    select
        *,
        count(*) over (partition by source_system, {{ key }}) as state_count
    from states
    qualify
        row_number() over (
            partition by source_system, {{ key }} order by valid_from desc
        ) = 1

),

survivors as (

    {{ survivors_of('newest', key, merged) }}

)

select
    newest.source_system,
    newest.{{ key }},
    survivors.survivor as surviving_{{ key }},
    survivors.survivor <> newest.{{ key }} as is_merged,
    {%- for column in columns %}
    newest.{{ column }},
    {%- endfor %}
    newest.state_count::integer as state_count,
    newest.is_deleted
from newest
inner join survivors
    on
        newest.source_system = survivors.source_system
        and newest.{{ key }} = survivors.{{ key }}
{%- endmacro %}
