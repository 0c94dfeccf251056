"""When numbers must not be dialled, as the compliance packs say, for the models to count by.

The gate before every dial (`actions.compliance`) judges dials to come by the same files; here the
dials that were made are judged. `scope` writes what this module reads into schema `raw`.
"""

from __future__ import annotations

from datetime import date
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, Field

from leadloop.settings import read_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from leadloop.settings import Settings

_MINUTES = 24 * 60
Window = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]


class Rule(BaseModel):
    """What counting needs of a rule; the gate checks the rest of it."""

    kind: str
    enabled: bool = True
    effective_from: date
    effective_until: date | None = None
    allow: tuple[Window, ...] = ()
    forbid: tuple[Window, ...] = ()
    min_gap_hours: float | None = None


class Pack(BaseModel):
    """What counting needs of a compliance pack."""

    regions: tuple[str, ...]
    zones: dict[str, tuple[str, ...]] = {}
    rules: tuple[Rule, ...]


def close_hours(rule: Rule) -> list[tuple[int, int]]:
    """Return the minutes of a day, from (in) to (out), in which a rule lets nobody be called.

    >>> noon = Rule(kind="hours", effective_from="2020-01-01", allow=["09:00-12:00"])
    >>> close_hours(noon)
    [(0, 540), (720, 1440)]
    """
    allowed = _list_minutes(rule.allow) if rule.allow else set(range(_MINUTES))
    is_open = [minute in allowed - _list_minutes(rule.forbid) for minute in range(_MINUTES)]
    runs = [(key, list(minutes)) for key, minutes in groupby(range(_MINUTES), is_open.__getitem__)]
    return [(minutes[0], minutes[-1] + 1) for key, minutes in runs if not key]


def _list_minutes(windows: tuple[str, ...]) -> set[int]:
    found: set[int] = set()
    for window in windows:
        begin, end = (60 * int(text[:2]) + int(text[3:]) for text in window.split("-"))
        # An end before the begin is past midnight.
        found |= set(range(begin, end)) if begin < end else {*range(begin, _MINUTES), *range(end)}
    return found


def load_packs(settings: Settings) -> list[Pack]:
    """Return the packs of config/compliance by name; an own file stands for the shipped one."""
    folders = (settings.project / "config", settings.config)
    names = {path.name for folder in folders for path in (folder / "compliance").glob("*.yml")}
    return [read_model(settings.config_file("compliance", name), Pack) for name in sorted(names)]


def write_legal_dials(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Write closed hours and least gaps by region into schema `raw` for the models."""
    connection.execute(
        "create or replace table raw.closed_hours (phone_region varchar, timezone varchar, "
        "begin_minute integer, end_minute integer, effective_from date, effective_until date)"
    )
    connection.execute(
        "create or replace table raw.dial_gaps (phone_region varchar, gap_seconds double, "
        "effective_from date, effective_until date)"
    )
    packs = load_packs(settings)
    for table, rows in (
        ("closed_hours", list(_list_hours(packs, settings.company.timezone))),
        ("dial_gaps", list(_list_gaps(packs))),
    ):
        if rows:
            places = ", ".join("?" * len(rows[0]))
            connection.executemany(f"insert into raw.{table} values ({places})", rows)  # noqa: S608


def _list_rules(packs: list[Pack], kind: str) -> Iterator[tuple[Pack, str, Rule]]:
    for pack in packs:
        for rule in pack.rules:
            if rule.enabled and rule.kind == kind:
                yield from ((pack, region, rule) for region in pack.regions)


def _list_hours(packs: list[Pack], timezone: str) -> Iterator[tuple[Any, ...]]:
    for pack, region, rule in _list_rules(packs, "hours"):
        # Where a pack names no clock of a region, the company's own tells the time.
        for zone in pack.zones.get(region) or (timezone,):
            for begin, end in close_hours(rule):
                yield region, zone, begin, end, rule.effective_from, rule.effective_until


def _list_gaps(packs: list[Pack]) -> Iterator[tuple[Any, ...]]:
    for _, region, rule in _list_rules(packs, "frequency"):
        if rule.min_gap_hours is not None:
            gap = rule.min_gap_hours * 3600
            yield region, gap, rule.effective_from, rule.effective_until
