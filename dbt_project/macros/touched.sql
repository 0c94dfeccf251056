{#- Whether a row belongs to a date that this run rebuilds; always, in a first or full build. -#}
{% macro is_touched_date(column) -%}
    {%- if is_incremental() -%}
        {{ column }} in (
            select touched.event_date from {{ source('scope', 'touched_dates') }} as touched
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- The same by month. -#}
{% macro is_touched_month(column) -%}
    {%- if is_incremental() -%}
        {{ column }} in (
            select touched.event_month from {{ source('scope', 'touched_months') }} as touched
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Rows a data test looks at: those of the touched dates, so that tests stay flat over time. -#}
{% macro in_scope(column) -%}
    {%- if column == 'dial_month' -%}
        {{ column }} in (
            select touched.event_month from {{ source('scope', 'touched_months') }} as touched
        )
    {%- elif column -%}
        {{ column }} in (
            select touched.event_date from {{ source('scope', 'touched_dates') }} as touched
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Whether a row belongs to the days up to the run's that are rebuilt each time; always, in a first
    or full build. -#}
{% macro is_in_last_days(column, day_count) -%}
    {%- if is_incremental() -%}
        {{ column }} > (
            select latest.day - {{ day_count }} from {{ source('scope', 'run') }} as latest
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
