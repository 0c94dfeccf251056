-- Grain: one row per (entered_week_date, channel_id, stage).
{{ config(materialized='table', tags=['marts']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

stages as (

    select * from {{ source('scope', 'funnel_stages') }}

),

days as (

    select * from {{ ref('fct_funnel_daily') }}

),

weeks as (

    select
        {{ week_start('days.entered_date', 'company.week_start') }}
            as entered_week_date,
        days.*
    from days
    cross join company

),

steps as (

    {{ funnel_steps('weeks', ['entered_week_date', 'channel_id']) }}

)

select
    steps.entered_week_date,
    steps.channel_id,
    steps.stage,
    stages.position,
    stages.within_days,
    steps.lead_count,
    steps.before_count,
    steps.reached_count,
    steps.due_count,
    steps.due_passed_count,
    {{ safe_rate('steps.reached_count', 'steps.before_count') }} as step_rate,
    {{ safe_rate('steps.reached_count', 'steps.lead_count') }} as cumulative_rate,
    {{ safe_rate('steps.due_passed_count', 'steps.due_count') }} as due_step_rate,
    {{ safe_rate('steps.due_count', 'steps.before_count') }} as maturity_rate
from steps
inner join stages on steps.stage = stages.stage
