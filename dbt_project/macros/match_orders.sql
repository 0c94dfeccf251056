{#- Rows about orders, each with the order that it names; null where no order has that id.

    Whoever takes the money is often another system than the shop: ids are looked up in the tenant,
    those of the same system first. `key` names what tells two rows apart. -#}
{% macro match_orders(rows, orders, key) -%}
    select
        {{ rows }}.*,
        {{ orders }}.order_id as matched_order_id
    from {{ rows }}
    left join {{ orders }} on {{ rows }}.order_id = {{ orders }}.source_order_id
    qualify
        row_number() over (
            partition by {{ rows }}.source_system, {{ rows }}.{{ key }}
            order by
                {{ orders }}.source_system = {{ rows }}.source_system desc nulls last,
                {{ orders }}.order_id
        ) = 1
{%- endmacro %}
