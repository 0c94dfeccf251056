-- Grain: one row per term of a subscription that its source has not withdrawn.
{{ config(materialized='table', tags=['marts']) }}
with

subscriptions as (

    select * from {{ ref('int_subscriptions__newest_kept') }}
    where not is_deleted

),

company as (

    select * from {{ source('scope', 'company') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

customers as (

    {{ states_by_key(ref('dim_customers'), 'customer_id') }}

),

-- Some sources never write a renewal into the old term: a next term tells it as well.
followed as (

    select
        *,
        coalesce(
            renewed_on,
            case
                when
                    lead(term_no) over terms = term_no + 1
                    then lead(started_on) over terms
            end
        ) as renewed_date
    from subscriptions
    window terms as (partition by source_system, subscription_id order by term_no)

),

timed as (

    select
        followed.*,
        coalesce(customers.surviving_customer_id, followed.customer_id) as survivor_id,
        coalesce(upper(followed.currency), company.currency) as term_currency,
        followed.due_on + company.renewal_grace_days as grace_ends_date,
        horizons.known_until_date
    from followed
    cross join company
    cross join horizons
    left join customers on followed.customer_id = customers.customer_id

),

judged as (

    select
        *,
        case
            when due_on is null then 'open_ended'
            when renewed_date <= due_on then 'renewed_on_time'
            when renewed_date <= grace_ends_date then 'renewed_in_grace'
            when renewed_date is not null then 'won_back'
            when cancelled_on is not null then 'cancelled'
            when due_on > known_until_date then 'running'
            when grace_ends_date > known_until_date then 'in_grace'
            else 'lapsed'
        end as status,
        coalesce(due_on <= known_until_date, false) as is_due,
        coalesce(grace_ends_date <= known_until_date, false) as is_mature
    from timed

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
    renewed_date,
    cancelled_on as cancelled_date,
    grace_ends_date,
    status,
    is_due,
    is_mature,
    -- Nobody knows before the grace is over, however many have renewed early.
    case
        when is_mature then status in ('renewed_on_time', 'renewed_in_grace')
    end as is_renewed,
    is_auto_renewed,
    mrr as monthly_amount,
    term_currency as currency,
    {{ term_end() }} as ended_date,
    coalesce(extracted_at, ingested_at) as told_at
from judged
