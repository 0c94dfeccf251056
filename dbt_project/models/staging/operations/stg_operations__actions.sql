-- Grain: one row per action_id.
with

source as (

    select * from {{ source('operations', 'actions') }}

),

renamed as (

    select
        action_id,
        alert_id,
        type as action_type,
        target_type,
        target_id,
        -- An action that shares no experiment with others is one of its own.
        coalesce(experiment, action_id) as experiment,
        mode as action_mode,
        state,
        approver,
        proposed_at,
        decided_at,
        decided_by,
        gate,
        idempotency_key,
        expires_at,
        outcome_window_end as outcome_window_ended_at,
        cost::decimal(18, 4) as cost_amount
    from source

)

select * from renamed
