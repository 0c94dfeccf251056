"""Starting a run: which period is meant, what is refused; the runs are in tests/integration."""

import os

import pytest

from leadloop import cycle_run
from leadloop.errors import UsageError


def test_a_backfill_is_a_daily_run_only(settings):
    with pytest.raises(UsageError, match="A weekly run takes no start of a backfill"):
        cycle_run.run_cycle(settings, "weekly", "2026-01-05", since="2026-01-01")


def test_a_backfill_that_ends_before_it_begins_is_refused(settings):
    with pytest.raises(UsageError, match="A backfill from 2026-01-06 to 2026-01-05 has no day"):
        cycle_run.run_cycle(settings, "daily", "2026-01-05", since="2026-01-06")


def test_a_home_is_held_by_one_run_and_free_after_it(settings):
    with (
        cycle_run.hold_home(settings.home, "daily 2026-01-05"),
        pytest.raises(UsageError) as caught,
        cycle_run.hold_home(settings.home, "daily 2026-01-06"),
    ):
        pass
    assert f"daily 2026-01-05, process {os.getpid()}" in str(caught.value)
    with cycle_run.hold_home(settings.home, "daily 2026-01-07"):
        pass


def test_the_lock_of_a_dead_process_does_not_matter(settings):
    settings.home.run.mkdir(parents=True)
    (settings.home.run / "cycle.lock").touch()
    (settings.home.run / "cycle.holder").write_text("daily 2026-01-05, process 999999")
    with cycle_run.hold_home(settings.home, "daily 2026-01-06"):
        pass
