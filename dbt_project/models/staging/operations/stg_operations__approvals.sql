-- Grain: one row per action_id.
with

source as (

    select * from {{ source('operations', 'approvals') }}

),

renamed as (

    select
        action_id,
        decision,
        decided_by,
        decided_via,
        decided_at
    from source

)

select * from renamed
