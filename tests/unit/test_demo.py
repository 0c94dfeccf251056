"""The demo's own rules; the whole of it runs in `make demo`."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from leadloop import demo
from leadloop.errors import UsageError
from leadloop.settings import Settings


def test_the_dates_of_the_demo_fit_together():
    first = date.fromisoformat(demo.FIRST_DAY)
    assert demo.DAYS == 90
    last = first + timedelta(days=demo.DAYS - 1)
    assert date.fromisoformat(demo.HISTORY_UNTIL) == last - timedelta(days=2)
    assert [date.fromisoformat(day) for day in demo.LIVE_DAYS] == [last - timedelta(days=1), last]
    week = date.fromisoformat(demo.WEEK)
    assert week.isoweekday() == 1
    assert week + timedelta(days=6) <= last
    # Agents dial on the live days, and the month is one that is over.
    assert last.isoweekday() == 5
    assert first <= date.fromisoformat(f"{demo.MONTH}-01")
    assert demo.LIVE_DAYS[0][:7] > demo.MONTH


def test_an_empty_home_becomes_the_demos_and_stays_it(settings: Settings):
    demo.claim_home(settings.home)
    (settings.home.landing / "call").mkdir(parents=True)
    (settings.home.landing / "call" / "rows.parquet").touch()
    demo.claim_home(settings.home)


def test_a_home_with_other_data_is_refused_and_left_alone(settings: Settings):
    file = settings.home.inbox / "dialler" / "calls_2026-01-01.csv"
    file.parent.mkdir(parents=True)
    file.write_text("call_id\n", encoding="utf-8")
    with pytest.raises(UsageError, match="LEADLOOP_HOME"):
        demo.run_demo(settings)
    assert [path for path in settings.home.root.rglob("*") if path.is_file()] == [file]
