-- Grain: one row per landed version of an order.
with

source as (

    select * from {{ source('landing', 'orders') }}

),

renamed as (

    select
        -- Keys
        source_system || ':' || source_pk as order_id,
        source_system,
        source_pk,
        customer_id,
        lead_id,
        agent_id,
        phone_hash,
        phone_last4,
        phone_region,

        -- How much; a source that names no currency means the company's own.
        amount::decimal(18, 4) as order_amount,
        gross_margin::decimal(18, 4) as margin_amount,
        upper(currency) as recorded_currency,
        is_repeat as recorded_is_repeat,

        -- When, in UTC
        placed_at,
        paid_at,

        -- Local day; a row without a day is kept under the date of its load.
        event_date as order_date,
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
