-- Grain: one row per order with a day, or per invoice of a source of lines alone.
{{ config(materialized='table', tags=['marts']) }}
with

listed as (

    select * from {{ ref('int_money__sales_listed') }}

),

customers as (

    {{ states_by_key(ref('dim_customers'), 'customer_id') }}

),

leads as (

    {{ surviving_leads('listed') }}

),

flows as (

    select
        order_id,
        currency,
        paid_amount
    from {{ ref('fct_payments') }}
    union all by name
    select
        order_id,
        currency,
        refunded_amount
    from {{ ref('fct_refunds') }}

),

-- Without a rate of exchange only money in the order's own currency adds up.
settled as (

    select
        order_id,
        currency,
        sum(paid_amount) as payments_amount,
        coalesce(sum(refunded_amount), 0) as refunded_amount
    from flows
    group by all

),

joined as (

    select
        listed.*,
        coalesce(customers.surviving_customer_id, listed.customer_id) as survivor_id,
        leads.surviving_lead_id,
        leads.channel_id,
        leads.created_at as lead_created_at,
        settled.payments_amount,
        coalesce(settled.refunded_amount, 0) as refunded_amount,
        bool_or(listed.paid_at is not null or settled.payments_amount is not null)
            over (partition by listed.source_system) as tells_payment
    from listed
    left join customers on listed.customer_id = customers.customer_id
    left join leads on listed.lead_id = leads.lead_id
    left join settled
        on listed.order_id = settled.order_id and listed.currency = settled.currency

),

-- A source that never tells of a payment is believed: there every order is a sale.
judged as (

    select
        *,
        paid_at is not null or coalesce(payments_amount, 0) > 0 as shows_payment,
        case when tells_payment then shows_payment end as is_paid,
        coalesce(order_amount, 0) >= 0
        and (shows_payment or not tells_payment) as is_sale
    from joined

)

select
    judged.order_id,
    judged.source_system,
    judged.source_order_id,
    judged.survivor_id as customer_id,
    judged.surviving_lead_id as lead_id,
    judged.channel_id,
    timezone(company.timezone, judged.lead_created_at)::date as lead_created_date,
    judged.agent_id,
    judged.order_date,
    judged.ordered_at,
    judged.is_paid,
    judged.is_sale,
    judged.is_renewal,
    {{ sale_amounts('judged') }},
    judged.currency,
    judged.currency = company.currency as is_company_currency
from judged
cross join {{ source('scope', 'company') }} as company
