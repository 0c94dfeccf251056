-- Grain: one row per term of a subscription that its source has not withdrawn.
{{ config(materialized='table', tags=['marts']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

customers as (

    {{ states_by_key(ref('dim_customers'), 'customer_id') }}

),

timed as (

    select
        followed.*,
        coalesce(customers.surviving_customer_id, followed.customer_id) as survivor_id,
        coalesce(upper(followed.currency), company.currency) as term_currency,
        followed.due_on + company.renewal_grace_days as grace_ends_date,
        horizons.known_until_date
    from {{ ref('int_money__terms_followed') }} as followed
    cross join company
    cross join horizons
    left join customers on followed.customer_id = customers.customer_id

),

paid as (

    {{ paid_terms('timed') }}

),

judged as (

    select
        timed.*,
        paid.term_no is not null as is_paid,
        -- Where no payment of any renewal is known, nobody knows.
        count(paid.term_no) over () > 0 as tells_payment,
        case
            when timed.due_on is null then 'open_ended'
            when timed.renewed_on <= timed.due_on then 'renewed_on_time'
            when timed.renewed_on <= timed.grace_ends_date then 'renewed_in_grace'
            when timed.renewed_on is not null then 'won_back'
            when timed.cancelled_on is not null then 'cancelled'
            when timed.due_on > timed.known_until_date then 'running'
            when timed.grace_ends_date > timed.known_until_date then 'in_grace'
            else 'lapsed'
        end as status,
        coalesce(timed.due_on <= timed.known_until_date, false) as is_due,
        coalesce(timed.grace_ends_date <= timed.known_until_date, false) as is_mature
    from timed
    left join paid
        on
            timed.source_system = paid.source_system
            and timed.subscription_id = paid.subscription_id
            and timed.term_no = paid.term_no

)

select
    source_system || ':' || subscription_id || ':' || term_no as term_id,
    source_system,
    subscription_id,
    term_no::integer as term_no,
    survivor_id as customer_id,
    plan,
    started_on as started_date,
    due_on as due_date,
    date_trunc('month', due_on)::date as due_month,
    renewed_on as renewed_date,
    cancelled_on as cancelled_date,
    grace_ends_date,
    status,
    is_due,
    is_mature,
    -- Nobody knows before the grace is over, however many have renewed early.
    case
        when is_mature then status in ('renewed_on_time', 'renewed_in_grace')
    end as is_renewed,
    case
        when is_mature and tells_payment
            then is_paid and status in ('renewed_on_time', 'renewed_in_grace')
    end as is_renewal_paid,
    is_auto_renewed,
    mrr as monthly_amount,
    term_currency as currency,
    {{ term_end() }} as ended_date,
    told_at
from judged
