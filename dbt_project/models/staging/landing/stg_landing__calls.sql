-- Grain: one row per landed version of a call.
with

source as (

    select * from {{ source('landing', 'calls') }}

),

renamed as (

    select
        -- Keys
        source_system || ':' || source_pk as dial_id,
        source_system,
        source_pk,
        call_id,
        parent_call_id,
        lead_id,
        customer_id,
        campaign_id,
        channel_id,
        list_id,
        queue_id,
        agent_id,
        phone_hash,
        phone_last4,
        phone_region,

        -- What happened
        direction,
        dial_mode,
        attempt_no::integer as attempt_no,
        outcome,
        outcome_raw,
        tells_won,
        tells_human,
        hangup_by,
        cost_amount::decimal(18, 4) as cost_amount,
        recording_uri,

        -- When, in UTC
        originated_at,
        ring_at as rang_at,
        queued_at,
        answered_at,
        ended_at,

        -- How long, as the source recorded it: talk counts only where it is believed.
        ivr_s::integer as ivr_seconds,
        queue_s::integer as queue_seconds,
        ring_s::integer as ring_seconds,
        talk_s::integer as recorded_talk_seconds,
        hold_s::integer as hold_seconds,
        acw_s::integer as after_call_seconds,

        -- Local day and month; a row without a day is kept under the date of its load.
        event_date as dial_date,
        event_month as dial_month,
        date_precision,
        coalesce(event_date, load_date::date) as scope_date,

        -- Where it came from and which version it is
        load_date::date as load_date,
        batch_id,
        row_hash,
        extracted_at,
        ingested_at,
        is_deleted,
        source_file,
        source_line
    from source

)

select * from renamed
