{#- Local days that a stretch of time lies on, as rows; a moment of midnight ends its day. -#}
{% macro local_days(from_at, to_at, zone) -%}
    unnest(
        generate_series(
            timezone({{ zone }}, {{ from_at }})::date,
            timezone({{ zone }}, {{ to_at }} - interval 1 microsecond)::date,
            interval 1 day
        )
    )::date
{%- endmacro %}

{#- When a local day begins, as a moment. -#}
{% macro local_midnight(day, zone) -%}
    timezone({{ zone }}, ({{ day }})::timestamp)
{%- endmacro %}
