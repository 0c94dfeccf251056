"""`leadloop import`, `quarantine ...` and `loads ...`: what came in, and what did not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from leadloop.console import fail, is_wide, say, say_list, show_table, write_json
from leadloop.contract import TABLES
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadloop.ingest.outcomes import ImportOutcome
    from leadloop.ingest.retry import RetryOutcome

quarantine_app = typer.Typer(help="Rows that were refused: see them, try them again.")
loads_app = typer.Typer(help="What each load brought, and what is unusual about it.")

Json = Annotated[
    str | None, typer.Option("--json", help="Also write the result as JSON; - for standard output.")
]
Reason = Annotated[str | None, typer.Option(help="Only rows refused for this reason.")]
File = Annotated[str | None, typer.Option(help="Only rows of the file of this name.")]
LoadDate = Annotated[str | None, typer.Option(help="Only rows of the load of this day.")]
MapName = Annotated[
    str | None,
    typer.Option("--map", help="Only rows that came through this map: a name, or its file."),
]
_CELL = 40


def import_command(
    files: Annotated[list[Path], typer.Argument(help="CSV (gz), JSON lines (gz) or Parquet.")],
    map_name: Annotated[str, typer.Option("--map", help="Map: a shipped name or a path.")],
    dry_run: Annotated[bool, typer.Option(help="Show what would land; write nothing.")] = False,
    load_date: Annotated[str | None, typer.Option(help="Load date; today by default.")] = None,
    json_file: Json = None,
) -> None:
    """Load files through a map: landed, duplicate and quarantined rows are counted."""
    from leadloop.ingest.load import import_files

    settings = load_settings()
    day = load_date or str(datetime.now(settings.company.zone).date())
    outcomes = import_files(settings, files, map_name, load_date=day, dry_run=dry_run)
    if json_file != "-":
        if dry_run:
            for outcome in outcomes:
                show_preview(outcome)
            say("Nothing was written. Without --dry-run it lands.")
        else:
            _show_import(outcomes)
    write_json(json_file, [outcome.to_dict() for outcome in outcomes])


@quarantine_app.command("list")
def list_quarantine(
    map_name: MapName = None,
    reason: Reason = None,
    file: File = None,
    load_date: LoadDate = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also rows that a later retry or import took in.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Count refused rows by load, file and reason; --json lists each, masked."""
    from leadloop.ingest.quarantine import list_entries

    wanted = _choose(map_name, reason, file, load_date, None if every else "open")
    rows = list_entries(load_settings(), wanted)
    if json_file != "-":
        names = ("load_date", "table", "map", "source_file", "reason", "state")
        counts = _count_by(rows, names)
        headers = ("load date", "table", "map", "file", "reason", "state", "rows", "first lines")
        show_table("Quarantine", headers, counts)
    write_json(json_file, rows)


@quarantine_app.command("show")
def show_quarantine(
    map_name: MapName = None,
    reason: Reason = None,
    file: File = None,
    load_date: LoadDate = None,
    limit: Annotated[int, typer.Option(help="How many rows.")] = 20,
    json_file: Json = None,
) -> None:
    """Show open refused rows one by one: file, line, reason, what was seen, the masked row."""
    from leadloop.ingest.quarantine import list_entries

    rows = list_entries(load_settings(), _choose(map_name, reason, file, load_date, "open"))
    if json_file != "-":
        for row in rows[:limit]:
            say(escape(f"{row['source_file']}:{row['source_line']}  [{row['load_date']}]"))
            say(f"  {row['reason']}: {escape(row['detail'])}")
            say(f"  {escape(row['raw'])}")
        if len(rows) > limit:
            say(f"... and {len(rows) - limit:,} more: --limit, or narrow by --reason or --file.")
    write_json(json_file, rows[:limit])


