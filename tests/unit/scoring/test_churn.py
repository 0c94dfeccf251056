"""The step: rows of the day, days never scored, companies without customers."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from leadloop import opstore
from leadloop.errors import UsageError
from leadloop.scoring.churn import score_day
from leadloop.scoring.plan import load_plan

DAY = date(2026, 4, 1)


def back(days):
    return DAY - timedelta(days=days)


def test_a_customer_who_fell_silent_is_flagged_with_the_reason(
    settings, empty_world, make_talk, rows_of
):
    empty_world.calls = [make_talk("K1", back(days)) for days in range(31, 40)]
    empty_world.calls += [make_talk("K2", back(days)) for days in (*range(1, 10), *range(31, 40))]
    empty_world.write(settings, DAY)
    assert score_day(settings, "2026-04-01")["flagged"] == 1
    rows = rows_of(
        "select customer_id, is_rule_flagged, reasons, probability from raw.churn_scores "
        "order by customer_id"
    )
    assert rows == [
        {
            "customer_id": "K1",
            "is_rule_flagged": True,
            "reasons": "calls_dropped, rivals_not_available",
            "probability": None,
        },
        {
            "customer_id": "K2",
            "is_rule_flagged": False,
            "reasons": "rivals_not_available",
            "probability": None,
        },
    ]


def test_among_customers_who_never_leave_the_guard_saves_most_false_alarms(settings, build_world):
    generator = np.random.default_rng(21)
    world = build_world(generator, customers=400, days=90, leave_after=None)
    world.write(settings, date(2026, 3, 31))
    scored = score_day(settings, "2026-03-31")
    assert scored["customers"] >= 395
    assert scored["flagged"] <= 12
    assert scored["flagged_naively"] >= 3 * scored["flagged"]
    assert scored["flagged_naively"] >= 30


def test_days_of_a_backfill_get_the_rule_and_are_not_scored_again(
    settings, empty_world, make_talk, rows_of
):
    empty_world.calls = [make_talk("K1", back(days)) for days in range(31, 40)]
    empty_world.write(settings, DAY)
    rows_of("insert into raw.touched_dates values ('2026-03-30'), ('2025-03-30')")
    assert score_day(settings, "2026-04-01")["filled_days"] == 1
    days = "select score_date::varchar as day from raw.churn_scores order by all"
    assert [row["day"] for row in rows_of(days)] == ["2026-03-30", "2026-04-01"]
    rows_of("update raw.churn_scores set reasons = 'kept' where score_date = '2026-03-30'")
    assert score_day(settings, "2026-04-01")["filled_days"] == 0
    kept = rows_of("select reasons from raw.churn_scores where score_date = '2026-03-30'")
    assert kept == [{"reasons": "kept"}]


def test_a_company_whose_calls_name_no_customer_is_told_so(settings, empty_world, rows_of):
    empty_world.write(settings, DAY)
    scored = score_day(settings, "2026-04-01")
    assert scored["customers"] == 0
    assert scored["note"].startswith("not available")
    assert rows_of("from raw.churn_scores") == []


def test_the_step_leaves_its_outcome(settings, empty_world):
    empty_world.write(settings, DAY)
    score_day(settings, "2026-04-01")
    rows = opstore.read(settings, sa.select(opstore.step_outcomes))
    assert [(row["step"], row["state"]) for row in rows] == [("score", "done")]


def test_a_wrong_plan_is_refused_with_the_place(settings, tmp_path, monkeypatch):
    from dataclasses import replace

    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "churn.yml").write_text("rule: {drop: 2}\nmodle: {}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"rule\.drop") as error:
        load_plan(replace(settings, config=folder))
    assert "modle" in str(error.value)
