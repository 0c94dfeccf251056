-- Grain: one row per (week_start_date, stage, channel_id, team_id).
{{ config(materialized='table', tags=['weekly']) }}
with

weeks as (

    select period_start_date as week_start_date
    from {{ source('scope', 'reported_periods') }}
    where cycle = 'weekly'
    qualify row_number() over (order by period_start_date desc) <= 8

),

steps as (

    select * from {{ ref('fct_lead_steps') }}
    where is_step and is_due

),

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

teams as (

    select
        agent_id,
        max(team_id) as team_id
    from {{ ref('dim_agents_history') }}
    where is_current
    group by all

),

-- Eight weeks of entry up to each week: of one alone, few steps are over.
counted as (

    select
        weeks.week_start_date,
        steps.stage,
        steps.position,
        steps.channel_id,
        -- Who shows intent is given an agent: before, to have one is to have gone on.
        case when steps.stage in ('quoted', 'won', 'paid') then teams.team_id end
            as team_id,
        count(*)::integer as due_count,
        {{ count_where('steps.is_in_time') }} as due_passed_count
    from weeks
    inner join steps
        on
            weeks.week_start_date - 49 <= steps.entered_date
            and weeks.week_start_date + 6 >= steps.entered_date
    inner join leads on steps.lead_id = leads.lead_id
    left join teams on leads.owner_agent_id = teams.agent_id
    group by all

),

shrunken as (

    {{ shrunken_rates(
        'counted', 'due_passed_count', 'due_count', ['week_start_date', 'stage']
    ) }}

),

stages as (

    select
        week_start_date,
        stage,
        position,
        max(family_rate) as family_rate,
        -- What three of four do not reach; one alone has nobody to learn from. Who has
        -- no agent yet often buys at once: that is no peer of those who have.
        case
            when count(*) > 1
                then coalesce(
                    quantile_cont(shrunken_rate, 0.75) filter (
                        where team_id is not null
                    ),
                    quantile_cont(shrunken_rate, 0.75)
                )
        end as benchmark_rate
    from shrunken
    group by all

),

margins as (

    select
        channel_id,
        {{ safe_rate('sum(margin_amount)', 'count(*)') }} as own_margin,
        {{ safe_rate(
            'sum(sum(margin_amount)) over ()', 'sum(count(*)) over ()'
        ) }} as all_margin
    from leads
    where paid_at is not null and margin_amount is not null and not is_merged
    group by all

)

{{ bottlenecks_valued('shrunken', 'stages', 'margins') }}
