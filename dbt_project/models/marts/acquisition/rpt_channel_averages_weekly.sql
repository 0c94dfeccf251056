-- Grain: one row per entered_week_date.
{{ config(materialized='table', tags=['marts']) }}
with

channels as (

    select * from {{ ref('rpt_channel_quality_weekly') }}

),

weeks as (

    select
        entered_week_date,
        count(won_rate)::integer as channel_count,
        sum(lead_count)::integer as lead_count,
        sum(quality_due_count)::integer as quality_due_count,
        sum(quality_due_won_count)::integer as quality_due_won_count,
        {{ safe_rate('sum(quality_due_won_count)', 'sum(quality_due_count)') }}
            as lead_weighted_won_rate,
        -- Every channel counts alike, however few its leads.
        avg(won_rate) as channel_mean_won_rate
    from channels
    group by all

),

compared as (

    select
        *,
        lead_weighted_won_rate - lag(lead_weighted_won_rate) over weeks_before
            as lead_weighted_change_rate,
        channel_mean_won_rate - lag(channel_mean_won_rate) over weeks_before
            as channel_mean_change_rate
    from weeks
    window weeks_before as (order by entered_week_date)

)

select
    *,
    -- Simpson: the mix of channels moved the one against the other.
    sign(lead_weighted_change_rate) * sign(channel_mean_change_rate) < 0 as is_opposed
from compared
