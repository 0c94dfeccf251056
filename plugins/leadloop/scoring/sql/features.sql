-- Grain: one row per (snapshot_date, customer_id) of customers active in the two windows up to it.
-- Every event joins on a date up to the snapshot: nothing later can reach a feature.
with

snapshots as (

    select unnest($snapshots::date[]) as snapshot_date

),

events as (

    select customer_id, dial_date as event_date, 'dial' as kind, 0.0 as amount
    from churn_dials
    union all
    select customer_id, dial_date as event_date, 'talk' as kind, 0.0 as amount
    from churn_dials
    where is_talk
    union all
    select customer_id, order_date as event_date, 'order' as kind, order_amount as amount
    from churn_orders
    union all
    select customer_id, dial_date as event_date, 'rival' as kind, 0.0 as amount
    from churn_mentions

),

first_seen as (

    select
        customer_id,
        min(event_date) as first_date
    from events
    group by all

),

aged as (

    select
        snapshots.snapshot_date,
        events.customer_id,
        events.kind,
        events.amount,
        snapshots.snapshot_date - events.event_date as age
    from snapshots
    inner join events
        on
            events.event_date <= snapshots.snapshot_date
            and events.event_date > snapshots.snapshot_date - 2 * $window::integer

),

counted as (

    select
        snapshot_date,
        customer_id,
        count(*) filter (where kind = 'talk' and age < $window)::integer as talk_count,
        count(*) filter (where kind = 'talk' and age >= $window)::integer as previous_talk_count,
        count(*) filter (where kind = 'dial' and age < $window)::integer as dial_count,
        count(*) filter (where kind = 'rival' and age < $window)::integer as rival_count,
        count(*) filter (where kind = 'order')::integer as order_count,
        coalesce(sum(amount) filter (where kind = 'order'), 0)::double as order_amount,
        coalesce(min(age) filter (where kind = 'talk'), 2 * $window)::integer as talk_age,
        coalesce(min(age) filter (where kind = 'order'), 2 * $window)::integer as order_age
    from aged
    group by all

)

select
    counted.*,
    least(counted.snapshot_date - first_seen.first_date, 365)::integer as known_days
from counted
inner join first_seen on counted.customer_id = first_seen.customer_id
-- A customer who neither talked nor ordered in both windows has left already.
where counted.talk_count + counted.previous_talk_count + counted.order_count > 0
order by counted.snapshot_date, counted.customer_id
