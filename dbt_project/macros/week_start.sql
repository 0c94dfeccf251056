{#- First day of the week that a date is in; `starts_on` is monday or sunday. -#}
{% macro week_start(date, starts_on) -%}
    case {{ starts_on }}
        when 'sunday' then (date_trunc('week', {{ date }} + 1) - interval 1 day)::date
        else date_trunc('week', {{ date }})::date
    end
{%- endmacro %}
