-- Grain: one row per (source_system, agent_id).
{{ config(materialized='table', tags=['marts']) }}
with

agent_days as (

    select * from {{ ref('fct_agents_daily') }}

)

select
    source_system,
    agent_id,
    min(dial_date) as first_dial_date,
    max(dial_date) as last_dial_date,
    count(distinct dial_date)::integer as day_count
from agent_days
group by all
