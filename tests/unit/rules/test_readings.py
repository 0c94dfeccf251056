"""Windows from metric values: hours and days as they are, weeks and months as sums."""

from datetime import date

import pytest

from leadloop.metric_values import Definition, judge
from leadloop.rules.readings import Span, close_of, make_readings, render_where

MARCH = Span(date(2026, 3, 1), date(2026, 3, 31))


def value(day, k, n, **dimensions):
    definition = Definition("connect_rate", "share", "", "share", "", ("k", "n"))
    return judge(definition, {**dimensions, "day": day}, {"k": k, "n": n})


def test_hours_are_windows_of_their_own(make_rule):
    rule = make_rule(grain="hour", by=["channel"])
    values = [value("2026-03-31", 4, 10, dial_hour=14, channel="a")]
    (reading,) = make_readings(rule, values, MARCH, is_mean=False)
    assert (reading.period, reading.instance) == ("2026-03-31T14", (("channel", "a"),))
    assert (reading.k, reading.n, reading.day, reading.hour) == (4, 10, date(2026, 3, 31), 14)


def test_a_number_that_is_not_available_is_no_window(make_rule):
    assert make_readings(make_rule(), [value("2026-03-31", None, 0)], MARCH, is_mean=False) == []


@pytest.mark.parametrize(
    ("start", "periods"),
    [
        pytest.param("monday", ["2026-03-02", "2026-03-23"], id="weeks from Monday"),
        pytest.param("sunday", ["2026-03-01", "2026-03-22"], id="weeks from Sunday"),
    ],
)
def test_weeks_that_are_over_are_sums_of_their_days(make_rule, start, periods):
    values = [value(day, 1, 2) for day in ("2026-03-02", "2026-03-07", "2026-03-23", "2026-03-31")]
    span = Span(MARCH.first, MARCH.last, start)
    readings = make_readings(make_rule(grain="week"), values, span, is_mean=False)
    assert [item.period for item in readings] == periods
    assert (readings[0].k, readings[0].n) == (2, 4)


def test_a_month_counts_once_it_is_whole(make_rule):
    rule = make_rule(grain="month")
    values = [value("2026-02-28", 1, 2), value("2026-03-31", 1, 2)]
    assert [r.period for r in make_readings(rule, values, MARCH, is_mean=False)] == ["2026-03"]
    until = Span(date(2026, 2, 1), date(2026, 3, 30))
    assert [r.period for r in make_readings(rule, values, until, is_mean=False)] == ["2026-02"]
    assert close_of(rule, "2026-12") == date(2026, 12, 31)


def test_the_error_of_a_mean_survives_summing_days(make_rule):
    definition = Definition("talk_time", "mean", "", "seconds", "", ("k", "n", "squares"))
    # 50 talks of 100 s with a spread of 20 s: squares 50 x (100^2 + 20^2 x 49/50).
    parts = {"k": 5000, "n": 50, "squares": 50 * 100**2 + 49 * 20**2}
    values = [judge(definition, {"day": f"2026-03-0{day}"}, parts) for day in (2, 3)]
    (week,) = make_readings(make_rule(grain="week"), values, MARCH, is_mean=True)
    assert week.error == pytest.approx(20 / 100**0.5, rel=0.01)


def test_conditions_are_those_of_a_metric_query(make_rule):
    rule = make_rule(where={"hour": {"between": [9, 20]}, "channel": ["a", "b"], "queue": "north"})
    assert render_where(rule) == {
        "dial_hour": {">=": 9, "<=": 20},
        "channel": ["a", "b"],
        "queue": "north",
    }
