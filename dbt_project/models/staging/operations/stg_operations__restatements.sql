-- Grain: one row per restatement_id.
with

source as (

    select * from {{ source('operations', 'metric_restatements') }}

),

renamed as (

    select
        restatement_id,
        metric as metric_id,
        grain,
        period as period_key,
        old_k::decimal(28, 6) as old_event_amount,
        old_n as old_sample_count,
        old_value::decimal(28, 6) as old_value,
        new_k::decimal(28, 6) as new_event_amount,
        new_n as new_sample_count,
        new_value::decimal(28, 6) as new_value,
        old_as_of::date as old_as_of_date,
        new_as_of::date as new_as_of_date,
        old_snapshot_id,
        new_snapshot_id,
        cause,
        restated_at
    from source

)

select * from renamed
