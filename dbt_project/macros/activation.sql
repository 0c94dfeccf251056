{#- Leads that slept when they were touched, once a week each, and whether they woke in time: a chain
    of CTEs that ends in `judged`; needs `leads`, `dial_days`, `touches`, `inquiries`, `weeks` and
    `seen`. The touch is a dial or a message, whoever answers the dial is awake. -#}
{% macro dormant_leads_touched() -%}
span as (

    select
        min(weeks.week_date) - any_value(seen.dormant_days) as first_date,
        max(weeks.as_of_date) + any_value(seen.activation_days) as last_date
    from weeks
    cross join seen

),

talks as (

    select
        leads.surviving_lead_id as lead_id,
        unnest(list_distinct([
            dial_days.first_connected_at, dial_days.last_two_way_at
        ])) as talked_at
    from dial_days
    inner join span on dial_days.dial_date between span.first_date and span.last_date
    inner join leads on dial_days.lead_id = leads.lead_id

),

wakings as (

    select * from talks
    union all
    select
        leads.surviving_lead_id as lead_id,
        inquiries.occurred_at as talked_at
    from inquiries
    inner join leads on inquiries.lead_id = leads.lead_id

),

touched as (

    select
        leads.surviving_lead_id as lead_id,
        dial_days.first_dial_at as touched_at,
        dial_days.dial_date as touched_date
    from dial_days
    inner join leads on dial_days.lead_id = leads.lead_id
    where dial_days.first_dial_at is not null

    union all

    select
        leads.surviving_lead_id as lead_id,
        touches.touched_at,
        timezone(seen.timezone, touches.touched_at)::date as touched_date
    from touches
    inner join leads on touches.lead_id = leads.lead_id
    cross join seen

),

sleeping as (

    select
        touched.lead_id,
        touched.touched_at,
        weeks.week_date,
        living.channel_id,
        living.content_theme
    from touched
    inner join weeks on touched.touched_date between weeks.week_date and weeks.as_of_date
    inner join leads as living on touched.lead_id = living.lead_id
    cross join seen
    asof left join talks
        on touched.lead_id = talks.lead_id and touched.touched_at > talks.talked_at
    where
        {{ is_countable_lead('living') }}
        and touched.touched_at >= living.entered_at + to_days(seen.dormant_days)
        and (
            talks.talked_at is null
            or touched.touched_at >= talks.talked_at + to_days(seen.dormant_days)
        )
    qualify
        row_number() over (
            partition by touched.lead_id, weeks.week_date order by touched.touched_at
        ) = 1

),

judged as (

    select
        sleeping.*,
        sleeping.touched_at + to_days(seen.activation_days) as until_at,
        until_at <= seen.seen_until_at as is_due,
        coalesce(wakings.talked_at <= until_at, false) as is_activated
    from sleeping
    cross join seen
    asof left join wakings
        on sleeping.lead_id = wakings.lead_id and sleeping.touched_at <= wakings.talked_at

)
{%- endmacro %}
