-- Grain: one row per outcome.
{{ config(materialized='table', tags=['marts']) }}
with

outcomes as (

    select * from {{ ref('call_outcomes') }}

)

select * from outcomes
