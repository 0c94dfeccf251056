{#- Each time that somebody asked: an inquiry, a call to us, or an intent heard in a call.

    Columns: asker (who: the lead, or else the customer), lead_id, customer_id, asked_at, is_inquiry (not
    what was only heard) and ask, what was asked for; null where that is not told. -#}
{% macro asks_made(day_count) -%}
    select
        {{ asker_of('inquiries') }} as asker,
        inquiries.lead_id,
        inquiries.customer_id,
        inquiries.occurred_at as asked_at,
        true as is_inquiry,
        words.ask
    from {{ ref('int_inquiry_events__newest_kept') }} as inquiries
    left join {{ source('scope', 'asked_words') }} as words
        on words.kind = 'topic' and inquiries.topic = words.word
    where
        not inquiries.is_deleted
        and {{ is_in_last_days('inquiries.event_date', day_count) }}

    union all

    select
        {{ asker_of('calls') }} as asker,
        calls.lead_id,
        calls.customer_id,
        calls.originated_at as asked_at,
        true as is_inquiry,
        null as ask
    from {{ ref('fct_dials') }} as calls
    where calls.is_offered and {{ is_in_last_days('calls.dial_date', day_count) }}

    union all

    select
        {{ asker_of('calls') }} as asker,
        calls.lead_id,
        calls.customer_id,
        calls.started_at as asked_at,
        false as is_inquiry,
        words.ask
    from {{ ref('fct_annotations') }} as heard
    inner join {{ source('scope', 'asked_words') }} as words
        on words.kind = 'intent' and heard.label = words.word
    inner join {{ ref('fct_analysed_calls') }} as calls
        on heard.transcript_id = calls.transcript_id
    where
        heard.kind = 'intent'
        and heard.speaker_role = 'customer'
        and not heard.is_abstained
        and {{ is_in_last_days('heard.dial_date', day_count) }}
        and {{ is_in_last_days('calls.dial_date', day_count) }}
{%- endmacro %}

{#- Who asked or was dialled: a lead, or else a customer. -#}
{% macro asker_of(things) -%}
    coalesce('lead:' || {{ things }}.lead_id, 'customer:' || {{ things }}.customer_id)
{%- endmacro %}

{#- Signals with the first dial to the asker after each, and whether it came in time. -#}
{% macro signals_answered(signals) -%}
    select
        signals.*,
        case
            when dials.originated_at <= signals.signalled_at + to_days(rules.answer_days)
                then dials.originated_at
        end as first_attempt_at,
        date_diff('second', signals.signalled_at, first_attempt_at) as response_seconds,
        first_attempt_at is not null as is_answered,
        first_attempt_at is null
        and signals.signalled_at + to_days(rules.answer_days) > seen.until_at as is_open,
        signals.signalled_at + to_minutes(5) <= seen.until_at as is_due_in_5_minutes,
        is_due_in_5_minutes and coalesce(response_seconds <= 300, false)
            as is_answered_in_5_minutes
    from {{ signals }} as signals
    cross join {{ source('scope', 'buying_signals') }} as rules
    cross join (
        select {{ local_midnight('run.day + 1', 'company.timezone') }} as until_at
        from {{ source('scope', 'run') }} as run
        cross join {{ source('scope', 'company') }} as company
    ) as seen
    asof left join (
        select
            {{ asker_of('dials') }} as asker,
            dials.originated_at
        from {{ ref('fct_dials') }} as dials
        where dials.is_dial and {{ is_in_last_days('dials.dial_date', 31) }}
    ) as dials
        on signals.asker = dials.asker and signals.signalled_at < dials.originated_at
{%- endmacro %}
