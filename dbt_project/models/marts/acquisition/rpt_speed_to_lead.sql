-- Grain: one row per (entered_week_date, channel_id).
{{ config(materialized='table', tags=['marts']) }}
with

leads as (

    select * from {{ ref('fct_lead_speeds') }}

),

dates as (

    select * from {{ ref('dim_dates') }}

),

summed as (

    select
        dates.week_start_date as entered_week_date,
        leads.channel_id,
        count(*)::integer as lead_count,
        {{ count_where('leads.is_dialled') }} as dialled_count,
        {{ waiting_quantile('leads.wall_seconds', 0.5) }} as wall_median_seconds,
        {{ waiting_quantile('leads.wall_seconds', 0.9) }} as wall_ninetieth_seconds,
        {{ waiting_quantile('leads.business_seconds', 0.5) }}
            as business_median_seconds,
        {{ waiting_quantile('leads.business_seconds', 0.9) }}
            as business_ninetieth_seconds,
        nullif(count(leads.is_quick), 0)::integer as quick_base_count,
        sum(leads.is_quick::integer)::integer as quick_count,
        nullif(count(leads.is_quick_in_business), 0)::integer
            as business_quick_base_count,
        sum(leads.is_quick_in_business::integer)::integer as business_quick_count
    from leads
    inner join dates on leads.entered_date = dates.date_day
    group by all

)

select
    *,
    {{ safe_rate('dialled_count', 'lead_count') }} as dialled_rate,
    {{ safe_rate('quick_count', 'quick_base_count') }} as quick_rate,
    {{ safe_rate('business_quick_count', 'business_quick_base_count') }}
        as business_quick_rate
from summed
