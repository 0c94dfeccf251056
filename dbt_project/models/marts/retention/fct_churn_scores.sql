-- Grain: one row per (score_date, customer_id).
{{
    config(
        materialized='incremental',
        incremental_strategy='replace_dates',
        unique_key='score_date',
        tags=['marts'],
    )
}}
with

scores as (

    select * from {{ source('scores', 'churn_scores') }}

)

select
    score_date,
    customer_id,
    is_rule_flagged,
    is_naive_flagged,
    reasons,
    talk_count,
    previous_talk_count,
    -- Null, not 0, where nobody knows what was said.
    rival_count as rival_mention_count,
    fall_chance as fall_by_chance_score,
    probability,
    model_version
from scores
where {{ is_touched_date('score_date') }}
