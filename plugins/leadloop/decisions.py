"""The decision record of a week or month: what was seen, decided, expected, and what came of it.

The numbers come from the period's published summary mart. A record is written for every period,
also when nothing is to be done: "no action" is a decision that the next period can check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.closing import find_covered_days
from leadloop.periods import Cycle, days_of, describe_days, first_day, previous_key
from leadloop.warehouse import open_marts, read_rows

if TYPE_CHECKING:
    from leadloop.settings import Settings

MARTS = {
    "weekly": ("rpt_dials_weekly", "week_start_date"),
    "monthly": ("rpt_dials_monthly", "dial_month"),
}
# What is carried into the record: parts of the rates, so that intervals can be worked out later.
NUMBERS = ("day_count", "dial_count", "answered_count", "connected_count", "won_count")


def decide_period(settings: Settings, cycle: Cycle, key: str) -> dict[str, Any]:
    """Write the decision record of a period; return the small part that a log line needs."""
    seen = read_summary(settings, cycle, key)
    before_key = previous_key(cycle, key, settings.company)
    before = _find_record(settings, cycle, before_key)
    decided = describe_decision(seen)
    record = {
        "cycle": cycle,
        "period": key,
        "seen": seen,
        "decided": decided,
        "decided_by": "leadloop",
        "expected_effect": "None: nothing is changed; the next period should look alike.",
        "last_period_review": review_last_period(before_key, before, seen),
        "recorded_at": opstore.now(),
    }
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.decision_records, [record])
    return {"decided": decided, "missing_days": len(seen["missing_days"])}


def read_summary(settings: Settings, cycle: Cycle, key: str) -> dict[str, Any]:
    """Return what the published summary says of a period, and which of its days are missing."""
    mart, column = MARTS[cycle]
    with open_marts(settings.home) as connection:
        rows = read_rows(
            connection,
            f"select * from {mart} where {column} = ? order by direction",  # noqa: S608
            [first_day(cycle, key)],
        )
    days = days_of(cycle, key)
    missing = sorted(set(days) - find_covered_days(settings))
    return {
        "mart": mart,
        "days": len(days),
        "missing_days": missing,
        "directions": {row["direction"]: _pick_numbers(row) for row in rows},
    }


def describe_decision(seen: dict[str, Any]) -> str:
    """Return the decision in one sentence, with the days it could not know of."""
    missing = seen["missing_days"]
    known = f"{seen['days'] - len(missing)} of {seen['days']} days"
    gaps = f" (missing: {describe_days(missing)})" if missing else ""
    if not seen["directions"]:
        return f"No action: no dials in {known}{gaps}."
    return f"No action: the summary of {known}{gaps} is published and watched."


def review_last_period(key: str, before: dict[str, Any] | None, seen: dict[str, Any]) -> str:
    """Return whether the last period's actions worked, in words with numbers."""
    if before is None:
        return f"No record of {key} to review."
    parts = []
    for direction, numbers in seen["directions"].items():
        earlier = before["seen"]["directions"].get(direction, {})
        changes = [
            f"{name} {earlier[name]} -> {numbers[name]}" for name in numbers if name in earlier
        ]
        if changes:
            parts.append(f"{direction}: {', '.join(changes)}")
    change = "; ".join(parts) or "no direction has numbers in both periods"
    return f"{key} decided: {before['decided']} Since then {change}."


def _pick_numbers(row: dict[str, Any]) -> dict[str, int]:
    return {name: int(row[name]) for name in NUMBERS if row.get(name) is not None}


def _find_record(settings: Settings, cycle: Cycle, key: str) -> dict[str, Any] | None:
    records = opstore.decision_records
    query = sa.select(records).where(records.c.cycle == cycle, records.c.period == key)
    return next(iter(opstore.read(settings, query)), None)
