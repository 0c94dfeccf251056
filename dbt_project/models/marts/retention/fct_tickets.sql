-- Grain: one row per ticket that its source has not withdrawn.
{{ config(materialized='table', tags=['marts']) }}
with

tickets as (

    select * from {{ ref('int_tickets__newest_kept') }}
    where not is_deleted

),

first_events as (

    select
        source_system,
        ticket_id,
        arg_min(priority, occurred_at) as opened_priority
    from {{ ref('int_ticket_events__newest_kept') }}
    where not is_deleted
    group by all

),

company as (

    select * from {{ source('scope', 'company') }}

),

horizons as (

    select * from {{ ref('dim_horizons') }}

),

customers as (

    {{ states_by_key(ref('dim_customers'), 'customer_id') }}

),

joined as (

    select
        tickets.*,
        first_events.opened_priority,
        coalesce(customers.surviving_customer_id, tickets.customer_id) as survivor_id,
        -- Another ticket about the same before the window after the first one is over.
        coalesce(tickets.solved_at, tickets.opened_at)
        + to_days(company.repeat_contact_days) as window_ends_at,
        {{ local_midnight('horizons.known_until_date + 1', 'company.timezone') }}
            as known_until_at,
        timezone(company.timezone, tickets.solved_at)::date as solved_date
    from tickets
    cross join company
    cross join horizons
    left join customers on tickets.customer_id = customers.customer_id
    left join first_events
        on
            tickets.source_system = first_events.source_system
            and tickets.ticket_id = first_events.ticket_id

),

followed as (

    select
        *,
        case
            when survivor_id is not null and category is not null
                then lead(opened_at) over (
                    partition by survivor_id, category order by opened_at, ticket_id
                )
        end as next_opened_at
    from joined

)

select
    source_system || ':' || ticket_id as ticket_id,
    source_system,
    survivor_id as customer_id,
    lead_id,
    event_date as opened_date,
    opened_at,
    first_reply_at,
    solved_at,
    solved_date,
    case
        when first_reply_at >= opened_at
            then date_diff('second', opened_at, first_reply_at)
    end::bigint as reply_seconds,
    case
        when solved_at >= opened_at then date_diff('second', opened_at, solved_at)
    end::bigint as solve_seconds,
    category,
    priority,
    opened_priority,
    reopened_count::integer as reopened_count,
    solved_at is not null as is_solved,
    next_opened_at,
    {{ first_contact_resolved() }} as is_first_contact_resolved,
    batch_id,
    load_date
from followed
