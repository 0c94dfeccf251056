{#- A row for each step that a lead stood before, and one for its whole way from entry to deal.

    `judged` has the moments of each lead and what `funnel_judged` says of them. -#}
{% macro steps_of_leads(judged) -%}
    {%- for stage in funnel_stages() %}
    {%- set before = loop.previtem or 'entered' %}
    select
        {{ _step_columns(before, stage) }},
        is_{{ stage }}_in_time as is_in_time,
        is_{{ stage }}_due as is_due
    from {{ judged }}
    where {{ before }}_at is not null

    union all
    {% endfor %}
    select
        {{ _step_columns('entered', 'won') }},
        null::boolean as is_in_time,
        null::boolean as is_due
    from {{ judged }}
    where entered_at is not null
{%- endmacro %}

{% macro _step_columns(before, stage) -%}
        lead_id,
        entered_date,
        channel_id,
        seen_until_at,
        '{{ before }}' as from_stage,
        '{{ stage }}' as stage,
        {{ before }}_at as before_at,
        {{ stage }}_at as reached_at,
        coalesce({{ stage }}_at < seen_until_at, false) as is_event
{%- endmacro %}

{#- Steps once for each curve they are part of: of their channel and of all (*), of their month of
    entry and of all (null). Columns: entered_month, channel_id, from_stage, stage, waited_days,
    is_event. -#}
{% macro step_spells(steps) -%}
    select
        months.entered_month,
        channels.channel_id,
        steps.from_stage,
        steps.stage,
        steps.waited_days,
        steps.is_event
    from {{ steps }} as steps
    cross join lateral (
        select unnest([null, date_trunc('month', steps.entered_date)::date]) as entered_month
    ) as months
    cross join lateral (
        select unnest(['*', steps.channel_id]) as channel_id
    ) as channels
{%- endmacro %}
