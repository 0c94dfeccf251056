-- Grain: one row per (source_system, customer_id).
{{ config(materialized='table', tags=['marts']) }}
{{
    as_they_stand('customers', 'customer_id', 'merged_into_customer_id', [
        'type',
        'phone_hash',
        'first_order_at',
        'tier',
        'region',
        'is_profiling_refused',
    ])
}}
