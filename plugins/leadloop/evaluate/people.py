"""Scores of what is known of numbers and customers: dead numbers, risk of leaving."""

from __future__ import annotations

from typing import Any

from leadloop.evaluate.scoreboard import Place, Row, not_built, pair_rows, share_row
from leadloop.evaluate.truth import read_counts
from leadloop.warehouse import read_rows

LEAVES_WITHIN = 30
NUMBERS = """
select
    sum((true_leads.number = 'invalid')::int) as wanted,
    sum((numbers.state = 'invalid')::int) as reported,
    sum((true_leads.number = 'invalid' and numbers.state = 'invalid')::int) as correct,
    sum((true_leads.number = 'in_service' and numbers.state = 'invalid')::int) as lost,
    count(*) as n
from dim_numbers_history as numbers
join (
    select phone_hash, min(lead_id) as lead_id from dim_leads group by phone_hash
) as known using (phone_hash)
join true_leads using (lead_id)
where numbers.is_current
"""
CHURN = """
select
    scores.is_rule_flagged as flagged,
    scores.probability,
    true_customers.leaves_day - scores.day_number <= $within as leaves
from (
    select *, date_diff('day', $first_day::date, score_date) + 1 as day_number
    from fct_churn_scores
    where score_date = (select max(score_date) from fct_churn_scores)
) as scores
join true_customers using (customer_id)
where true_customers.managed and true_customers.leaves_day > scores.day_number
"""


def score_people(marts: Any, told: dict[str, Any], place: Place) -> list[Row]:
    """Return precision and recall of dead numbers and of who leaves within a month."""
    set_, seed = place
    missing = (("lead score", "auc"), ("repurchase", "auc"), ("uplift", "qini"),
        ("effects", "interval_coverage"), ("alerts", "money_found"),
    )  # fmt: skip
    return [
        *_score_numbers(marts, place),
        *_score_churn(marts, told, place),
        *(not_built(name, set_, metric, seed) for name, metric in missing),
    ]


def _score_numbers(marts: Any, place: Place) -> list[Row]:
    """Return how well dead numbers are told among those that were dialled or checked."""
    counts = read_counts(marts, NUMBERS)
    set_, seed = place
    lost = share_row(("dead numbers", set_, "valid_leads_lost"), counts["lost"], counts["n"], seed)
    return [*pair_rows("dead numbers", place, counts), lost]


def _score_churn(marts: Any, told: dict[str, Any], place: Place) -> list[Row]:
    """Return how well the rule tells who leaves, and how the model ranks them."""
    asked = {"within": LEAVES_WITHIN, "first_day": told["first_day"]}
    scored = read_rows(marts, CHURN, asked)
    flagged = [row for row in scored if row["flagged"]]
    counts = {
        "wanted": sum(row["leaves"] for row in scored),
        "reported": len(flagged),
        "correct": sum(row["leaves"] for row in flagged),
    }
    return [*pair_rows("churn rule", place, counts), _rank_churn(scored, place)]


def _rank_churn(scored: list[dict[str, Any]], place: Place) -> Row:
    set_, seed = place
    ranked = [row for row in scored if row["probability"] is not None]
    labels = [bool(row["leaves"]) for row in ranked]
    if len(set(labels)) < 2:
        return Row("churn model", set_, "auc", n=len(ranked), seed=seed, note="no model yet")
    from sklearn.metrics import roc_auc_score

    value = float(roc_auc_score(labels, [row["probability"] for row in ranked]))
    return Row("churn model", set_, "auc", value, n=len(ranked), seed=seed)
