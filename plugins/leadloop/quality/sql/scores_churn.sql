-- Grain: one row per (score_date, customer_id) written for a date that this run rebuilt.
select
    score_date::varchar as score_date,
    customer_id,
    probability,
    fall_chance,
    -- No probability needs no model; one of a model that nobody knows cannot be explained.
    (probability is null) = (model_version is null)
    and (
        model_version is null
        or model_version in (select model_version from raw.churn_models)
    ) as has_known_model
from raw.churn_scores
where
    score_date in (select event_date from raw.touched_dates)
    and hash(customer_id) % $buckets::ubigint = $bucket::ubigint
