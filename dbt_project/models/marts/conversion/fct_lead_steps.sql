-- Grain: one row per (lead_id, from_stage, stage) that the lead stood before.
{{ config(materialized='table', tags=['weekly']) }}
with

leads as (

    select funnel.*
    from {{ ref('fct_leads_funnel') }} as funnel
    where {{ is_countable_lead('funnel') }}

),

company as (

    select * from {{ source('scope', 'company') }}

),

run as (

    select * from {{ source('scope', 'run') }}

),

stages as (

    select * from {{ source('scope', 'funnel_stages') }}

),

seen as (

    select {{ local_midnight('run.day + 1', 'company.timezone') }} as seen_until_at
    from run
    cross join company

),

windows as (

    select {{ funnel_windows() }}
    from stages

),

judged as (

    select
        leads.*,
        seen.seen_until_at,
        {{ funnel_judged('leads', 'windows', 'seen.seen_until_at') }}
    from leads
    cross join seen
    cross join windows

),

steps as (

    {{ steps_of_leads('judged') }}

)

select
    steps.lead_id,
    steps.from_stage,
    steps.stage,
    stages.position,
    steps.from_stage <> 'entered' or steps.stage = 'dialled' as is_step,
    steps.entered_date,
    steps.channel_id,
    steps.before_at,
    case when steps.is_event then steps.reached_at end as reached_at,
    steps.seen_until_at,
    steps.is_event,
    -- A lead that is lost goes on waiting: it has not bought, and will not.
    greatest(
        date_diff(
            'second',
            steps.before_at,
            case when steps.is_event then steps.reached_at else steps.seen_until_at end
        ) // 86400,
        0
    ) as waited_days,
    steps.is_in_time,
    steps.is_due
from steps
inner join stages on steps.stage = stages.stage
where steps.before_at < steps.seen_until_at
