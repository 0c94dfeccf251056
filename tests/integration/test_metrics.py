"""Metrics over the real semantic models and hand-written marts; expected values by hand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from leadloop.errors import UsageError
from leadloop.metrics import load_catalog, open_metrics, query
from leadloop.settings import Settings

DAY = {"start": "2026-03-31", "end": "2026-03-31"}
SIX = ["dials", "connect_rate", "talk_time", "handling_time", "short_talk_share", "conversion_rate"]


def test_the_six_metrics_of_a_day_are_those_worked_out_by_hand(small_home: Settings):
    found = {value.metric: value for value in query(small_home, SIX, **DAY)}
    # 3 hours x 2 channels x 50 dials; 3 x (20 + 10) calls; 3 x (4 + 1) deals; 6 x 2 short talks.
    assert (found["dials"].value, found["dials"].low) == (300, None)
    parts = {name: (value.k, value.n) for name, value in found.items()}
    assert parts["connect_rate"] == (90, 300)
    assert parts["talk_time"] == (9000, 90)
    assert parts["handling_time"] == (10800, 90)
    assert parts["short_talk_share"] == (12, 90)
    assert parts["conversion_rate"] == (15, 90)
    assert [found[name].value for name in SIX[1:]] == pytest.approx(
        [0.3, 100, 120, 12 / 90, 15 / 90]
    )
    assert {value.state for value in found.values()} == {"ok"}


def test_a_share_has_the_wilson_interval_and_a_mean_the_t_interval(small_home: Settings):
    share, mean = query(small_home, ["connect_rate", "talk_time"], **DAY)
    assert (share.low, share.high) == pytest.approx((0.2509396638, 0.3541175247), abs=1e-9)
    # s^2 = (90 x 10400 - 9000^2 / 90) / 89 = 404.494; t(89) = 1.98698; half = 4.21239
    assert (mean.low, mean.high) == pytest.approx((95.78761, 104.21239), abs=1e-4)


def test_groups_add_up_to_the_total(small_home: Settings):
    total = query(small_home, ["connect_rate"])[0]
    groups = query(small_home, ["connect_rate"], by=["channel", "dial_hour"])
    assert len(groups) == 6
    assert sum(group.k or 0 for group in groups) == total.k == 28 * 90
    assert sum(group.n or 0 for group in groups) == total.n == 28 * 300


def test_both_days_of_a_span_are_in_it(small_home: Settings):
    values = query(small_home, ["dials"], by=["day"], start="2026-03-29", end="2026-03-31")
    days = [value.dimensions["day"] for value in values]
    assert days == ["2026-03-29", "2026-03-30", "2026-03-31"]


def test_a_metric_by_agent_comes_from_the_marts_of_agents(small_home: Settings):
    values = query(small_home, ["handling_time"], by=["agent"], **DAY)
    assert [value.metric for value in values] == ["handling_time"] * 3
    assert {"A1", "A2"} < {value.dimensions["agent"] for value in values}
    assert {(value.n, value.value) for value in values} == {(90, 120.0)}


def test_weekdays_are_numbered_from_monday(small_home: Settings):
    values = query(small_home, ["dials"], by=["weekday"], **DAY)
    assert [value.dimensions["weekday"] for value in values] == [2]  # 2026-03-31 is a Tuesday


def test_a_filter_keeps_what_it_names(small_home: Settings):
    value = query(small_home, ["connect_rate"], where={"channel": "referral"}, **DAY)[0]
    assert (value.k, value.n) == (60, 150)
    late = query(small_home, ["dials"], where={"dial_hour": {">=": 10}}, **DAY)[0]
    assert late.value == 200


def test_what_an_outbound_log_cannot_say_is_not_available(small_home: Settings):
    for value in query(small_home, ["calls_offered", "served_share"], **DAY):
        assert (value.state, value.value) == ("not available", None)


def test_a_day_without_data_is_not_available(small_home: Settings):
    value = query(small_home, ["dials"], start="2025-01-01", end="2025-01-01")[0]
    assert (value.state, value.value) == ("not available", None)


def test_an_unknown_metric_is_refused_with_the_known_ones(small_home: Settings):
    with pytest.raises(UsageError, match="connect_rate"):
        query(small_home, ["conect_rate"])


def test_the_parts_of_a_metric_are_no_metrics(small_home: Settings):
    with pytest.raises(UsageError, match="no metric"):
        query(small_home, ["connect_rate_numerator"])


def test_an_unknown_dimension_is_refused_with_the_known_ones(small_home: Settings):
    with pytest.raises(UsageError, match="channel"):
        query(small_home, ["connect_rate"], by=["chanel"])
    with pytest.raises(UsageError, match="channel"):
        query(small_home, ["connect_rate"], where={"1=1; drop table x; --": 1})


def test_a_day_that_is_none_is_refused(small_home: Settings):
    with pytest.raises(UsageError, match="2026-01-31"):
        query(small_home, ["dials"], start="2026-03-31' or 1=1 --")


@pytest.mark.parametrize(
    "value",
    ["'; drop table fct_dials_hourly; --", "{{ 1 / 0 }}", "{% raw %}", "referral' or '1'='1"],
)
def test_an_injected_value_selects_nothing_and_breaks_nothing(small_home: Settings, value: str):
    found = query(small_home, ["dials"], where={"channel": value}, **DAY)[0]
    assert found.state == "not available"
    assert query(small_home, ["dials"], **DAY)[0].value == 300


def test_the_marts_cannot_be_written_through_metrics(small_home: Settings):
    with open_metrics(small_home) as metrics, pytest.raises(Exception, match="read-only"):
        metrics.rows("create table marts_build.main.mine as select 1")


def test_the_same_request_is_compiled_once(small_home: Settings):
    with open_metrics(small_home) as metrics:
        assert metrics.sql("dials", by=["day"]) is metrics.sql("dials", by=["day"])
        assert metrics.catalog is load_catalog(small_home)


def test_threads_may_ask_at_the_same_time(small_home: Settings):
    spans = [f"2026-03-{day:02}" for day in range(4, 32)]

    def ask(day: str) -> float | None:
        return query(small_home, ["connect_rate"], start=day, end=day)[0].value

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, spans)) == {0.3}
