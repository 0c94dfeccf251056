-- Grain: one row per effect_id.
with

source as (

    select * from {{ source('operations', 'effects') }}

),

renamed as (

    select
        effect_id,
        action_id,
        experiment,
        metric as metric_id,
        horizon_days,
        n_treat as treated_count,
        n_holdout as holdout_count,
        value::decimal(28, 6) as effect_value,
        low::decimal(28, 6) as low_value,
        high::decimal(28, 6) as high_value,
        verdict,
        reason,
        measured_at
    from source

)

select * from renamed
