-- Grain: one row per (text_hash, side, language_version).
with

source as (

    select * from {{ source('language', 'text_scores') }}

),

renamed as (

    select
        text_hash,
        side,
        language_version,
        scored_date,
        intent,
        intent_score,
        is_abstained,
        sentiment_score,
        hits
    from source

)

select * from renamed
