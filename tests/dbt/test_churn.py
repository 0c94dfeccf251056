"""Scores of the day reach the marts of the day, once, and no other day's."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from leadloop import transform
from leadloop.scoring.churn import score_day

MODELS = ("fct_churn_scores", "fct_dials", "fct_orders", "fct_annotations")
FIFTH = datetime(2026, 3, 5, 2, tzinfo=UTC)
ANSWERED = {"outcome": "human_other", "outcome_raw": "ANSWERED_OTHER"}


def talk(landing, customer, days, number=0):
    at = FIFTH - timedelta(days=days)
    return landing.call(
        f"{customer}-{days}-{number}",
        at,
        customer_id=customer,
        answered_at=at,
        talk_s=60,
        **ANSWERED,
    )


def run_day(landing, day):
    landing.layer("core", day)
    scored = score_day(landing.settings, day)
    landing.layer("marts", day)
    transform.mark_built(landing.settings, day)
    return scored


def read_scores(landing):
    return landing.read(
        "select score_date, customer_id, is_rule_flagged, rival_mention_count "
        "from marts_build.fct_churn_scores order by all"
    )


def test_the_marts_of_a_day_hold_the_scores_of_that_day(landing):
    fallen = [talk(landing, "K1", days) for days in range(31, 40)]
    steady = [talk(landing, "K2", days) for days in (*range(9), *range(31, 40))]
    landing.land("2026-03-05", "calls", [*fallen, *steady])
    run_day(landing, "2026-03-05")
    last = [row for row in read_scores(landing) if row["score_date"] == date(2026, 3, 5)]
    assert last == [
        {
            "score_date": date(2026, 3, 5),
            "customer_id": "K1",
            "is_rule_flagged": True,
            "rival_mention_count": None,
        },
        {
            "score_date": date(2026, 3, 5),
            "customer_id": "K2",
            "is_rule_flagged": False,
            "rival_mention_count": None,
        },
    ]


def test_a_day_run_twice_has_its_scores_once_and_the_next_day_adds_its_own(landing):
    landing.land("2026-03-05", "calls", [talk(landing, "K1", days) for days in range(20)])
    run_day(landing, "2026-03-05")
    first = read_scores(landing)
    run_day(landing, "2026-03-05")
    assert read_scores(landing) == first
    landing.land("2026-03-06", "more", [talk(landing, "K1", -1)])
    run_day(landing, "2026-03-06")
    again = read_scores(landing)
    assert [row for row in again if row["score_date"] <= date(2026, 3, 5)] == first
    assert [row["score_date"] for row in again][-1] == date(2026, 3, 6)


def test_a_customer_with_orders_alone_is_scored_too(landing):
    landing.land("2026-03-05", "calls", [landing.call("a", FIFTH)])
    landing.land("2026-03-05", "orders", [landing.order("o", FIFTH, customer_id="K9")])
    assert run_day(landing, "2026-03-05")["customers"] == 1
    assert [row["customer_id"] for row in read_scores(landing)] == ["K9"]


def test_a_company_whose_calls_name_no_customer_has_no_scores_and_all_else(landing):
    landing.land("2026-03-05", "calls", [landing.call("a", FIFTH)])
    scored = run_day(landing, "2026-03-05")
    assert scored["note"].startswith("not available")
    assert read_scores(landing) == []
    assert landing.read("select count(*) as n from marts_build.fct_dials") == [{"n": 1}]
