-- Grain: one row per survey offered that its source has not withdrawn.
{{ config(materialized='table', tags=['marts']) }}
with

surveys as (

    select * from {{ ref('int_surveys__newest_kept') }}
    where not is_deleted

),

customers as (

    {{ states_by_key(ref('dim_customers'), 'customer_id') }}

)

select
    surveys.source_system || ':' || surveys.survey_id as survey_id,
    surveys.source_system,
    surveys.kind,
    surveys.call_id,
    surveys.source_system || ':' || surveys.ticket_id as ticket_id,
    coalesce(customers.surviving_customer_id, surveys.customer_id) as customer_id,
    surveys.event_date as offered_date,
    surveys.offered_at,
    surveys.answered_at,
    -- Some sources write the score alone, without the time of the answer.
    surveys.answered_at is not null or surveys.score is not null as is_answered,
    surveys.score::decimal(9, 2) as given_points,
    surveys.scale_max::decimal(9, 2) as most_points,
    -- The two best marks of the scale: 4 and 5 of 5.
    case
        when surveys.kind = 'csat' then surveys.score >= surveys.scale_max - 1
    end as is_satisfied,
    surveys.batch_id,
    surveys.load_date
from surveys
left join customers on surveys.customer_id = customers.customer_id
