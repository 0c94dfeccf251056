{#- The stages of a lead in their order; config/funnel.yml says by which words they are reached. -#}
{% macro funnel_stages() -%}
    {{ return(['dialled', 'connected', 'intent', 'quoted', 'won', 'paid']) }}
{%- endmacro %}

{#- How long each step may take: a column `<stage>_time` for each stage. -#}
{% macro funnel_windows() -%}
    {%- for stage in funnel_stages() %}
    max(to_days(within_days)) filter (where stage = '{{ stage }}') as {{ stage }}_time
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- For each stage of a lead whether it got there in time, and whether the time for it is over.

    `leads` has the moments `<stage>_at` and `entered_at`, `windows` what `funnel_windows` gives, and
    what came until `seen_until_at` is known. A step can only follow the one before it. -#}
{% macro funnel_judged(leads, windows, seen_until_at) -%}
    {%- for stage in funnel_stages() %}
    {%- set before = loop.previtem or 'entered' %}
    {%- set got_there = 'is_' ~ before ~ '_in_time and ' if loop.previtem else '' %}
    {{ got_there }}coalesce(
        {{ leads }}.{{ stage }}_at - {{ leads }}.{{ before }}_at <= {{ windows }}.{{ stage }}_time,
        false
    ) as is_{{ stage }}_in_time,
    {{ got_there }}coalesce(
        {{ leads }}.{{ before }}_at + {{ windows }}.{{ stage }}_time <= {{ seen_until_at }}, false
    ) as is_{{ stage }}_due{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The counts of what `funnel_judged` gives. -#}
{% macro funnel_counts() -%}
    count(*)::integer as lead_count,
    {%- for stage in funnel_stages() %}
    {{ count_where('is_' ~ stage ~ '_in_time') }} as {{ stage }}_count,
    {{ count_where('is_' ~ stage ~ '_due') }} as {{ stage }}_due_count,
    {{ count_where('is_' ~ stage ~ '_due and is_' ~ stage ~ '_in_time') }}
        as {{ stage }}_due_passed_count{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- A row for each step of what `funnel_counts` counted, added up by the columns of `group`. -#}
{% macro funnel_steps(counts, group) -%}
    {%- for stage in funnel_stages() %}
    select
        {{ group | join(', ') }},
        '{{ stage }}' as stage,
        sum(lead_count)::integer as lead_count,
        sum({{ loop.previtem or 'lead' }}_count)::integer as before_count,
        sum({{ stage }}_count)::integer as reached_count,
        sum({{ stage }}_due_count)::integer as due_count,
        sum({{ stage }}_due_passed_count)::integer as due_passed_count
    from {{ counts }}
    group by all
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
