-- Grain: one row per (entered_week_date, channel_id, stage) at which leads stand.
{{ config(materialized='table', tags=['weekly']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

leads as (

    select * from {{ ref('fct_lead_positions') }}

),

counted as (

    select
        {{ week_start('leads.entered_date', 'company.week_start') }}
            as entered_week_date,
        leads.channel_id,
        leads.stage,
        max(leads.limit_days) as limit_days,
        count(*)::integer as lead_count,
        {{ count_where("leads.state = 'done'") }} as done_count,
        {{ count_where("leads.state = 'open'") }} as open_count,
        {{ count_where("leads.state = 'stuck'") }} as stuck_count,
        {{ count_where("leads.state = 'lost'") }} as lost_count
    from leads
    cross join company
    group by all

)

select
    *,
    {{ safe_rate('stuck_count', 'lead_count') }} as stuck_rate,
    {{ safe_rate('lost_count', 'lead_count') }} as lost_rate
from counted
