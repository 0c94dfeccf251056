{#- Rows about orders, each with the order that it names; null where no order has that id.

    Whoever takes the money is often another system than the shop: ids are looked up in the same
    system, then in the tenant. -#}
{% macro match_orders(rows, orders) -%}
    with anywhere as (

        select
            {{ orders }}.source_order_id,
            min({{ orders }}.order_id) as order_id
        from {{ orders }}
        group by all

    )

    select
        {{ rows }}.*,
        coalesce({{ orders }}.order_id, anywhere.order_id) as matched_order_id
    from {{ rows }}
    left join {{ orders }}
        on
            {{ rows }}.order_id = {{ orders }}.source_order_id
            and {{ rows }}.source_system = {{ orders }}.source_system
    left join anywhere on {{ rows }}.order_id = anywhere.source_order_id
{%- endmacro %}
