-- Grain: one row per (entered_week_date, channel_id, stage, lost_reason).
{{ config(materialized='table', tags=['weekly']) }}
with

company as (

    select * from {{ source('scope', 'company') }}

),

leads as (

    select * from {{ ref('fct_lead_positions') }}
    where state = 'lost'

)

select
    {{ week_start('leads.entered_date', 'company.week_start') }} as entered_week_date,
    leads.channel_id,
    leads.stage,
    leads.lost_reason,
    count(*)::integer as lead_count
from leads
cross join company
group by all
