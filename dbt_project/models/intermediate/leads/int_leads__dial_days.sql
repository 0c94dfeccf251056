-- Grain: one row per (lead_id, dial_date).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='dial_date',
        on_schema_change='fail',
    )
}}
with

company as (

    select * from {{ source('scope', 'company') }}

),

outcomes as (

    select * from {{ source('scope', 'funnel_words') }}
    where kind = 'outcome'

),

dials as (

    select
        facts.*,
        -- Where the CRM has no leads, a number dialled is one; a customer is none.
        coalesce(
            facts.lead_id,
            case
                when facts.customer_id is null and facts.is_dial
                    then 'phone:' || facts.phone_hash
            end
        ) as lead_key,
        coalesce(
            facts.originated_at,
            {{ local_midnight('facts.dial_date', 'company.timezone') }}
        ) as moment,
        outcomes.stage
    from {{ ref('int_dials__flagged') }} as facts
    cross join company
    left join outcomes on facts.outcome = outcomes.word
    where
        facts.dial_date is not null
        and not facts.is_leg
        and {{ is_touched_date('facts.scope_date') }}

),

counted as (

    select
        lead_key as lead_id,
        dial_date,
        {{ count_where('is_dial') }} as dial_count,
        {{ count_where('is_connected') }} as connected_count,
        min(moment) filter (where is_dial) as first_dial_at,
        min(moment) filter (where is_connected) as first_connected_at,
        max(moment) filter (where is_connected or is_served) as last_two_way_at,
        min(moment) filter (where stage = 'intent') as intent_at,
        min(moment) filter (where stage = 'quoted') as quoted_at,
        min(moment) filter (where stage = 'won') as won_at,
        arg_min(channel_id, moment) as channel_id,
        arg_min(campaign_id, moment) as campaign_id,
        arg_min(phone_hash, moment) as phone_hash,
        sum(cost_amount)::decimal(18, 4) as cost_amount
    from dials
    where lead_key is not null
    group by all

),

-- A lead whose calls of the day all went to another keeps a row: it is worked out anew.
keys as (

    select
        lead_id,
        dial_date
    from counted
    {% if is_incremental() %}
        union
        select
            kept.lead_id,
            kept.dial_date
        from {{ this }} as kept
        where {{ is_touched_date('kept.dial_date') }}
    {%- endif %}

)

select
    keys.lead_id,
    keys.dial_date,
    coalesce(counted.dial_count, 0) as dial_count,
    coalesce(counted.connected_count, 0) as connected_count,
    counted.first_dial_at,
    counted.first_connected_at,
    counted.last_two_way_at,
    counted.intent_at,
    counted.quoted_at,
    counted.won_at,
    counted.channel_id,
    counted.campaign_id,
    counted.phone_hash,
    counted.cost_amount
from keys
left join counted
    on keys.lead_id = counted.lead_id and keys.dial_date = counted.dial_date
