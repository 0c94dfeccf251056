{#- Each attribution model shares out all that was sold in a week, no more and no less. -#}
{% test models_share_all(model, orders, week) %}
with

weeks as (

    select
        {{ week_start('orders.order_date', 'company.week_start') }} as week_date,
        count(*) as order_count,
        coalesce(sum(orders.order_amount), 0) as order_amount,
        coalesce(sum(orders.margin_amount), 0) as margin_amount
    from {{ orders }} as orders
    cross join {{ source('scope', 'company') }} as company
    where orders.is_paid
    group by all

),

credited as (

    select
        {{ week }} as week_date,
        attribution_model,
        sum(credited_order_count) as order_count,
        coalesce(sum(credited_revenue_amount), 0) as order_amount,
        coalesce(sum(credited_margin_amount), 0) as margin_amount
    from {{ model }}
    group by all

)

select *
from weeks
left join credited on weeks.week_date = credited.week_date
where
    credited.week_date is null
    or abs(weeks.order_count - credited.order_count) > 1e-4
    or abs(weeks.order_amount - credited.order_amount) > 0.01
    or abs(weeks.margin_amount - credited.margin_amount) > 0.01
{% endtest %}
