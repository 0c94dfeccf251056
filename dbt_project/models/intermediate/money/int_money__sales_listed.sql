-- Grain: one row per order with a day, or per invoice of a source of lines alone.
-- Payments, refunds and sales look orders up in it.
{{ config(materialized='table') }}
with

orders as (

    select * from {{ ref('int_orders__newest_kept') }}

),

lines as (

    select * from {{ ref('int_order_lines__newest_kept') }}

),

renewals as (

    select * from {{ ref('int_money__renewal_days') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

invoices as (

    select
        lines.source_system || ':' || lines.order_id as order_id,
        lines.source_system,
        lines.order_id as source_order_id,
        min(lines.customer_id) as customer_id,
        null::varchar as lead_id,
        null::varchar as agent_id,
        min(lines.event_date) as order_date,
        min(lines.placed_at) as placed_at,
        null::timestamptz as paid_at,
        -- A price of the line that the source does not write follows from its parts.
        sum(
            coalesce(lines.amount, (lines.quantity * lines.unit_amount)::decimal(18, 4))
        )::decimal(18, 4) as order_amount,
        null::decimal(18, 4) as margin_amount,
        min(upper(lines.currency)) as recorded_currency
    from lines
    anti join orders
        on
            lines.source_system = orders.source_system
            and lines.order_id = orders.source_pk
    where
        not lines.is_deleted
        and lines.event_date is not null
    group by all

),

listed as (

    select
        order_id,
        source_system,
        source_pk as source_order_id,
        customer_id,
        lead_id,
        agent_id,
        order_date,
        placed_at,
        paid_at,
        order_amount,
        margin_amount,
        recorded_currency
    from orders
    where
        not is_deleted
        and order_date is not null

    union all

    select * from invoices

)

select
    listed.order_id,
    listed.source_system,
    listed.source_order_id,
    listed.customer_id,
    listed.lead_id,
    listed.agent_id,
    listed.order_date,
    listed.placed_at,
    listed.paid_at,
    listed.order_amount,
    listed.margin_amount,
    -- Midnight of its end stands for a day without a clock time.
    coalesce(
        listed.placed_at,
        {{ local_midnight('listed.order_date + 1', 'company.timezone') }}
    ) as ordered_at,
    coalesce(listed.recorded_currency, company.currency) as currency,
    renewals.renewal_date is not null as is_renewal
from listed
cross join company
left join renewals
    on
        listed.customer_id = renewals.customer_id
        and listed.order_date = renewals.renewal_date
