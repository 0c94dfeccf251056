{#- What a lead reached in time, and which of its times are over; columns of `timed` leads. -#}
{% macro lead_judged(timed) -%}
    {%- for name, moment in [
        ('dialled', 'dialled_at'),
        ('connected', 'connected_at'),
        ('intent', 'intent_at'),
        ('won', 'deal_at'),
        ('paid', 'money_at'),
    ] %}
    coalesce({{ timed }}.{{ moment }} <= {{ timed }}.quality_until_at, false)
        as is_{{ name }}_in_time,
    {%- endfor %}
    coalesce({{ timed }}.deal_at <= {{ timed }}.contact_until_at, false) as is_won_soon,
    coalesce({{ timed }}.talked_at > {{ timed }}.dormancy_until_at, true) as is_silent,
    coalesce({{ timed }}.match_rate >= {{ timed }}.high_match_rate, false) as is_match,
    coalesce({{ timed }}.connected_at <= {{ timed }}.reach_until_at, false) as is_reached_soon,
    {%- for name in ['quality', 'contact', 'dormancy', 'reach'] %}
    {{ timed }}.{{ name }}_until_at <= {{ timed }}.seen_until_at as is_{{ name }}_due
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The counts of fct_lead_quality_daily: name and condition. -#}
{% macro lead_quality_conditions() -%}
    {{ return([
        ('lead_count', 'true'),
        ('dialled_count', 'is_dialled_in_time'),
        ('connected_count', 'is_connected_in_time'),
        ('intent_count', 'is_intent_in_time'),
        ('won_count', 'is_won_in_time'),
        ('paid_count', 'is_paid_in_time'),
        ('quality_due_count', 'is_quality_due'),
        ('quality_due_won_count', 'is_quality_due and is_won_in_time'),
        ('quality_due_paid_count', 'is_quality_due and is_paid_in_time'),
        ('contact_count', 'has_contact'),
        ('contact_due_count', 'has_contact and is_contact_due'),
        ('contact_due_won_count', 'has_contact and is_contact_due and is_won_soon'),
        ('dormancy_due_count', 'is_dormancy_due'),
        ('dormancy_due_silent_count', 'is_dormancy_due and is_silent'),
        ('match_count', 'is_match'),
        ('match_due_count', 'is_match and is_reach_due'),
        ('match_due_reached_count', 'is_match and is_reach_due and is_reached_soon'),
    ]) }}
{%- endmacro %}

{% macro lead_quality_counts() -%}
    {%- for name, condition in lead_quality_conditions() %}
    {{ count_where(condition) }} as {{ name }}{{ "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- The counts above, added up by week of entry and the columns of `group`. -#}
{% macro lead_quality_weeks(group) -%}
    select
        {{ week_start('days.entered_date', 'company.week_start') }} as entered_week_date,
        {%- for name in group %}
        days.{{ name }},
        {%- endfor %}
        {%- for name, condition in lead_quality_conditions() %}
        sum(days.{{ name }})::integer as {{ name }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ ref('fct_lead_quality_daily') }} as days
    cross join {{ source('scope', 'company') }} as company
    group by all
{%- endmacro %}

{#- When leads first bought, however it came about, and when they first called in: CTEs `bought` and
    `called_in`; needs `leads`, `orders` and `talk_days`. -#}
{% macro first_deals_and_talks() -%}
bought as (

    select
        leads.surviving_lead_id as lead_id,
        min(orders.placed_at) as ordered_at,
        min(orders.paid_at) as paid_order_at
    from orders
    inner join leads on orders.lead_id = leads.lead_id
    group by all

),

called_in as (

    select
        leads.surviving_lead_id as lead_id,
        min(talk_days.last_two_way_at) as called_in_at
    from talk_days
    inner join leads on talk_days.lead_id = leads.lead_id
    group by all

)
{%- endmacro %}
