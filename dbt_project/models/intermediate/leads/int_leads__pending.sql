-- Grain: one row per lead_id that files tell of which are not yet in published marts.
with

leads as (

    select lead_id from {{ ref('stg_landing__leads') }}

),

tags as (

    select lead_id from {{ ref('stg_landing__lead_tags') }}

),

events as (

    select entity_id as lead_id
    from {{ ref('stg_landing__funnel_events') }}
    where entity_type = 'lead'

)

select lead_id from leads
union
select lead_id from tags
union
select lead_id from events
