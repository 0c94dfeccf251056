{#- What a cell of the cohort table holds: null, not 0, where its month is not fully known. -#}
{% macro cohort_cell(cells, found) -%}
    case when {{ cells }}.is_complete then {{ cells }}.customer_count end
        as observed_customer_count,
    case when {{ cells }}.is_complete then coalesce({{ found }}.active_count, 0) end
        as active_count,
    case when {{ cells }}.is_complete then coalesce({{ found }}.net_amount, 0) end
    ::decimal(18, 4) as net_amount,
    case
        when {{ cells }}.is_complete
            then {{ safe_rate('coalesce(' ~ found ~ '.active_count, 0)', cells ~ '.customer_count') }}
    end as retention_rate
{%- endmacro %}
