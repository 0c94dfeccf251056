-- Grain: one row per (week_date, channel_id, content_theme).
{{
    config(
        materialized='incremental',
        incremental_strategy='delete+insert',
        unique_key='week_date',
        tags=['marts'],
    )
}}
{%- set has_turned = 'days.entered_date >= weeks.week_date - seen.dormant_days' %}
with

days as (

    select * from {{ ref('fct_lead_quality_daily') }}

),

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

talk_days as (

    select * from {{ ref('int_leads__dial_days') }}
    where last_two_way_at is not null

),

seen as (

    {{ seen_so_far() }}

),

-- A talk keeps its lead awake for dormant_days; the last week is open until it is over.
weeks as (

    {{ weeks_so_far('days', 'entered_date', '0', 'seen.dormant_days') }}

),

aged as (

    select
        weeks.week_date,
        weeks.as_of_date,
        days.channel_id,
        days.content_theme,
        sum(days.lead_count)::integer as aged_count,
        {{ sum_where('days.lead_count', has_turned) }} as turned_count,
        {{ sum_where('days.dormancy_due_silent_count', has_turned) }}
            as turned_silent_count
    from weeks
    cross join seen
    inner join days on days.entered_date <= weeks.as_of_date - seen.dormant_days
    group by all

),

awake as (

    select
        weeks.week_date,
        living.channel_id,
        living.content_theme,
        count(distinct living.lead_id)::integer as awake_count
    from talk_days
    cross join seen
    inner join weeks
        on
            talk_days.dial_date <= weeks.as_of_date
            and talk_days.dial_date > weeks.as_of_date - seen.dormant_days
    inner join leads on talk_days.lead_id = leads.lead_id
    inner join leads as living
        on
            leads.surviving_lead_id = living.lead_id
            and living.entered_date <= weeks.as_of_date - seen.dormant_days
    where {{ is_countable_lead('living') }}
    group by all

)

select
    aged.week_date,
    aged.as_of_date,
    aged.as_of_date < aged.week_date + 6 as is_open,
    aged.channel_id,
    aged.content_theme,
    aged.aged_count,
    coalesce(aged.turned_count, 0) as turned_count,
    coalesce(aged.turned_silent_count, 0) as turned_silent_count,
    aged.aged_count - coalesce(awake.awake_count, 0) as dormant_count,
    {{ safe_rate('dormant_count', 'aged.aged_count') }} as dormant_rate,
    {{ safe_rate('aged.turned_silent_count', 'aged.turned_count') }}
        as turned_silent_rate
from aged
left join awake
    on
        aged.week_date = awake.week_date
        and aged.channel_id is not distinct from awake.channel_id
        and aged.content_theme is not distinct from awake.content_theme
