"""Which days are closed: told to Airflow once each, so that a week or month runs exactly once.

A week hangs on seven events of the asset `daily_marts`, one for each of its days. `close_day`
tells a published day, `close_periods` tells the days that never came, once their period's
deadline has passed. Airflow's own record of events is what says that a day was told before.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.errors import UsageError
from leadloop.periods import Cycle, days_between, days_of, minimum_days, parse_day, recent_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadloop.settings import Settings

# A stack that was down for a month still catches up; older periods are left to the command line.
LOOK_BACK: dict[Cycle, int] = {"weekly": 5, "monthly": 2}


def close_day(context: Mapping[str, Any], day: str) -> dict[str, Any]:
    """Tell Airflow that the days of this run are published, those it was not told before.

    Telling a day twice could complete its week twice: a second run of a day is `skipped`.
    """
    told, _ = read_told_days(context)
    first = context["params"].get("since") or day
    days = set(days_between(parse_day(first), parse_day(day)))
    return _tell(context, days - told, missing=set())


def close_periods(context: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Close what the deadline of each recent week and month has left open.

    A period is closed when it has the minimum of published days and no decision record yet.
    """
    moment = _resolve_moment(context)
    told, given_up = read_told_days(context)
    covered = find_covered_days(settings) | (told - given_up)
    decided = _find_decided(settings)
    closing: set[str] = set()
    waiting: dict[str, str] = {}
    for cycle, count in LOOK_BACK.items():
        for key in recent_keys(cycle, moment, settings.company, count):
            days = set(days_of(cycle, key))
            present, wanted = len(days & covered), minimum_days(cycle, key, settings.company)
            if days <= told or (cycle, key) in decided:
                continue
            if present < wanted:
                waiting[f"{cycle} {key}"] = f"{present} of {len(days)} days, wanted {wanted}"
                continue
            closing |= days - told
    return {"waiting": waiting, **_tell(context, closing, missing=closing - covered)}


def read_told_days(context: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """Return the days told to Airflow, and those of them that were told as missing."""
    told: set[str] = set()
    missing: set[str] = set()
    for event in context["inlet_events"][0]:
        if event.partition_key:
            told.add(event.partition_key)
            missing.update((event.extra or {}).get("missing", ()))
    return told, missing & told


def find_covered_days(settings: Settings) -> set[str]:
    """Return the days that a daily run has published, those of backfills included."""
    steps = opstore.step_outcomes
    query = sa.select(steps.c.period, steps.c.detail).where(
        steps.c.cycle == "daily", steps.c.step == "publish", steps.c.state == "done"
    )
    covered: set[str] = set()
    for row in opstore.read(settings, query):
        first = row["detail"].get("since") or row["period"]
        covered.update(days_between(parse_day(first), parse_day(row["period"])))
    return covered


def _tell(context: Mapping[str, Any], days: set[str], missing: set[str]) -> dict[str, Any]:
    """Send one event for each day with this task; without a day, have the task skipped."""
    if not days:
        return {"skipped": "every day was told before", "told": []}
    events = context["outlet_events"][context["ti"].task.outlets[0]]
    events.extra = {"missing": sorted(missing)}
    events.add_partitions(sorted(days))
    return {"told": sorted(days), "missing": sorted(missing)}


def _find_decided(settings: Settings) -> set[tuple[str, str]]:
    records = opstore.decision_records
    query = sa.select(records.c.cycle, records.c.period)
    return {(row["cycle"], row["period"]) for row in opstore.read(settings, query)}


def _resolve_moment(context: Mapping[str, Any]) -> datetime:
    """Return the moment to judge by: the run's param `as_of`, else now."""
    text = context["params"].get("as_of")
    if text is None:
        return opstore.now()
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        message = f"as_of is {text!r}; wanted a moment such as 2026-01-13T12:00:00+08:00."
        raise UsageError(message) from error
    if moment.tzinfo is None:
        message = f"as_of is {text!r} without a zone; wanted such as 2026-01-13T12:00:00+08:00."
        raise UsageError(message)
    return moment
