-- Grain: one row per action_id.
with

actions as (

    select * from {{ ref('stg_operations__actions') }}

),

assignments as (

    select * from {{ ref('stg_operations__assignments') }}

),

outbox as (

    select * from {{ ref('stg_operations__outbox') }}

),

proofs as (

    select * from {{ ref('stg_operations__proofs') }}

),

arm_counts as (

    select
        experiment,
        sum(if(arm = 'treat', unit_count, 0))::bigint as treated_count,
        sum(if(arm = 'holdout', unit_count, 0))::bigint as holdout_count
    from assignments
    group by all

),

message_counts as (

    select
        action_id,
        count(*) as message_count,
        count(*) filter (where state = 'sent') as sent_message_count,
        min(sent_at) as first_sent_at
    from outbox
    group by all

),

verdict_counts as (

    select
        action_id,
        sum(proof_count) filter (where verdict = 'allow') as allowed_count,
        sum(proof_count) filter (where verdict = 'defer') as deferred_count,
        sum(proof_count) filter (where verdict = 'deny') as denied_count
    from proofs
    where stage = 'plan'
    group by all

)

select
    actions.action_id,
    arm_counts.treated_count,
    arm_counts.holdout_count,
    -- An executor that needs no message marks its action sent when it is done.
    coalesce(
        message_counts.first_sent_at,
        case when actions.state = 'sent' then actions.decided_at end
    ) as acted_at,
    coalesce(verdict_counts.allowed_count, 0)::bigint as allowed_count,
    coalesce(verdict_counts.deferred_count, 0)::bigint as deferred_count,
    coalesce(verdict_counts.denied_count, 0)::bigint as denied_count,
    coalesce(message_counts.message_count, 0) as message_count,
    coalesce(message_counts.sent_message_count, 0) as sent_message_count
from actions
left join arm_counts on actions.experiment = arm_counts.experiment
left join message_counts on actions.action_id = message_counts.action_id
left join verdict_counts on actions.action_id = verdict_counts.action_id
