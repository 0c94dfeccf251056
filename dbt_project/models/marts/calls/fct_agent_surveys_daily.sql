-- Grain: one row per (work_date, agent_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='work_date',
        tags=['marts'],
    )
}}
with

surveys as (

    select offers.*
    from {{ ref('int_surveys__newest_kept') }} as offers
    where
        offers.kind = 'csat'
        and not offers.is_deleted
        and {{ is_touched_agent_date('offers.event_date') }}

),

bounds as (

    select
        min(surveys.event_date) - 1 as first_date,
        max(surveys.event_date) as last_date
    from surveys

),

calls as (

    select dials.*
    from {{ ref('fct_dials') }} as dials
    inner join bounds
        on dials.dial_date between bounds.first_date and bounds.last_date
    where not dials.is_leg

),

-- Telephone and survey are different systems: a call of that id, a day before at most.
matched as (

    select
        surveys.event_date as work_date,
        calls.agent_id,
        surveys.answered_at is not null or surveys.score is not null as is_answered,
        -- The two best marks of the scale: 4 and 5 of 5.
        surveys.score >= surveys.scale_max - 1 as is_satisfied
    from surveys
    inner join calls
        on
            surveys.call_id = calls.call_id
            and calls.dial_date between surveys.event_date - 1 and surveys.event_date
    qualify
        row_number() over (
            partition by surveys.source_system, surveys.survey_id
            order by
                calls.source_system = surveys.source_system desc,
                calls.dial_date desc,
                calls.dial_id asc
        ) = 1

)

select
    work_date,
    agent_id,
    count(*)::bigint as survey_offered_count,
    count(*) filter (where is_answered)::bigint as survey_answered_count,
    nullif(count(is_satisfied), 0)::bigint as csat_base_count,
    sum(is_satisfied::integer)::bigint as satisfied_count
from matched
where agent_id is not null
group by all
