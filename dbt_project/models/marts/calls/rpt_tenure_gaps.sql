-- Grain: one row per (week_start_date, week_count, measure, tenure_band).
{{ config(materialized='table', tags=['marts']) }}
with

weeks as (

    select * from {{ ref('rpt_agents_weekly') }}

),

spans as (

    select
        weeks.week_start_date,
        unnest([1, 4]) as week_count
    from weeks
    group by all

),

-- An agent's tenure is that of the last week looked at.
agents as (

    select
        spans.week_start_date,
        spans.week_count,
        weeks.agent_id,
        arg_max(weeks.tenure_band, weeks.week_start_date) as tenure_band,
        sum(weeks.handling_seconds) as handling_seconds,
        sum(weeks.talk_count) as talk_count,
        sum(weeks.won_count) as won_count,
        sum(weeks.conversion_base_count) as conversion_base_count,
        sum(weeks.staffed_won_count) as staffed_won_count,
        sum(weeks.staffed_dial_count) as staffed_dial_count,
        sum(weeks.staffed_day_count) as staffed_day_count
    from spans
    inner join weeks
        on
            spans.week_start_date >= weeks.week_start_date
            and spans.week_start_date - 7 * spans.week_count < weeks.week_start_date
    group by all

),

measures as (

    {{ tenure_measures('agents') }}

),

{{ clustered_means(
    'measures',
    ['week_start_date', 'week_count', 'measure', 'tenure_band'],
    'agent_total',
    'agent_sample'
) }},

veterans as (

    select * from clustered
    where tenure_band = '181+'

),

compared as (

    select
        clustered.*,
        clustered.mean_value - veterans.mean_value as gap_value,
        -- As many degrees of freedom as the smaller group has: never too narrow.
        {{ t_quantile('least(clustered.agent_count, veterans.agent_count) - 1') }}
        * sqrt(
            clustered.standard_error * clustered.standard_error
            + veterans.standard_error * veterans.standard_error
        ) as gap_half_width,
        {{ safe_rate('clustered.mean_value', 'veterans.mean_value') }} - 1 as gap_rate
    from clustered
    left join veterans
        on
            clustered.week_start_date = veterans.week_start_date
            and clustered.week_count = veterans.week_count
            and clustered.measure = veterans.measure
            and clustered.tenure_band <> veterans.tenure_band

)

select
    week_start_date,
    week_count,
    measure,
    tenure_band,
    agent_count,
    sample_count,
    total_value,
    -- Sums of floats depend on their order: as decimals, a rebuild gives the same.
    mean_value::decimal(28, 6) as mean_value,
    greatest(low_value, 0)::decimal(28, 6) as low_value,
    high_value::decimal(28, 6) as high_value,
    gap_value::decimal(28, 6) as gap_value,
    (gap_value - gap_half_width)::decimal(28, 6) as gap_low_value,
    (gap_value + gap_half_width)::decimal(28, 6) as gap_high_value,
    gap_rate
from compared
