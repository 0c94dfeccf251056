-- Grain: one row per action_id.
with

actions as (

    select * from {{ ref('stg_operations__actions') }}

),

alerts as (

    select * from {{ ref('stg_operations__alerts') }}

),

approvals as (

    select * from {{ ref('stg_operations__approvals') }}

),

company as (

    select * from {{ source('scope', 'company') }}

)

select
    actions.*,
    alerts.rule_id,
    approvals.decision,
    approvals.decided_via,
    company.currency,
    timezone(company.timezone, actions.proposed_at)::date as proposed_date
from actions
cross join company
left join alerts on actions.alert_id = alerts.alert_id
left join approvals on actions.action_id = approvals.action_id
