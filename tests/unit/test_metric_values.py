"""From sums to a number with its evidence."""

from __future__ import annotations

import pytest

from leadloop.metric_values import Definition, MetricValue, judge

DIALS = Definition("dials", "count", "Dials", "dials", "", ("dials",))
RATE = Definition("rate", "share", "Rate", "share", "", ("k", "n"))
RETURN = Definition("return", "ratio", "Return", "times", "", ("revenue", "cost"))
TIME = Definition("time", "mean", "Time", "seconds", "", ("sum", "n", "square"))


def test_a_share_comes_with_its_wilson_interval():
    value = judge(RATE, {"channel": "a"}, {"k": 34, "n": 100})
    assert (value.k, value.n, value.value, value.state) == (34, 100, 0.34, "ok")
    assert (value.low, value.high) == pytest.approx((0.2546152080, 0.4372227115))
    assert value.dimensions == {"channel": "a"}


def test_a_count_is_complete_and_has_no_interval():
    value = judge(DIALS, {}, {"dials": 2000})
    assert value == MetricValue("dials", {}, 2000, 2000, 2000, None, None, "ok")


@pytest.mark.parametrize(
    ("definition", "sums"),
    [
        (DIALS, {"dials": None}),
        (RATE, {"k": None, "n": None}),
        (RATE, {"k": 0, "n": 0}),
        (RATE, {"k": None, "n": 50}),
        (TIME, {"sum": None, "n": None, "square": None}),
    ],
    ids=["no count", "no share", "of nothing", "no numerator", "no mean"],
)
def test_nothing_to_divide_is_not_available_and_never_zero(definition, sums):
    value = judge(definition, {}, sums)
    assert (value.state, value.value, value.k, value.n) == ("not available", None, None, None)


def test_a_true_zero_stays_a_zero():
    value = judge(RATE, {}, {"k": 0, "n": 50})
    assert (value.state, value.value, value.low) == ("ok", 0.0, 0.0)


def test_few_are_called_too_few():
    assert judge(RATE, {}, {"k": 3, "n": 29}).state == "too few"
    few = judge(TIME, {}, {"sum": 290, "n": 29, "square": 3000})
    assert (few.state, few.value, few.low) == ("too few", 10.0, None)


def test_a_mean_without_squares_is_a_value_without_an_interval():
    value = judge(TIME, {}, {"sum": 600, "n": 60, "square": None})
    assert (value.value, value.low, value.high) == (10.0, None, None)


def test_a_ratio_divides_by_the_whole_of_its_base_and_has_no_interval():
    value = judge(RETURN, {}, {"revenue": 3.0, "cost": 2.5})
    assert (value.k, value.n, value.value) == (3.0, 2, 1.2)
    assert (value.low, value.high, value.state) == (None, None, "ok")
    free = judge(RETURN, {}, {"revenue": 3.0, "cost": 0.0})
    assert (free.state, free.value) == ("not available", None)


def test_the_formula_names_both_parts():
    assert RATE.formula == "rate = k / n"
