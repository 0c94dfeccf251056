{#- Whether an agent's day is rebuilt by this run: touched by dials, states, shifts or surveys. -#}
{% macro is_touched_agent_date(column) -%}
    {#- Named outside the condition: dbt learns of it in a full build, too. -#}
    {%- set touched_dates = ref('int_agents__dates_touched') -%}
    {%- if is_incremental() -%}
        {{ column }} in (select touched.work_date from {{ touched_dates }} as touched)
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The same for the days before and after, on which what reaches into a day begins or ends. -#}
{% macro is_near_touched_agent_date(column) -%}
    {%- set touched_dates = ref('int_agents__dates_touched') -%}
    {%- if is_incremental() -%}
        {{ column }} in (
            select touched.work_date + unnest([-1, 0, 1]) from {{ touched_dates }} as touched
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Bands of days since somebody began to work here; null where that is not known. -#}
{% macro tenure_band(days) -%}
    case
        when {{ days }} <= 30 then '0-30'
        when {{ days }} <= 90 then '31-90'
        when {{ days }} <= 180 then '91-180'
        when {{ days }} > 180 then '181+'
    end
{%- endmacro %}
