"""Closing of days: each is told once, a deadline closes what never came, a minimum is kept."""

from types import SimpleNamespace

import pytest

from leadloop import closing, opstore
from leadloop.errors import UsageError

WEEK = [f"2026-01-{day:02d}" for day in range(5, 12)]
DEADLINE = "2026-01-13T12:00:00+08:00"


class Outlet:
    """What a task fills to send events: the keys and what goes with them."""

    def __init__(self):
        self.extra = {}
        self.keys = []

    def add_partitions(self, keys):
        self.keys += keys


def make_context(told=(), missing=(), **params):
    """A task's context over an event log in which those days were told."""
    asset = object()
    events = [SimpleNamespace(partition_key=day, extra={}) for day in told]
    events += [SimpleNamespace(partition_key=day, extra={"missing": [day]}) for day in missing]
    return {
        "inlet_events": [events],
        "outlet_events": {asset: Outlet()},
        "ti": SimpleNamespace(task=SimpleNamespace(outlets=[asset])),
        "params": params,
    }


def sent(context):
    (outlet,) = context["outlet_events"].values()
    return outlet.keys


def publish(settings, *days, since=None):
    for day in days:
        with opstore.record_step(settings, "daily", day, "publish") as detail:
            detail.update({"since": since} if since else {})


def test_a_published_day_is_told():
    context = make_context()
    assert closing.close_day(context, "2026-01-05")["told"] == ["2026-01-05"]
    assert sent(context) == ["2026-01-05"]


def test_a_day_told_before_is_skipped():
    context = make_context(told=["2026-01-05"])
    assert "skipped" in closing.close_day(context, "2026-01-05")
    assert sent(context) == []


def test_a_day_told_as_missing_is_not_told_again():
    context = make_context(missing=["2026-01-05"])
    assert "skipped" in closing.close_day(context, "2026-01-05")


def test_a_backfill_tells_all_of_its_days_less_those_told_before():
    context = make_context(told=["2026-01-06"], since="2026-01-05")
    closing.close_day(context, "2026-01-08")
    assert sent(context) == ["2026-01-05", "2026-01-07", "2026-01-08"]


def test_at_the_deadline_the_missing_day_is_told_and_named(settings):
    publish(settings, *WEEK[:6])
    context = make_context(told=WEEK[:6], as_of=DEADLINE)
    result = closing.close_periods(context, settings)
    assert sent(context) == ["2026-01-11"]
    assert result["missing"] == ["2026-01-11"]


def test_a_minute_before_the_deadline_nothing_is_told(settings):
    publish(settings, *WEEK[:6])
    context = make_context(told=WEEK[:6], as_of="2026-01-13T11:59:00+08:00")
    assert "skipped" in closing.close_periods(context, settings)
    assert sent(context) == []


def test_a_week_below_its_minimum_waits_and_says_how_many_days_it_has(settings):
    publish(settings, *WEEK[:4])
    context = make_context(told=WEEK[:4], as_of=DEADLINE)
    result = closing.close_periods(context, settings)
    assert sent(context) == []
    assert result["waiting"]["weekly 2026-01-05"] == "4 of 7 days, wanted 5"


def test_five_of_seven_days_are_enough(settings):
    publish(settings, *WEEK[:5])
    context = make_context(told=WEEK[:5], as_of=DEADLINE)
    closing.close_periods(context, settings)
    assert sent(context) == ["2026-01-10", "2026-01-11"]


def test_days_told_as_missing_do_not_count_as_days_that_are_there(settings):
    context = make_context(told=WEEK[:4], missing=WEEK[4:6], as_of=DEADLINE)
    result = closing.close_periods(context, settings)
    assert sent(context) == []
    assert result["waiting"]["weekly 2026-01-05"] == "4 of 7 days, wanted 5"


def test_days_loaded_by_the_command_line_count_and_are_told_without_being_missing(settings):
    publish(settings, "2026-01-10", since="2026-01-05")
    context = make_context(as_of=DEADLINE)
    result = closing.close_periods(context, settings)
    assert sent(context) == WEEK
    assert result["missing"] == ["2026-01-11"]


def test_a_period_with_a_decision_record_is_left_alone(settings):
    publish(settings, *WEEK[:6])
    record = {
        "cycle": "weekly",
        "period": "2026-01-05",
        "seen": {},
        "decided": "",
        "decided_by": "",
        "expected_effect": "",
        "last_period_review": "",
        "recorded_at": opstore.now(),
    }
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.decision_records, [record])
    context = make_context(told=WEEK[:6], as_of=DEADLINE)
    assert "skipped" in closing.close_periods(context, settings)


def test_a_failed_publish_covers_no_day(settings):
    with (
        pytest.raises(RuntimeError),
        opstore.record_step(settings, "daily", "2026-01-05", "publish"),
    ):
        raise RuntimeError
    assert closing.find_covered_days(settings) == set()


@pytest.mark.parametrize("moment", ["tomorrow", "2026-01-13T12:00:00"])
def test_a_moment_without_sense_or_zone_is_refused(settings, moment):
    with pytest.raises(UsageError, match=r"wanted .*\+08:00"):
        closing.close_periods(make_context(as_of=moment), settings)
