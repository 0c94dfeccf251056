-- Grain: one row per (source_system, customer_id).
{{ config(materialized='table', tags=['marts']) }}
with

states as (

    select * from {{ ref('dim_customers_history') }}

),

newest as (

    select
        *,
        count(*) over (partition by source_system, customer_id) as state_count
    from states
    qualify
        row_number() over (
            partition by source_system, customer_id order by valid_from desc
        ) = 1

),

survivors as (

    {{ survivors_of('newest', 'customer_id', 'merged_into_customer_id') }}

)

select
    newest.source_system,
    newest.customer_id,
    survivors.survivor as surviving_customer_id,
    survivors.survivor <> newest.customer_id as is_merged,
    newest.type,
    newest.phone_hash,
    newest.first_order_at,
    newest.tier,
    newest.region,
    newest.is_profiling_refused,
    newest.state_count::integer as state_count,
    newest.is_deleted
from newest
inner join survivors
    on
        newest.source_system = survivors.source_system
        and newest.customer_id = survivors.customer_id
