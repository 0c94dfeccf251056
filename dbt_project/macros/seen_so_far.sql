{#- What is known at this run, one row: the company's zone, its week, the limits of its funnel, the
    day of the run and the end of that day, until which everything that came is known. -#}
{% macro seen_so_far() -%}
    select
        company.timezone,
        company.week_start,
        company.number_recheck_days,
        funnel.*,
        run.day as run_date,
        {{ local_midnight('run.day + 1', 'company.timezone') }} as seen_until_at
    from {{ source('scope', 'run') }} as run
    cross join {{ source('scope', 'company') }} as company
    cross join {{ source('scope', 'funnel') }} as funnel
{%- endmacro %}
