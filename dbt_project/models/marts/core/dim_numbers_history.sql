-- Grain: one row per state of a phone_hash.
{{ config(materialized='table', tags=['marts']) }}
with

states as (

    select * from {{ ref('int_numbers__states') }}

),

company as (

    select * from {{ source('scope', 'company') }}

)

select
    states.phone_hash,
    states.state_number,
    states.state,
    states.told_by,
    states.code,
    states.began_at as valid_from,
    lead(states.began_at) over following as valid_to,
    lead(states.began_at) over following is null as is_current,
    states.last_evidence_at,
    -- Numbers are given out anew, and who had not paid pays: nothing is dead for ever.
    case
        when states.state in ('invalid', 'suspended')
            then states.last_evidence_at + to_days(company.number_recheck_days)
    end as recheck_at
from states
cross join company
window following as (partition by states.phone_hash order by states.state_number)
