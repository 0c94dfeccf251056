-- Grain: one row per (raised_month, rule_id).
{{ config(materialized='table', tags=['operations']) }}
with

alerts as (

    select * from {{ ref('fct_alerts') }}

),

actions as (

    select * from {{ ref('fct_actions') }}

),

effects as (

    select * from {{ ref('fct_effects') }}

),

-- An action is measured by itself or with the experiment that it was drawn for.
measured as (

    select
        actions.alert_id,
        min(effects.measured_at) as measured_at,
        bool_or(effects.is_effective) as is_effective
    from actions
    inner join effects
        on
            actions.action_id = effects.action_id
            or actions.experiment = effects.experiment
    where effects.is_measured
    group by all

),

-- How far each alert came; a step counts only after the one before it.
steps as (

    select
        alerts.rule_id,
        alerts.cause_count,
        alerts.raised_at,
        alerts.acknowledged_at,
        alerts.acted_at,
        date_trunc('month', alerts.raised_date)::date as raised_month,
        alerts.acted_at is not null and measured.is_effective as is_effective,
        case
            when alerts.acted_at is not null then measured.measured_at
        end as measured_at
    from alerts
    left join measured on alerts.alert_id = measured.alert_id

),

counted as (

    select
        raised_month,
        rule_id,
        count(*) as raised_count,
        count(*) filter (where cause_count > 0) as explained_count,
        count(acknowledged_at) as acknowledged_count,
        count(acted_at) as acted_count,
        count(measured_at) as measured_count,
        count(*) filter (where is_effective) as effective_count,
        {{ median_hours('raised_at', 'acknowledged_at') }} as acknowledge_hours,
        {{ median_hours('raised_at', 'acted_at') }} as act_hours,
        {{ median_hours('acted_at', 'measured_at') }} as measure_hours
    from steps
    group by all

)

select
    raised_month,
    rule_id,
    raised_count,
    explained_count,
    acknowledged_count,
    acted_count,
    measured_count,
    effective_count,
    {{ safe_rate('explained_count', 'raised_count') }} as explained_rate,
    {{ safe_rate('acknowledged_count', 'raised_count') }} as acknowledged_rate,
    {{ safe_rate('acted_count', 'raised_count') }} as acted_rate,
    {{ safe_rate('measured_count', 'acted_count') }} as measured_rate,
    {{ safe_rate('effective_count', 'measured_count') }} as effective_rate,
    acknowledge_hours,
    act_hours,
    measure_hours
from counted
