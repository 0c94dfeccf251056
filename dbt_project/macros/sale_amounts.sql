{#- What was ordered, paid, paid back and kept of a sale, and the margin of what was kept.

    What is not paid brings nothing; what came back (a negative invoice) is taken off. A refund
    takes the same share off the margin as off the price. -#}
{% macro sale_amounts(sales) -%}
    {%- set came_in = "coalesce(" ~ sales ~ ".payments_amount, " ~ sales ~ ".order_amount)" -%}
    {%- set net -%}
    case
            when {{ sales }}.is_sale then {{ came_in }} - {{ sales }}.refunded_amount
            when {{ sales }}.order_amount < 0 then {{ sales }}.order_amount
            else 0
        end
    {%- endset -%}
    {{ sales }}.order_amount,
    case
        when {{ sales }}.is_paid then {{ came_in }}
        when not {{ sales }}.is_paid then 0
    end::decimal(18, 4) as paid_amount,
    {{ sales }}.refunded_amount::decimal(18, 4) as refunded_amount,
    {{ net }}::decimal(18, 4) as net_amount,
    case
        when {{ sales }}.margin_amount is null then null
        when not {{ sales }}.is_sale then 0
        else {{ sales }}.margin_amount * {{ safe_rate(net, sales ~ '.order_amount') }}
    end::decimal(18, 4) as margin_amount
{%- endmacro %}

{#- Leads that some rows name, each with the channel and the day of the one that lives on.

    Of millions of leads few ordered: only those are joined. -#}
{% macro surviving_leads(rows) -%}
    with named as (

        select leads.*
        from {{ ref('dim_leads') }} as leads
        where leads.lead_id in (select {{ rows }}.lead_id from {{ rows }})
        qualify
            row_number() over (partition by leads.lead_id order by leads.source_system) = 1

    ),

    survivors as (

        select
            named.lead_id,
            leads.channel_id,
            leads.created_at
        from {{ ref('dim_leads') }} as leads
        inner join named
            on
                leads.source_system = named.source_system
                and leads.lead_id = named.surviving_lead_id
        where named.surviving_lead_id <> named.lead_id

    )

    select
        named.lead_id,
        named.surviving_lead_id,
        if(survivors.lead_id is null, named.channel_id, survivors.channel_id) as channel_id,
        if(survivors.lead_id is null, named.created_at, survivors.created_at) as created_at
    from named
    left join survivors on named.lead_id = survivors.lead_id
{%- endmacro %}
