-- Grain: one row per (snapshot_date, customer_id) given; churned when no sign of life comes after.
with

signs as (

    select customer_id, dial_date as event_date from churn_dials where is_talk
    union all
    select customer_id, order_date as event_date from churn_orders

)

select
    given.snapshot_date,
    given.customer_id,
    count(signs.event_date) = 0 as is_churned
from given_snapshots as given
left join signs
    on
        given.customer_id = signs.customer_id
        and signs.event_date > given.snapshot_date + $gap::integer
        and signs.event_date <= given.snapshot_date + $gap::integer + $label::integer
group by all
order by given.snapshot_date, given.customer_id
