-- Grain: one row per score_date that this run rebuilt.
select
    score_date::varchar as score_date,
    count(probability)::double / count(*) as modelled_share,
    -- Of a handful of customers any share is chance.
    case
        when count(*) >= $minimum_customers
            then count(*) filter (where is_rule_flagged)::double / count(*)
    end as flagged_share
from raw.churn_scores
where score_date in (select event_date from raw.touched_dates)
group by all
