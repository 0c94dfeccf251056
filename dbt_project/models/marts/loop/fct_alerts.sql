-- Grain: one row per alert_id.
{{ config(materialized='table', tags=['operations']) }}
with

alerts as (

    select * from {{ ref('int_operations__alerts_explained') }}

),

actions as (

    select * from {{ ref('fct_actions') }}

),

action_counts as (

    select
        alert_id,
        count(*) as action_count,
        min(acted_at) as acted_at
    from actions
    group by all

)

select
    alerts.alert_id,
    alerts.rule_id,
    alerts.rule_hash,
    alerts.rule_mode,
    alerts.severity,
    alerts.metric_id,
    alerts.dimensions,
    alerts.grain,
    alerts.period_key,
    alerts.event_count,
    alerts.sample_count,
    alerts.metric_value,
    alerts.low_value,
    alerts.high_value,
    alerts.threshold_value,
    alerts.expected_value,
    alerts.money_amount,
    alerts.currency,
    alerts.state,
    alerts.causes,
    alerts.cause_count,
    alerts.first_cause_kind,
    alerts.first_cause_place,
    alerts.raised_date,
    alerts.first_seen_at as raised_at,
    alerts.last_seen_at,
    alerts.acknowledged_at,
    alerts.acknowledged_by,
    alerts.resolved_at,
    coalesce(action_counts.action_count, 0) as action_count,
    action_counts.acted_at,
    alerts.owner
from alerts
left join action_counts on alerts.alert_id = action_counts.alert_id
