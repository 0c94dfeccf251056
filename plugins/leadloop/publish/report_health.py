"""What the report says of trust: was the day published, what did the gates see, what was loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.pointer import read_pointer

if TYPE_CHECKING:
    from leadloop.settings import Settings

SHOWN_LOADS = 30


def read_status(settings: Settings, day: str) -> dict[str, Any]:
    """Return whether the day is published or was stopped, by what, and how far the data reach.

    `state` is published, stopped or nothing (no marts at all).
    """
    pointer = read_pointer(settings.home)
    attempt = pointer.get("last_attempt") or {}
    failures = [
        failure
        for gate in (attempt.get("gates") or {}).values()
        for failure in gate.get("failures", [])
    ]
    state = "published" if pointer.get("version") else "nothing"
    if attempt.get("state") == "stopped":
        state = "stopped"
    return {
        "state": state,
        "has_marts": bool(pointer.get("version")),
        "attempt_day": attempt.get("day", day),
        "failures": failures if state == "stopped" else [],
        "version": pointer.get("version"),
        "published_at": pointer.get("published_at"),
        "data_until": pointer.get("data_until"),
        "held_loads": list(attempt.get("held_loads") or pointer.get("held_loads") or []),
    }


def read_gates(settings: Settings, day: str) -> list[dict[str, Any]]:
    """Return each expectation judged on the last attempt, what broke first."""
    attempt = read_pointer(settings.home).get("last_attempt") or {}
    judged = attempt["day"] if attempt.get("state") == "stopped" else day
    table = opstore.gate_results
    rows = opstore.read(settings, sa.select(table).where(table.c.day == judged))
    rows.sort(key=lambda row: (row["is_passed"], row["severity"], row["gate"], row["suite"]))
    return [
        {
            "gate": row["gate"],
            "suite": row["suite"],
            "expectation": row["expectation"],
            "severity": row["severity"],
            "is_passed": bool(row["is_passed"]),
            "observed": row["observed"],
            "notes": row["notes"],
        }
        for row in rows
    ]


def read_loads(settings: Settings, day: str) -> dict[str, Any]:
    """Return the files loaded for the day, and the sums of all loads up to it."""
    table = opstore.ingest_outcomes
    columns = ("rows_read", "rows_landed", "rows_duplicate", "rows_quarantined")
    query = sa.select(table).where(table.c.load_date == day).order_by(table.c.file)
    parts: list[sa.ColumnElement[Any]] = [
        sa.func.count().filter(table.c.retry_of.is_(None)).label("files")
    ]
    parts += [sa.func.sum(table.c[name]).label(name) for name in columns]
    total = opstore.read(settings, sa.select(*parts).where(table.c.load_date <= day))[0]
    rows = opstore.read(settings, query)
    keys = ("file", "map", *columns, "by_reason", "unknown_codes")
    return {
        "files": [{key: row[key] for key in keys} for row in rows[:SHOWN_LOADS]],
        "hidden": max(0, len(rows) - SHOWN_LOADS),
        "total": {key: int(value or 0) for key, value in total.items()},
    }
