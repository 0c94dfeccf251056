"""Findings: each fires on a planted difference and stays quiet in a world without one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from leadloop.findings import (
    Window,
    find_falling_channel,
    find_hours,
    find_slowest_agent,
    find_weakest_channel,
)
from leadloop.metrics import Metrics, open_metrics
from leadloop.settings import Settings
from leadloop.warehouse import current_marts, open_memory

WINDOW = Window(
    "2026-03-04", "2026-03-31", {"channel": {"referral": {"zh": "转介绍", "en": "Ref"}}}
)
# The hand-written marts dial from 9 to 11; the same rows in the afternoon.
AFTERNOON = "update fct_dials_hourly set dial_hour = dial_hour + 5"
# In the world as it is, one channel does sell less: without it nothing differs.
EQUAL = "update fct_dials_hourly set won_count = connected_count / 5"

Change = Callable[..., "contextmanager[Metrics]"]


@pytest.fixture
def change(small_home: Settings, tmp_path: Path):
    """Open metrics over a copy of the marts in which something was changed."""

    @contextmanager
    def open_changed(*statements: str) -> Iterator[Metrics]:
        file = tmp_path / "changed.duckdb"
        shutil.copy(current_marts(small_home.home), file)
        with open_memory() as connection:
            connection.execute(f"attach '{file}' as changed")
            connection.execute("use changed")
            for statement in statements:
                connection.execute(statement)
            connection.execute("use memory")
            connection.execute("detach changed")
        with open_metrics(small_home, file) as metrics:
            yield metrics

    return open_changed


def test_nothing_stands_out_in_a_world_without_differences(change):
    with change(AFTERNOON, EQUAL) as metrics:
        for find in (find_falling_channel, find_hours, find_weakest_channel, find_slowest_agent):
            finding = find(metrics, WINDOW)
            assert not finding.stands_out, finding.en


def test_a_channel_that_falls_in_the_afternoon_is_named_with_both_rates(change):
    fall = (
        "update fct_dials_hourly set connected_count = 10 "
        "where channel_id = 'referral' and dial_date >= '2026-03-30'"
    )
    with change(AFTERNOON, fall) as metrics:
        finding = find_falling_channel(metrics, WINDOW)
    # 2 days x 3 hours: 60 of 300 now, 120 of 300 a week before.
    assert finding.stands_out
    assert "Ref connects 20.0% (15.9%-24.9%, n = 300); a week before it was 40.0%" in finding.en
    assert "No other channel fell credibly" in finding.en
    assert "转介绍" in finding.zh


def test_a_fall_in_the_morning_is_none_of_the_afternoon(change):
    fall = "update fct_dials_hourly set connected_count = 5 where dial_date >= '2026-03-30'"
    with change(fall) as metrics:
        assert not find_falling_channel(metrics, WINDOW).stands_out


def test_the_best_and_the_worst_hour_are_named(change):
    better = (
        "update fct_dials_hourly set connected_count = connected_count + 5 where dial_hour = 10"
    )
    worse = "update fct_dials_hourly set connected_count = connected_count - 5 where dial_hour = 11"
    with change(better, worse) as metrics:
        finding = find_hours(metrics, WINDOW)
    assert finding.stands_out
    assert finding.en.startswith("10:00 is the best hour to dial, 40.0%")
    assert "11:00 the worst, 20.0%" in finding.en


def test_an_hour_of_stray_dials_is_not_the_best(change):
    stray = (
        "insert into fct_dials_hourly select * replace (12 as dial_hour, 50 as connected_count) "
        "from fct_dials_hourly where dial_date = '2026-03-31' and dial_hour = 9"
    )
    with change(stray) as metrics:
        assert not find_hours(metrics, WINDOW).stands_out


def test_the_channel_below_all_others_is_named(change):
    rename = "update fct_dials_hourly set channel_id = 'other' where channel_id <> 'referral'"
    with change(rename) as metrics:
        finding = find_weakest_channel(metrics, WINDOW)
    # 28 x 3 x 1 deals of 28 x 3 x 10 calls, against 20.0 % of the other's.
    assert finding.stands_out
    assert "Channel other converts least: 10.0%" in finding.en


def test_an_agent_who_takes_longer_is_named_with_the_excess(change):
    slow = (
        "update fct_agents_daily set handling_seconds = handling_seconds * 1.5, "
        "handling_square_sum = handling_square_sum * 2.25 where agent_id = 'A2'"
    )
    with change(slow) as metrics:
        finding = find_slowest_agent(metrics, WINDOW)
    assert finding.stands_out
    assert "Agent A2 takes 180 s" in finding.en