@quarantine_app.command("retry")
def retry_quarantine(
    map_name: MapName = None,
    reason: Reason = None,
    file: File = None,
    load_date: LoadDate = None,
    folder: Annotated[
        Path | None, typer.Option("--from", help="Also look for the files in this folder.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Read refused rows again from their files, through the map as it is now; none lands twice."""
    from leadloop.ingest.maps import load_map
    from leadloop.ingest.retry import retry_rows

    settings = load_settings()
    mended = None
    if map_name is not None:
        mended, map_name = map_name, load_map(settings, map_name).name
    wanted = _choose(map_name, reason, file, load_date, "open")
    outcomes = retry_rows(settings, wanted, mended, folder)
    if json_file != "-":
        _show_retry(outcomes)
    write_json(json_file, [outcome.to_dict() for outcome in outcomes])
    if any(outcome.remedy for outcome in outcomes):
        raise typer.Exit(1)


@loads_app.command("list")
def list_loads_command(
    limit: Annotated[int, typer.Option(help="How many loads, newest first.")] = 30,
    json_file: Json = None,
) -> None:
    """List loads: rows, usual volume, late share, coverage of codes, and what is unusual."""
    from leadloop.ingest.loads import list_loads

    loads = list_loads(load_settings(), limit=limit)
    if json_file != "-":
        headers = ("load date", "source", "table", "landed", "usual", "late", "codes", "remarks")
        rows = [
            (
                load["load_date"], load["source"], load["table_name"], load["rows_landed"],
                _show_range(load["volume"]), _show_share(load["late_share"]),
                _show_share(load["coverage"]), "; ".join(load["remarks"]),
            )
            for load in loads
        ]  # fmt: skip
        show_table("Loads", headers, rows)
    write_json(json_file, loads)


@loads_app.command("show")
def show_load(
    day: Annotated[str, typer.Argument(help="Load date, such as 2026-01-31.")],
    json_file: Json = None,
) -> None:
    """Show all that is known of the loads of one day."""
    from leadloop.ingest.loads import list_loads

    loads = list_loads(load_settings(), day)
    if json_file != "-":
        for load in loads:
            _show_load(load)
        if not loads:
            say(f"Nothing was loaded for {day}: see `leadloop loads list`.")
    write_json(json_file, loads)


def _choose(
    map_name: str | None,
    reason: str | None,
    file: str | None,
    load_date: str | None,
    state: str | None,
) -> Any:
    from leadloop.ingest.quarantine import Wanted

    return Wanted(map=map_name, reason=reason, file=file, load_date=load_date, state=state)


def _count_by(rows: Iterable[dict[str, Any]], names: Sequence[str]) -> list[tuple[object, ...]]:
    lines: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        lines.setdefault(tuple(row[name] for name in names), []).append(row["source_line"])
    return [
        (*key, len(found), ", ".join(map(str, found[:5])) + (" ..." if len(found) > 5 else ""))
        for key, found in lines.items()
    ]


def _show_import(outcomes: list[ImportOutcome]) -> None:
    rows = [
        (item.file, item.table, item.read, item.landed, item.duplicate, item.quarantined)
        for item in outcomes
    ]
    show_table("Imported", ("file", "table", "read", "landed", "duplicate", "quarantined"), rows)
    for item in outcomes:
        for reason, count in item.by_reason.items():
            say(f"  {escape(item.file)}: {count:,} row(s) quarantined: {reason}")
        for code, count in item.unknown_codes.items():
            say(f"  {escape(item.file)}: {count:,} row(s) {escape(_tell_code(item.table, code))}")
        if item.extra_columns:
            say(f"  {escape(item.file)}: not mapped: {escape(', '.join(item.extra_columns))}")


def show_preview(item: ImportOutcome) -> None:
    """Show a dry run: what would land, from where, and everything that would not."""
    say(f"\n[bold]{escape(item.file)}[/] through {item.map} into {item.table}")
    say(
        f"{item.read:,} rows read: {item.landed:,} would land, {item.duplicate:,} duplicate, "
        f"{item.quarantined:,} refused"
    )
    if item.first_event_date:
        say(f"events of {item.first_event_date} to {item.last_event_date}")
    _show_columns(item)
    if item.unknown_codes:
        codes = [
            (_cut(code), count, _tell_fate(item.table, code))
            for code, count in item.unknown_codes.items()
        ]
        show_table("\nCodes that the map does not know", ("code", "rows", "then"), codes, whole=2)
    if item.refused_rows:
        _show_refused(item)
    _show_gaps(item)


def _show_refused(item: ImportOutcome) -> None:
    headers: tuple[str, ...] = ("reason", "rows", "line", "seen", "row, masked")
    width = len(headers) if is_wide() else 4
    rows, told = [], None
    for reason, count in item.by_reason.items():
        for row in item.refused_rows:
            if row["reason"] == reason:
                first = (reason, f"{count:,}") if reason != told else ("", "")
                rows.append((*first, row["line"], row["detail"], _tell_row(row["row"]))[:width])
                told = reason
    show_table("\nRefused", headers[:width], rows, whole=3)


def _show_columns(item: ImportOutcome) -> None:
    samples = item.samples[: 3 if is_wide() else 2]
    headers = ("column", "from", *(f"row {number}" for number in range(1, len(samples) + 1)))
    rows = []
    for target, origin in item.mapped_columns.items():
        names = ("phone_hash", "phone_last4", "phone_region") if target == "phone" else (target,)
        for name in names:
            if name not in item.empty_columns:
                values = (_show_value(name, row.get(name)) for row in samples)
                rows.append((name, _cut(origin, 60 if is_wide() else 18), *values))
    show_table("\nWhat lands, times in UTC", headers, rows, whole=1)


def _show_gaps(item: ImportOutcome) -> None:
    if item.extra_columns:
        say("\n[bold]Columns of the file that nobody reads[/]")
        say_list(item.extra_columns)
    if item.empty_columns:
        say("\n[bold]Columns of the contract that stay empty[/]")
        say_list(item.empty_columns)
    if item.unavailable_metrics:
        by_lack: dict[str, list[str]] = {}
        for metric, lacks in item.unavailable_metrics.items():
            by_lack.setdefault(" and ".join(lacks), []).append(metric)
        say("\n[bold]Metrics that are not available from this file (never 0)[/]")
        for lack, metrics in by_lack.items():
            say_list([f"without {lack}: {metrics[0]}", *metrics[1:]])
    say("")


def _show_retry(outcomes: list[RetryOutcome]) -> None:
    headers = ("load date", "file", "map", "asked", "landed", "duplicate", "still refused", "state")
    rows = [
        (item.load_date, item.file, item.map, item.asked, item.landed, item.duplicate,
         item.refused, item.state)
        for item in outcomes
    ]  # fmt: skip
    show_table("Tried again", headers, rows)
    for item in outcomes:
        for reason, count in item.by_reason.items():
            say(f"  {escape(item.file)}: {count:,} row(s) still refused: {reason}")
        if item.remedy:
            fail(f"  {item.remedy}")
    days = sorted({item.load_date for item in outcomes if item.landed})
    if days:
        say(f"Run the day again to see them in the numbers: leadloop run daily --date {days[-1]}")


def _show_load(load: dict[str, Any]) -> None:
    say(f"\n[bold]{escape(load['source'])}[/] {load['table_name']} {load['load_date']}")
    for remark in load["remarks"]:
        say(f"  [yellow]![/] {escape(remark)}")
    if load["state"] == "missing":
        return
    say(
        f"  {load['files']} file(s), {load['rows_read']:,} rows read: {load['rows_landed']:,} "
        f"landed, {load['rows_duplicate']:,} duplicate, {load['rows_quarantined']:,} in quarantine"
    )
    if load["newest_event_at"]:
        hours = load["age_seconds"] / 3600
        say(f"  newest event {load['newest_event_at']:%Y-%m-%d %H:%M}Z, {hours:,.1f} hours ago")
    volume = load["volume"]
    weeks = ", ".join(f"{day} {rows:,}" for day, rows in volume["weeks"].items()) or "none"
    say(f"  volume: {volume['verdict']}; usual {_show_range(volume)} (same weekday: {weeks})")
    say(f"  late: {load['late_rows']:,} of {load['dated_rows']:,} rows with a day")
    say(f"  codes known: {_show_share(load['coverage'])} of {load['coded_rows']:,} rows")
    for code, count in load["unknown_codes"].items():
        say(f"    {escape(code)}: {count:,} row(s)")
    for reason, count in load["by_reason"].items():
        say(f"    quarantine, {reason}: {count:,} row(s)")


def _tell_code(table: str, code: str) -> str:
    return f"with unknown code {code!r}, which {_tell_fate(table, code)}"


def _tell_fate(table: str, code: str) -> str:
    name, separator, _ = code.partition("=")
    column = TABLES[table].get(name if separator else "outcome")
    if column is not None and column.catch_all:
        return f"lands as {column.catch_all}"
    return "refuses the row" if column is not None and column.required else "is left empty"


def _tell_row(row: dict[str, Any]) -> str:
    return _cut("; ".join(f"{name}={value}" for name, value in row.items() if value), 200)


def _show_value(name: str, value: object) -> str:
    text = "-" if value is None else str(value)
    if name == "phone_hash" and value is not None:
        return text[:8] + "…"
    if name.endswith("_at"):
        return text.replace("T", " ")[:19]
    return _cut(text)


def _cut(value: object, width: int = _CELL) -> str:
    text = "-" if value is None else str(value)
    return text if len(text) <= width else text[: width - 1] + "…"


def _show_range(volume: dict[str, Any]) -> str:
    if volume["low"] is None:
        return "too few weeks"
    return f"{volume['low']:,.0f} to {volume['high']:,.0f}"


def _show_share(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"
