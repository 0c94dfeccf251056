{#- Business time: seconds in which the company was open, and days on which people work.

    dim_open_hours has a row for each range of open hours, with the open seconds before it: the
    clock of business at a moment is that of the range before it. Two clocks differ by the business
    seconds between two moments; no row is multiplied. -#}

{#- The join of facts to the open hours at or before a moment; `open_hours` is a CTE. -#}
{% macro open_hours_at(facts, at, open_hours, name) -%}
    asof left join {{ open_hours }} as {{ name }}
        on {{ facts }}.{{ at }} >= {{ name }}.opened_at
{%- endmacro %}

{#- What the clock of business shows at a moment; null before the calendar begins. -#}
{% macro business_clock(at, hours) -%}
    {{ hours }}.earlier_open_seconds
    + least(epoch({{ at }} - {{ hours }}.opened_at), {{ hours }}.open_seconds)
{%- endmacro %}

{#- Business seconds between two moments, each with the open hours joined to it. -#}
{% macro business_seconds(from_at, from_hours, to_at, to_hours) -%}
    (
        ({{ business_clock(to_at, to_hours) }})
        - ({{ business_clock(from_at, from_hours) }})
    )
{%- endmacro %}

{#- Workdays from one date up to, but not with, another, each joined to its row of dim_dates. -#}
{% macro business_days(from_day, to_day) -%}
    ({{ to_day }}.earlier_workday_count - {{ from_day }}.earlier_workday_count)
{%- endmacro %}
