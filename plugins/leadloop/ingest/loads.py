"""The truth about a load: one row for each source, table and day, worked out after each import.

How new it is, how it compares with the same weekday, what came late, twice or not at all, and
which codes the map does not know. `outcomes` keeps a row a file; this sums them up and reads what
has landed. The range of a usual volume and the floor of coverage are those of the landing gate.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from leadloop import opstore
from leadloop.settings import read_yaml
from leadloop.warehouse import list_load

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Settings

WEEKS: Final = 4
SUITE: Final = "landing_loads.yml"
_COUNTS: Final = ("rows_read", "rows_landed", "rows_duplicate", "rows_quarantined")
# A night's export holds the day before: what is older has missed its own load.
LATE: Final = timedelta(days=1)

Load = tuple[str, str, str]


def judge_load(settings: Settings, load: Load) -> dict[str, Any]:
    """Write and return the row of a load: (source, table, load date).

    It is worked out from the files' outcome rows and from landing, so judging again after a
    retry, or after nothing, leaves what is true then.
    """
    source, table, day = load
    outcomes = _read_outcomes(settings, load)
    counts = {name: sum(row[name] for row in outcomes) for name in _COUNTS}
    newest = _pick_newest(outcomes)
    row = {
        "source": source,
        "table_name": table,
        "load_date": day,
        "state": "loaded" if outcomes else "missing",
        "files": len(newest),
        **counts,
        "by_reason": _add_up(outcomes, "by_reason"),
        **_look_at_landed(settings, load, {item["batch_id"] for item in outcomes}),
        # Only calls have codes that every map must know: those of `outcome`.
        "coded_rows": sum(item["rows_read"] for item in newest) if table == "call" else 0,
        "unknown_codes": _add_up(newest, "unknown_codes"),
        "volume": _judge_volume(settings, load, counts["rows_landed"]),
        "judged_at": opstore.now(),
    }
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.load_outcomes, [row])
    return row


def list_loads(
    settings: Settings, day: str | None = None, limit: int | None = None
) -> list[dict[str, Any]]:
    """Return all loads or those of a day, newest first, as `describe_load` gives them."""
    table = opstore.load_outcomes
    query = sa.select(table).order_by(table.c.load_date.desc(), table.c.source, table.c.table_name)
    if day:
        query = query.where(table.c.load_date == day)
    if limit:
        query = query.limit(limit)
    limits = read_limits(settings)
    moment = opstore.now()
    return [describe_load(row, limits, moment) for row in opstore.read(settings, query)]


def describe_load(
    row: dict[str, Any], limits: dict[str, float], moment: datetime
) -> dict[str, Any]:
    """Return a load with its shares and its age at a moment; null where there is nothing to judge.

    `remarks` say in words what is unusual, none where all is as it should be.
    """
    unknown = sum(count for code, count in row["unknown_codes"].items() if "=" not in code)
    coded, newest = row["coded_rows"], row["newest_event_at"]
    known = {name: value for name, value in row.items() if name != "volume"}
    shown = {
        **known,
        "age_seconds": int((moment - newest).total_seconds()) if newest else None,
        "late_share": row["late_rows"] / row["dated_rows"] if row["dated_rows"] else None,
        "coverage": max(0.0, 1 - unknown / coded) if coded else None,
        "volume": row["volume"],
    }
    return {**shown, "remarks": _find_remarks(shown, limits)}


def read_limits(settings: Settings) -> dict[str, float]:
    """Return the limits of the landing gate that a load can be held against.

    `low` and `high` (of the usual volume), `minimum_weeks`, `coverage` and `minimum_rows`; those
    that a company's own suite has not are left out, and nothing is judged by them.
    """
    own = settings.config / "expectations" / SUITE
    path = own if own.exists() else settings.project / "expectations" / SUITE
    content = read_yaml(path)
    limits = {name: float(value) for name, value in content.get("parameters", {}).items()}
    for item in content["expectations"]:
        limit = item["kwargs"]
        if limit.get("column") == "volume_ratio" and {"min_value", "max_value"} <= set(limit):
            limits.update(low=float(limit["min_value"]), high=float(limit["max_value"]))
        if limit.get("column") == "other_share":
            limits["coverage"] = 1 - float(limit["max_value"])
    return limits


def _read_outcomes(settings: Settings, load: Load) -> list[dict[str, Any]]:
    table = opstore.ingest_outcomes
    key = (table.c.source, table.c.table_name, table.c.load_date)
    same = sa.and_(*(column == value for column, value in zip(key, load, strict=True)))
    return opstore.read(settings, sa.select(table).where(same).order_by(table.c.finished_at))


def _pick_newest(outcomes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return of each file the row of its newest import: what an older map did not know is past."""
    files = {row["content_hash"] or row["batch_id"]: row for row in outcomes if not row["retry_of"]}
    return list(files.values())


