-- Grain: one row per (dial_date, source_system, agent_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='dial_date',
        tags=['marts'],
    )
}}
with

calls as (

    select calls.*
    from {{ ref('fct_analysed_calls') }} as calls
    where
        calls.agent_id is not null
        and calls.dial_date is not null
        and {{ is_touched_date('calls.dial_date') }}

),

counted as (

    select
        calls.dial_date,
        calls.dial_source_system as source_system,
        calls.agent_id,
        count(*)::integer as transcript_count,
        nullif({{ count_where('calls.is_analysable') }}, 0) as analysable_call_count,
        {{ count_where('calls.is_analysable and calls.forbidden_hit_count > 0') }}
            as flagged_count,
        {{ count_where('calls.is_analysable and calls.competitor_hit_count > 0') }}
            as rival_count,
        -- Requests count in every call, short ones included.
        {{ count_where('calls.dnc_hit_count > 0') }} as dnc_request_count
    from calls
    group by all

),

known as (

    select
        dial_date,
        source_system,
        agent_id,
        transcript_count,
        analysable_call_count,
        -- Without an analysable call nothing is known: null, not 0.
        case when analysable_call_count > 0 then flagged_count end
            as forbidden_call_count,
        case when analysable_call_count > 0 then rival_count end
            as competitor_call_count,
        dnc_request_count
    from counted

)

select
    *,
    {{ safe_rate('forbidden_call_count', 'analysable_call_count') }}
        as forbidden_word_rate
from known
