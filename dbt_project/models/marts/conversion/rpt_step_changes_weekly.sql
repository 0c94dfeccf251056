-- Grain: one row per (entered_week_date, stage, channel_id) due then or a week before.
{{ config(materialized='table', tags=['weekly']) }}
with

steps as (

    select * from {{ ref('rpt_funnel_weekly') }}
    where due_count > 0

),

rated as (

    select
        entered_week_date,
        stage,
        channel_id,
        due_count,
        due_passed_count,
        due_step_rate as step_rate,
        {{ safe_rate('due_count', 'sum(due_count) over week_step') }} as due_share_rate,
        {{ safe_rate(
            'sum(due_passed_count) over week_step', 'sum(due_count) over week_step'
        ) }} as all_step_rate
    from steps
    window week_step as (partition by entered_week_date, stage)

),

-- The pairs of weeks that can be compared: both have steps whose time is over.
weeks as (

    select
        later.entered_week_date,
        earlier.entered_week_date as previous_week_date,
        later.stage,
        max(later.all_step_rate) as all_step_rate,
        max(earlier.all_step_rate) as previous_all_step_rate
    from rated as later
    inner join rated as earlier
        on
            later.stage = earlier.stage
            and later.entered_week_date = earlier.entered_week_date + 7
    group by all

),

both_weeks as (

    select
        stage,
        channel_id,
        entered_week_date
    from rated
    union
    select
        stage,
        channel_id,
        entered_week_date + 7 as entered_week_date
    from rated

),

channels as (

    select
        weeks.*,
        both_weeks.channel_id
    from weeks
    inner join both_weeks
        on
            weeks.stage = both_weeks.stage
            and weeks.entered_week_date = both_weeks.entered_week_date

)

{{ changes_split('channels', 'rated') }}
