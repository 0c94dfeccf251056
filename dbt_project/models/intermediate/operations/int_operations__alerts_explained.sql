-- Grain: one row per alert_id.
with

alerts as (

    select * from {{ ref('stg_operations__alerts') }}

),

company as (

    select * from {{ source('scope', 'company') }}

)

select
    alerts.*,
    company.currency,
    json_array_length(alerts.causes)::bigint as cause_count,
    json_extract_string(alerts.causes, '$[0].kind') as first_cause_kind,
    json_extract_string(alerts.causes, '$[0].place') as first_cause_place,
    timezone(company.timezone, alerts.first_seen_at)::date as raised_date
from alerts
cross join company
