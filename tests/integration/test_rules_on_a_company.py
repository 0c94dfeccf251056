"""Rules on half a year of a made company: quiet without a fault, and the planted place with one.

The counts come from the simulator's own dials, straight into the mart's shape: the daily cycle has
tests of its own. The seeds are fixed; nothing here was chosen by looking at one of them alone.
"""

from __future__ import annotations

import csv
from collections import Counter
from datetime import date

import pytest

from leadloop.rules.backtest import Stretch, measure
from leadloop.rules.loader import list_files, load_rules
from leadloop.rules.readings import Reading, Span
from leadloop.settings import load_settings
from leadloop.simulate.faults import plant
from leadloop.simulate.make import write_company

FIRST = "2026-03-02"
DAYS = 180
COUNTED = date(2026, 5, 31)
LAST = date(2026, 8, 28)
FAULT_DAY = "2026-08-26"
# How the dialler writes that a person answered; one release says a deal in words.
ANSWERED = ("ANSWERED", "成交")
FAULTS = {"clean": (), "planted": plant({"kind": "dead_list", "from": -3})}
RULES = {file.rule.id: file.rule for file in load_rules(list_files(load_settings({})))}


def read_hours(folder) -> list[Reading]:
    """Count dials and connects by hour and channel, newest version of each call, with csv alone."""
    newest: dict[str, dict[str, str]] = {}
    for path in sorted((folder / "inbox" / "dialler").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                if row["call_type"] == "outbound" and row["status"] and not row["parent_call_id"]:
                    newest[row["call_id"]] = row
    dials, connects = Counter(), Counter()
    for row in newest.values():
        moment = row["start_time"]
        if len(moment) != 19 or not 9 <= int(moment[11:13]) <= 20:
            continue
        cell = (f"{moment[:10]}T{moment[11:13]}", row["channel_id"])
        dials[cell] += 1
        connects[cell] += row["status"].startswith(ANSWERED)
    return [
        Reading(period, (("channel", channel),), connects[period, channel], n)
        for (period, channel), n in sorted(dials.items())
    ]


def sum_days(hours: list[Reading]) -> list[Reading]:
    sums: dict[tuple[str, tuple], list[float]] = {}
    for hour in hours:
        day = sums.setdefault((hour.period[:10], hour.instance), [0, 0])
        day[0] += hour.k
        day[1] += hour.n
    return [Reading(period, place, k, n) for (period, place), (k, n) in sorted(sums.items())]


@pytest.fixture(scope="module", params=[7, 8], ids=lambda seed: f"seed {seed}")
def worlds(request, tmp_path_factory):
    """The same company twice: clean, and with a list of dead numbers on its last three days."""
    found = {}
    for name, faults in FAULTS.items():
        folder = tmp_path_factory.mktemp("company")
        write_company(
            folder, seed=request.param, first_day=FIRST, days=DAYS, dials=900, faults=faults
        )
        found[name] = read_hours(folder)
    return found


def backtest(worlds, name, world):
    span = Span(date.fromisoformat(FIRST), LAST)
    rule = RULES[name]
    windows = worlds[world] if rule.grain == "hour" else sum_days(worlds[world])
    return measure(rule, "share", windows, Stretch(span, COUNTED))


@pytest.mark.long
@pytest.mark.parametrize(("name", "naive"), [("low-connect", 100), ("connect-drop", 0)])
def test_without_a_fault_the_guarded_rule_is_silent_and_the_naive_one_is_not(worlds, name, naive):
    result = backtest(worlds, name, "clean")
    assert result.guarded == 0
    assert result.naive >= naive
    assert result.windows > 350


@pytest.mark.long
def test_the_planted_place_is_found_on_its_first_day_and_nothing_else_is(worlds):
    result = backtest(worlds, "connect-drop", "planted")
    (alert,) = result.alerts
    assert alert["dimensions"] == {"channel": "short_video"}
    assert alert["first"] == FAULT_DAY
    assert alert["cleared"] is None
    assert alert["value"] < 0.8 * alert["expected"]


@pytest.mark.long
def test_ninety_days_of_hours_are_judged_in_less_than_a_blink(worlds):
    for name in ("low-connect", "connect-drop"):
        best = min(backtest(worlds, name, "clean").milliseconds for _ in range(3))
        assert best <= 300, f"{name}: {best} ms"
