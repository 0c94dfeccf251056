"""Runs the `tests:` that a map carries: each example row through the same code as a file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from leadloop.ingest.maps import Map, MapTest
    from leadloop.ingest.rows import Mapped

# Later than any example: an example row without an export time is never ahead of its export.
_FILE_TIME = datetime(2100, 1, 1, tzinfo=UTC)


def run_examples(found: Map) -> list[str]:
    """Return one line for each example that does not hold, with what was wanted and seen."""
    failures = []
    for test in found.tests:
        failures += [f"{found.name}: {test.name}: {text}" for text in _run(found, test)]
    return failures


def _run(found: Map, test: MapTest) -> list[str]:
    mapped = map_row(found, test.row)
    reasons = [refusal.reason for refusal in mapped.refused]
    failures = []
    if test.refused is not None:
        if test.refused not in reasons:
            failures.append(
                f"wanted a refusal {test.refused}, seen {reasons or 'a row that lands'}"
            )
    else:
        wanted = test.gives if isinstance(test.gives, list) else [test.gives or {}]
        failures += _compare(wanted, mapped, reasons)
    if test.unknown is not None and dict(mapped.unknown) != test.unknown:
        failures.append(f"wanted unknown codes {test.unknown}, seen {dict(mapped.unknown)}")
    return failures


def _compare(wanted: list[dict[str, Any]], mapped: Mapped, reasons: list[str]) -> list[str]:
    rows = mapped.table.to_pylist()
    if len(rows) != len(wanted):
        return [f"wanted {len(wanted)} row(s), seen {len(rows)} (refused: {reasons})"]
    failures = []
    for place, (want, row) in enumerate(zip(wanted, rows, strict=True), start=1):
        for name, value in want.items():
            seen = _show(row.get(name, "no such column"))
            if seen != _show(value):
                failures.append(f"row {place}: {name}: wanted {_show(value)!r}, seen {seen!r}")
    return failures


def map_row(found: Map, row: dict[str, Any]) -> Mapped:
    """Return what one row of a file becomes through a map, with a key of no company."""
    from leadloop.ingest.mapping import map_rows
    from leadloop.ingest.records import build_chunk, explode
    from leadloop.ingest.rows import Refusal
    from leadloop.ingest.work import Plan
    from leadloop.privacy.phones import PhoneHasher

    refused: list[Refusal] = []
    chunk = build_chunk(found, explode(found, (1, row), refused), refused)
    plan = Plan(
        map=found,
        tenant_id="example",
        company_zone=ZoneInfo(found.timezone or "Asia/Shanghai"),
        hasher=PhoneHasher(b"key of the examples", "CN"),
        file_time=_FILE_TIME,
    )
    return map_rows(plan, chunk)


def _show(value: Any) -> Any:
    """Write times and dates one way, whichever way YAML or Arrow holds them."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return moment.astimezone(UTC).isoformat() if moment.tzinfo else value
    return value
