-- Grain: one row per label that customers object with.
{{ config(materialized='table', tags=['weekly']) }}
with

leads as (

    {{ stopped_and_won() }}

),

voiced as (

    {{ concerns_voiced() }}

),

-- What is said once the deal is made did not stand in its way.
calls as (

    select
        leads.lead_id,
        leads.channel_id,
        leads.is_won,
        calls.transcript_id,
        calls.dial_id,
        calls.started_at
    from {{ ref('fct_analysed_calls') }} as calls
    inner join leads on calls.lead_id = leads.lead_id
    where
        calls.is_analysable
        and {{ is_in_reported_weeks('calls.dial_date', 4) }}
        and (leads.won_at is null or calls.started_at <= leads.won_at)

),

sides as (

    select
        channel_id,
        count(distinct lead_id) filter (where not is_won)::integer as exposed_count,
        count(distinct lead_id) filter (where is_won)::integer as other_count
    from calls
    group by all

),

heard as (

    select
        voiced.label,
        calls.*
    from calls
    inner join voiced on calls.transcript_id = voiced.transcript_id

),

counted as (

    select
        heard.label,
        heard.channel_id,
        count(distinct heard.lead_id) filter (where not heard.is_won)::integer
            as exposed_won_count,
        count(distinct heard.lead_id) filter (where heard.is_won)::integer
            as other_won_count
    from heard
    group by all

),

labels as (

    select
        heard.label,
        (list(heard.dial_id order by heard.started_at desc, heard.dial_id asc) filter (
            where not heard.is_won and heard.dial_id is not null
        ))[1:3] as dial_ids
    from heard
    group by all

),

-- Every channel of every label, those in which it was not heard, too.
strata as (

    select
        labels.label,
        sides.*,
        coalesce(counted.exposed_won_count, 0) as exposed_won_count,
        coalesce(counted.other_won_count, 0) as other_won_count
    from labels
    cross join sides
    left join counted
        on
            labels.label = counted.label
            and sides.channel_id is not distinct from counted.channel_id

)

{{ concerns_compared('strata', 'labels') }}
