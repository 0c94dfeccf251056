-- Grain: one row per message_id.
with

source as (

    select * from {{ source('operations', 'outbox') }}

),

renamed as (

    select
        message_id,
        action_id,
        alert_id,
        channel,
        dedupe_key,
        state,
        attempts as attempt_count,
        next_attempt_at,
        last_answer,
        created_at,
        sent_at
    from source

)

select * from renamed
