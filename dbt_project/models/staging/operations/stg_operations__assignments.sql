-- Grain: one row per (experiment, arm).
with

source as (

    select * from {{ source('operations', 'assignments') }}

),

renamed as (

    select
        experiment,
        arm,
        unit_count
    from source

)

select * from renamed
