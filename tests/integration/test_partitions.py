"""Weeks and months under a real scheduler: each fires once, with the right key, never blocked.

The tests stand in the order of a month: later ones build on the days that earlier ones told.
"""

import pytest

SECOND_WEEK = [f"2026-01-{day}" for day in (12, 13, 14, 16, 17, 18)]
DEADLINE = "2026-01-20T12:00:00+08:00"


def close_periods(stack, as_of):
    run_id = stack.trigger("close_periods", as_of=as_of)
    assert stack.wait_for_run("close_periods", run_id) == "success"
    return stack.read_tasks("close_periods", run_id)["close_periods"]


def test_seven_published_days_make_one_weekly_run_with_its_key(stack, first_week):
    def weekly_runs():
        return stack.list_runs("weekly_cycle")

    stack.wait_until(weekly_runs)
    stack.settle()
    assert stack.list_keys("weekly_cycle") == ["2026-01-05"]
    (run,) = weekly_runs()
    assert stack.wait_for_run("weekly_cycle", run["dag_run_id"]) == "success"


def test_a_day_run_again_tells_nothing_and_makes_no_second_weekly_run(stack, first_week):
    body = {
        "dry_run": False,
        "dag_run_id": first_week,
        "task_ids": ["close_day"],
        "only_failed": False,
        "reset_dag_runs": True,
    }
    stack.call("POST", "/api/v2/dags/daily_cycle/clearTaskInstances", body)
    assert stack.wait_for_run("daily_cycle", first_week) == "success"
    assert stack.read_tasks("daily_cycle", first_week)["close_day"] == "skipped"
    stack.settle()
    assert stack.list_keys("weekly_cycle") == ["2026-01-05"]


@pytest.mark.usefixtures("first_week")
def test_a_week_without_one_day_waits_until_its_deadline(stack):
    stack.tell_days(*SECOND_WEEK)
    assert close_periods(stack, "2026-01-20T11:59:00+08:00") == "skipped"
    stack.settle()
    assert stack.list_keys("weekly_cycle") == ["2026-01-05"]
    assert close_periods(stack, DEADLINE) == "success"
    stack.wait_until(lambda: stack.list_keys("weekly_cycle") == ["2026-01-05", "2026-01-12"])


@pytest.mark.usefixtures("first_week")
def test_the_missing_day_that_comes_late_makes_no_second_run(stack):
    stack.tell_days("2026-01-15")
    assert close_periods(stack, DEADLINE) == "skipped"
    stack.settle()
    assert stack.list_keys("weekly_cycle") == ["2026-01-05", "2026-01-12"]


@pytest.mark.usefixtures("first_week")
def test_a_month_fires_once_from_its_days(stack):
    assert stack.list_runs("monthly_cycle") == []
    stack.tell_days(*(f"2026-01-{day:02d}" for day in [*range(1, 5), *range(19, 32)]))
    stack.wait_until(lambda: stack.list_keys("monthly_cycle") == ["2026-01"])
    stack.settle()
    assert stack.list_keys("monthly_cycle") == ["2026-01"]
    # The month's days complete the week of the 19th as well; that of the 26th ends in February.
    assert stack.list_keys("weekly_cycle") == ["2026-01-05", "2026-01-12", "2026-01-19"]
