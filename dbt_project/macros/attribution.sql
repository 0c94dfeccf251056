{#- The rules by which a deal is credited to what touched the person before it. -#}
{% macro attribution_models() -%}
    {{ return(['first', 'last', 'last_non_direct', 'linear', 'time_decay']) }}
{%- endmacro %}

{#- What names a person: one row per key that is known; `living` is the lead that lives on. -#}
{% macro person_keys(rows, living, phone='null') -%}
    unnest(list_distinct([
        'lead:' || coalesce({{ living }}.surviving_lead_id, {{ rows }}.lead_id),
        'customer:' || {{ rows }}.customer_id,
        'customer:' || {{ living }}.customer_id,
        'phone:' || {{ living }}.phone_hash,
        'phone:' || {{ phone }}
    ])) as person_key
{%- endmacro %}

{#- Whatever brought a person closer, by each key of that person: the entries of leads (those merged
    into others too), inquiries of their own, messages. What has no channel is none. A chain of
    CTEs that ends in `touchpoints`; needs `leads`, `people`, `inquiries` and `touches`. -#}
{% macro touchpoints() -%}
campaigns as (

    {{ states_by_key(ref('dim_campaigns_history'), 'campaign_id') }}

),

touchpoints as (

    select
        'lead:' || leads.lead_id as touchpoint_id,
        leads.entered_at as touched_at,
        leads.channel_id,
        {{ person_keys('leads', 'people') }}
    from leads
    left join people on leads.lead_id = people.lead_id
    where not leads.is_withdrawn

    union all

    select
        'inquiry:' || inquiries.source_system || ':' || inquiries.event_id as touchpoint_id,
        inquiries.occurred_at as touched_at,
        'inquiry:' || inquiries.channel as channel_id,
        {{ person_keys('inquiries', 'people', 'inquiries.phone_hash') }}
    from inquiries
    left join people on inquiries.lead_id = people.lead_id

    union all

    select
        'touch:' || touches.source_system || ':' || touches.touch_id as touchpoint_id,
        touches.touched_at,
        coalesce(campaigns.channel_id, 'touch:' || touches.type) as channel_id,
        {{ person_keys('touches', 'people') }}
    from touches
    left join people on touches.lead_id = people.lead_id
    left join campaigns
        on touches.campaign_id = campaigns.campaign_id and campaigns.is_current

)
{%- endmacro %}

{#- The touchpoints of each order and what each model credits their channels: a chain of CTEs that
    ends in `credits`; needs `spans`, `touchpoints` and `seen`. -#}
{% macro order_paths() -%}
orders_begun as (

    select
        order_id,
        max(previous_at) as previous_at
    from spans
    group by all

),

paths as (

    select
        spans.order_id,
        spans.placed_at,
        touchpoints.touchpoint_id,
        touchpoints.touched_at,
        touchpoints.channel_id,
        list_contains(seen.direct_channels, touchpoints.channel_id) as is_direct,
        seen.half_life_days
    from spans
    inner join touchpoints on spans.person_key = touchpoints.person_key
    inner join orders_begun on spans.order_id = orders_begun.order_id
    cross join seen
    where
        touchpoints.channel_id is not null
        and touchpoints.touched_at <= spans.placed_at
        and touchpoints.touched_at >= spans.placed_at - to_days(seen.attribution_days)
        and (
            orders_begun.previous_at is null
            or touchpoints.touched_at > orders_begun.previous_at
        )
    group by all

),

weighed as (

    select
        *,
        (row_number() over path = 1)::integer as first_weight,
        (row_number() over path = count(*) over whole)::integer as last_weight,
        (
            row_number() over (
                partition by order_id order by is_direct, touched_at desc, touchpoint_id desc
            ) = 1
        )::integer as last_non_direct_weight,
        1 as linear_weight,
        pow(
            0.5,
            {{ safe_rate('epoch(placed_at - touched_at)', '86400 * half_life_days') }}
        ) as time_decay_weight
    from paths
    window
        path as (partition by order_id order by touched_at, touchpoint_id),
        whole as (partition by order_id)

),

shared as (

    select
        *,
        {%- for model in attribution_models() %}
        {{ safe_rate(
            model ~ '_weight', 'sum(' ~ model ~ '_weight) over (partition by order_id)'
        ) }} as {{ model }}_share{{ "," if not loop.last }}
        {%- endfor %}
    from weighed

),

credits as (

    select
        order_id,
        channel_id,
        count(*)::integer as touch_count,
        {%- for model in attribution_models() %}
        sum({{ model }}_share)::double as {{ model }}_credit_rate{{ "," if not loop.last }}
        {%- endfor %}
    from shared
    group by all

)
{%- endmacro %}

{#- The credits of an order by each model; all of it stays with nobody where nothing is known. -#}
{% macro credit_rates(credits) -%}
    {%- for model in attribution_models() %}
    coalesce({{ credits }}.{{ model }}_credit_rate, 1) as {{ model }}_credit_rate
        {{- "," if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- A row for each model of what `credit_rates` gave. -#}
{% macro credits_listed(credits) -%}
    {%- for model in attribution_models() %}
    select
        '{{ model }}' as attribution_model,
        order_id,
        channel_id,
        {{ model }}_credit_rate as credit_rate
    from {{ credits }}
    {{ "union all" if not loop.last }}
    {%- endfor %}
{%- endmacro %}