def _add_up(outcomes: list[dict[str, Any]], name: str) -> dict[str, int]:
    total: Counter[str] = Counter()
    for row in outcomes:
        total.update(row[name])
    return {key: count for key, count in total.most_common() if count}


def _look_at_landed(settings: Settings, load: Load, batches: set[str]) -> dict[str, Any]:
    """Return the newest event, the rows that have a day, and how many of them came late."""
    import pyarrow as pa
    import pyarrow.compute as pc

    _, table, day = load
    limit = date.fromisoformat(day) - LATE
    newest, dated, late = None, 0, 0
    for path in list_load(settings.home, table, day, batches):
        rows = _read_times(path)
        seen = pc.max(rows["event_at"]).as_py()
        newest = max(filter(None, (newest, seen)), default=None)
        dated += len(rows) - rows["event_date"].null_count
        late += pc.sum(pc.less(rows["event_date"], pa.scalar(limit))).as_py() or 0
    return {"newest_event_at": newest, "dated_rows": dated, "late_rows": late}


def _read_times(path: Path) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read(columns=["event_at", "event_date"])


def _judge_volume(settings: Settings, load: Load, landed: int) -> dict[str, Any]:
    """Return the landed rows held against the same weekday of the weeks before."""
    source, table, day = load
    days = [
        (date.fromisoformat(day) - timedelta(weeks=week)).isoformat()
        for week in range(1, WEEKS + 1)
    ]
    rows = opstore.ingest_outcomes.c
    query = (
        sa.select(rows.load_date, sa.func.sum(rows.rows_landed).label("landed"))
        .where(rows.source == source, rows.table_name == table, rows.load_date.in_(days))
        .group_by(rows.load_date)
    )
    weeks = {row["load_date"]: int(row["landed"]) for row in opstore.read(settings, query)}
    limits = read_limits(settings)
    judged = {"weeks": dict(sorted(weeks.items())), "usual": None, "low": None, "high": None}
    if "low" not in limits or len(weeks) < limits.get("minimum_weeks", 1):
        return {**judged, "verdict": "too few weeks to judge"}
    usual = median(weeks.values())
    low, high = usual * limits["low"], usual * limits["high"]
    verdict = "low" if landed < low else "high" if landed > high else "usual"
    return {**judged, "usual": usual, "low": low, "high": high, "verdict": verdict}


def _find_remarks(load: dict[str, Any], limits: dict[str, float]) -> list[str]:
    if load["state"] == "missing":
        return ["no file came: what needs it is not available"]
    remarks = []
    volume = load["volume"]
    if volume["verdict"] in ("low", "high"):
        remarks.append(
            f"volume {volume['verdict']}: {load['rows_landed']:,} rows, usual "
            f"{volume['low']:,.0f} to {volume['high']:,.0f}"
        )
    floor, coverage = limits.get("coverage"), load["coverage"]
    enough = load["coded_rows"] >= limits.get("minimum_rows", 0)
    if floor is not None and coverage is not None and enough and coverage < floor:
        codes = ", ".join(code for code in load["unknown_codes"] if "=" not in code)
        remarks.append(f"{1 - coverage:.1%} of the rows have a code that the map lacks: {codes}")
    if load["rows_quarantined"]:
        remarks.append(f"{load['rows_quarantined']:,} rows in quarantine")
    return remarks
