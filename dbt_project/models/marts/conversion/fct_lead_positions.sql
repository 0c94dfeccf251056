-- Grain: one row per lead_id.
{{ config(materialized='table', tags=['weekly']) }}
with

leads as (

    select funnel.*
    from {{ ref('fct_leads_funnel') }} as funnel
    where {{ is_countable_lead('funnel') }}

),

steps as (

    select * from {{ ref('fct_lead_steps') }}
    where is_step

),

stages as (

    select * from {{ source('scope', 'funnel_stages') }}

),

-- What nine of ten needed of those who went on; where nobody did, the time of the step.
limits as (

    select
        stages.stage,
        coalesce(
            quantile_disc(steps.waited_days, 0.9) filter (where steps.is_event),
            max(stages.within_days)
        )::integer as limit_days
    from stages
    left join steps on stages.stage = steps.stage
    group by all

),

-- The step that a lead stands before; of the last stage there is none.
standing as (

    select
        steps.lead_id,
        steps.from_stage,
        steps.stage as next_stage,
        steps.before_at,
        steps.seen_until_at
    from steps
    where not steps.is_event

),

active as (

    select
        leads.lead_id,
        leads.entered_date,
        leads.channel_id,
        leads.owner_agent_id,
        leads.is_won_outside,
        leads.lost_reason,
        leads.paid_at,
        leads.won_at,
        coalesce(standing.from_stage, 'paid') as stage,
        standing.next_stage,
        greatest(standing.before_at, leads.last_two_way_at) as last_active_at,
        date_diff('second', last_active_at, standing.seen_until_at) // 86400
            as inactive_days,
        limits.limit_days
    from leads
    semi join steps on leads.lead_id = steps.lead_id
    left join standing on leads.lead_id = standing.lead_id
    left join limits on standing.next_stage = limits.stage

)

select
    *,
    coalesce(inactive_days > limit_days, false) as is_past_limit,
    case
        when next_stage is null or is_won_outside then 'done'
        when lost_reason is not null then 'lost'
        when is_past_limit then 'stuck'
        else 'open'
    end as state
from active
