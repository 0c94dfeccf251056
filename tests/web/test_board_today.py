"""How the board judges a day: bands, marks, targets, what is shown where data are missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from leadloop.metric_values import MetricValue
from leadloop.settings import Home, Settings
from leadloop.web.api import count_days_behind
from leadloop.web.today import describe_target, draw_band, mark_hour


def hour(k: float, n: int, **dimensions: Any) -> MetricValue:
    return MetricValue("connect_rate", dimensions, k, n, k / n, 0.0, 1.0, "ok")


def weeks(shares: list[float], n: int = 200) -> list[MetricValue]:
    return [
        hour(share * n, n, day=f"2026-03-{3 + 7 * place:02}", dial_hour=9)
        for place, share in enumerate(shares)
    ]


def test_a_usual_hour_lies_inside_its_band_and_a_halved_one_outside():
    (band,) = draw_band(weeks([0.3, 0.3, 0.3, 0.3]), [hour(60, 200, dial_hour=9)])
    edges = (band["low"], band["high"])
    assert mark_hour({"value": 0.33, "state": "ok"}, edges) == "none"
    assert mark_hour({"value": 0.15, "state": "ok"}, edges) == "below"
    assert mark_hour({"value": 0.45, "state": "ok"}, edges) == "above"


def test_too_few_calls_are_never_outside_the_band():
    assert mark_hour({"value": 0.0, "state": "too few"}, (0.2, 0.4)) == "none"
    assert mark_hour({"value": 0.0, "state": "ok"}, None) == "none"


def test_a_small_day_has_a_wider_band_than_a_large_one():
    history = weeks([0.3, 0.3, 0.3])
    (small,) = draw_band(history, [hour(12, 40, dial_hour=9)])
    (large,) = draw_band(history, [hour(300, 1000, dial_hour=9)])
    assert small["low"] < large["low"] < 0.3 < large["high"] < small["high"]


def test_days_that_differ_much_widen_the_band():
    steady, wild = ([0.3] * 4, [0.2, 0.4, 0.2, 0.4])
    today = [hour(60, 200, dial_hour=9)]
    (narrow,), (wide,) = draw_band(weeks(steady), today), draw_band(weeks(wild), today)
    assert wide["high"] - wide["low"] > 2 * (narrow["high"] - narrow["low"])


def test_two_days_make_no_band():
    assert draw_band(weeks([0.3, 0.3]), []) == []


def test_an_hour_without_calls_yet_has_the_band_of_a_usual_day():
    (band,) = draw_band(weeks([0.3, 0.3, 0.3]), [])
    assert (band["n"], band["days"]) == (600, 3)


@pytest.mark.parametrize(
    ("tone", "low", "high", "verdict"),
    [
        pytest.param(1, 0.31, 0.35, "met", id="more is better and the interval lies above"),
        pytest.param(1, 0.25, 0.29, "missed", id="more is better and the interval lies below"),
        pytest.param(1, 0.28, 0.33, "unclear", id="the interval holds the target"),
        pytest.param(-1, 0.31, 0.35, "missed", id="less is better and the interval lies above"),
        pytest.param(-1, 0.25, 0.29, "met", id="less is better and the interval lies below"),
        pytest.param(0, 0.25, 0.29, None, id="neither is better"),
    ],
)
def test_a_verdict_needs_the_interval(tone: int, low: float, high: float, verdict: str | None):
    tile = {"name": "x", "value": (low + high) / 2, "low": low, "high": high, "tone": tone}
    found = describe_target(tile, {"x": 0.3})["target"]
    assert found["verdict"] == verdict


def test_a_metric_without_a_number_has_no_verdict():
    tile = {"name": "x", "value": None, "low": None, "high": None, "tone": 1}
    assert describe_target(tile, {"x": 0.3})["target"] == {"value": 0.3, "verdict": None}


def test_today_itself_is_never_behind():
    assert count_days_behind("2026-03-31", date(2026, 4, 1)) == 0
    assert count_days_behind("2026-03-31", date(2026, 3, 31)) == 0
    assert count_days_behind(None, date(2026, 4, 1)) is None


@pytest.fixture
def inbound_settings(small_home: Settings, tmp_path: Path) -> Settings:
    """A company that is only called: 28 days, 100 calls an hour and queue, 80 of them served."""
    import shutil

    from leadloop import pointer
    from leadloop.warehouse import open_memory

    home = Home(tmp_path / "inbound")
    shutil.copytree(small_home.home.root, home.root, symlinks=True)
    file = home.marts / "marts_20260401T000000Z_000001.duckdb"
    with open_memory() as connection:
        connection.execute(f"attach '{file}' as inbound")
        connection.execute(
            "update inbound.fct_dials_hourly set direction = 'inbound', dial_count = null, "
            "connected_count = null, connect_base_count = null, channel_id = null, "
            "campaign_id = null, won_count = null, conversion_base_count = null, "
            "offered_count = 100, served_count = 80"
        )
        connection.execute("detach inbound")
    pointer.swap_link(home, file)
    return replace(small_home, home=home, operations_url=f"sqlite:///{home.root}/ops.db")


def test_a_company_that_is_only_called_sees_what_it_serves(
    open_board: Callable[..., Any], inbound_settings: Settings
):
    client = open_board(inbound_settings)
    tiles = client.get("/api/tiles").json()["tiles"]
    assert [tile["name"] for tile in tiles[:2]] == ["calls_offered", "served_share"]
    assert tiles[1]["value"] == 0.8
    assert "dials" not in [tile["name"] for tile in tiles]
    assert client.get("/api/hours").json()["metric"] == "served_share"
    channels = client.get("/api/channels").json()
    assert channels["dimension"] == "queue"
    assert [row["code"] for row in channels["groups"]] == ["team"]
    assert channels["groups"][0]["won"] is None


@pytest.mark.parametrize(
    ("day", "code"),
    [("1970-01-01", 200), ("2199-12-31", 200), ("0001-01-01", 422), ("9999-12-31", 422)],
)
def test_days_far_from_the_data_are_empty_or_refused(
    open_board: Callable[..., Any], board_settings: Settings, day: str, code: int
):
    client = open_board(board_settings)
    for panel in ("tiles", "hours", "channels", "status"):
        assert client.get(f"/api/{panel}", params={"day": day}).status_code == code
