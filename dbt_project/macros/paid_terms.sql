{#- Renewed terms whose renewal was paid: by an order of the customer on that day, or by a payment
    that names the subscription from thirty days before the due date to the end of the grace. -#}
{% macro paid_terms(terms) -%}
    select
        {{ terms }}.source_system,
        {{ terms }}.subscription_id,
        {{ terms }}.term_no
    from {{ terms }}
    inner join {{ ref('fct_sales') }} as sales
        on
            {{ terms }}.survivor_id = sales.customer_id
            and {{ terms }}.renewed_on = sales.order_date
            and sales.is_renewal
            and sales.is_paid

    union

    select
        {{ terms }}.source_system,
        {{ terms }}.subscription_id,
        {{ terms }}.term_no
    from {{ terms }}
    inner join {{ ref('fct_payments') }} as payments
        on
            {{ terms }}.subscription_id = payments.subscription_id
            and {{ terms }}.due_on - 30 <= payments.paid_date
            and {{ terms }}.grace_ends_date >= payments.paid_date
    where {{ terms }}.renewed_on is not null
{%- endmacro %}
