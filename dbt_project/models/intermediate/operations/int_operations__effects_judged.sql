-- Grain: one row per effect_id.
with

effects as (

    select * from {{ ref('stg_operations__effects') }}

),

company as (

    select * from {{ source('scope', 'company') }}

)

select
    effects.*,
    effects.verdict <> 'cannot be measured' as is_measured,
    effects.verdict = 'proven' as is_effective,
    timezone(company.timezone, effects.measured_at)::date as measured_date
from effects
cross join company
