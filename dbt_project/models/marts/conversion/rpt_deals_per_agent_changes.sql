-- Grain: one row per week_start_date with a week before it.
{{ config(materialized='table', tags=['weekly']) }}
with

dates as (

    select * from {{ ref('dim_dates') }}

),

hours as (

    select * from {{ ref('fct_dials_hourly') }}
    where direction = 'outbound'

),

agent_days as (

    select
        dates.week_start_date,
        agents.dial_date,
        agents.source_system,
        agents.agent_id
    from {{ ref('fct_agents_daily') }} as agents
    inner join dates on agents.dial_date = dates.date_day
    where agents.dial_count > 0
    group by all

),

staffed as (

    select
        week_start_date,
        count(*)::integer as agent_day_count,
        count(distinct dial_date)::integer as day_count
    from agent_days
    group by all

),

channels as (

    select
        dates.week_start_date,
        hours.channel_id,
        sum(hours.dial_count) as dial_count,
        sum(hours.conversion_base_count) as contact_count,
        sum(hours.won_count) as won_count
    from hours
    inner join dates on hours.dial_date = dates.date_day
    group by all

),

-- How well a channel sells at all times: what a week's mix of channels would bring.
usual as (

    select
        channel_id,
        {{ safe_rate('sum(won_count)', 'sum(contact_count)') }} as usual_rate
    from channels
    group by all

),

weeks as (

    select
        channels.week_start_date,
        sum(channels.dial_count)::bigint as dial_count,
        sum(channels.contact_count)::bigint as contact_count,
        sum(channels.won_count)::bigint as won_count,
        {{ exact_sum('channels.contact_count * usual.usual_rate') }}::double
            as expected_wins
    from channels
    inner join usual on channels.channel_id is not distinct from usual.channel_id
    group by all

),

levels as (

    select
        weeks.week_start_date,
        weeks.dial_count,
        weeks.contact_count,
        weeks.won_count,
        staffed.agent_day_count,
        {{ safe_rate('weeks.won_count', 'staffed.agent_day_count') }} as deals_ratio,
        {{ safe_rate('weeks.dial_count', 'staffed.agent_day_count') }} as dials_ratio,
        {{ safe_rate('weeks.contact_count', 'weeks.dial_count') }} as connect_ratio,
        {{ safe_rate('weeks.expected_wins', 'weeks.contact_count') }} as mix_ratio,
        {{ safe_rate('weeks.won_count', 'weeks.expected_wins') }} as conversion_ratio
    from weeks
    inner join staffed on weeks.week_start_date = staffed.week_start_date
    where staffed.day_count >= 5

)

{{ deals_split('levels', ['dials', 'connect', 'mix', 'conversion']) }}
