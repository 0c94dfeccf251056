{#- Whether a day is in the last weeks that were reported. -#}
{% macro is_in_reported_weeks(column, week_count) -%}
    {{ column }} between (
        select max(periods.period_start_date) - {{ 7 * (week_count - 1) }}
        from {{ source('scope', 'reported_periods') }} as periods
        where periods.cycle = 'weekly'
    ) and (
        select max(periods.period_start_date) + 6
        from {{ source('scope', 'reported_periods') }} as periods
        where periods.cycle = 'weekly'
    )
{%- endmacro %}
