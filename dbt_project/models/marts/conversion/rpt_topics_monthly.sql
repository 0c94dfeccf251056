-- Grain: one row per (call_month, kind, label) that customers spoke of.
{{ config(materialized='table', tags=['monthly']) }}
with

calls as (

    select
        *,
        date_trunc('month', dial_date)::date as call_month
    from {{ ref('fct_analysed_calls') }}
    where
        is_analysable
        and dial_date is not null
        and {{ is_in_reported_months('dial_date', 13) }}

),

leads as (

    select * from {{ ref('fct_leads_funnel') }}

),

heard as (

    select
        transcript_id,
        kind,
        label
    from {{ ref('fct_annotations') }}
    where
        speaker_role = 'customer'
        and kind <> 'sentiment'
        and not is_abstained
        and is_negated is distinct from true
        and {{ is_in_reported_months('dial_date', 13) }}
    group by all

),

months as (

    select
        call_month,
        count(*)::integer as call_count
    from calls
    group by all

),

spoken as (

    select
        calls.call_month,
        calls.lead_id,
        heard.kind,
        heard.label,
        count(*) as voiced_call_count
    from calls
    inner join heard on calls.transcript_id = heard.transcript_id
    group by all

),

-- What those leads brought in is what there is to lose.
valued as (

    select
        spoken.call_month,
        spoken.kind,
        spoken.label,
        sum(spoken.voiced_call_count)::integer as voiced_call_count,
        count(spoken.lead_id)::integer as affected_lead_count,
        sum(leads.margin_amount)::decimal(18, 4) as affected_margin_amount
    from spoken
    left join leads on spoken.lead_id = leads.lead_id
    group by all

),

topics as (

    select
        kind,
        label
    from heard
    group by all

),

counted as (

    select
        months.*,
        topics.*,
        coalesce(valued.voiced_call_count, 0) as voiced_call_count,
        coalesce(valued.affected_lead_count, 0) as affected_lead_count,
        valued.affected_margin_amount
    from months
    cross join topics
    left join valued
        on
            months.call_month = valued.call_month
            and topics.kind = valued.kind
            and topics.label = valued.label

)

{{ topics_tested('counted') }}
