-- Grain: one row per action_id.
{{ config(materialized='table', tags=['operations']) }}
with

actions as (

    select * from {{ ref('int_operations__actions_decided') }}

),

followed as (

    select * from {{ ref('int_operations__actions_followed') }}

)

select
    actions.action_id,
    actions.alert_id,
    actions.rule_id,
    actions.action_type,
    actions.target_type,
    actions.target_id,
    actions.action_mode,
    actions.state,
    actions.approver,
    actions.decision,
    actions.decided_by,
    actions.decided_via,
    actions.experiment,
    followed.treated_count,
    followed.holdout_count,
    actions.proposed_date,
    actions.proposed_at,
    actions.decided_at,
    followed.acted_at,
    actions.expires_at,
    actions.outcome_window_ended_at,
    followed.allowed_count,
    followed.deferred_count,
    followed.denied_count,
    followed.message_count,
    followed.sent_message_count,
    actions.cost_amount,
    actions.currency
from actions
inner join followed on actions.action_id = followed.action_id
