"""Pulls a source into the inbox: one file a run, whole or not at all, then the mark moves.

A kill before the file is published leaves a draft that the next pull writes over; a kill between
file and mark makes the next pull fetch the same span again, whose rows are found to have landed.
So nothing is lost and nothing doubled, whatever moment it comes at.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from leadloop import opstore
from leadloop.ingest import IngestError
from leadloop.ingest.api import Traffic, fetch_records
from leadloop.ingest.database import fetch_rows
from leadloop.ingest.landing import publish_file
from leadloop.ingest.load import import_files
from leadloop.ingest.sources import ApiSource, load_source_secret
from leadloop.ingest.spans import Mark, span_from_mark, span_of_day, zone_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from leadloop.ingest.outcomes import ImportOutcome
    from leadloop.ingest.requests import Clock
    from leadloop.ingest.sources import DatabaseSource
    from leadloop.ingest.spans import Span
    from leadloop.settings import Settings

_LOCK_SECONDS: Final = 600


@dataclass(frozen=True, slots=True)
class Pulled:
    """What one pull brought; `file` is empty where there was nothing to write."""

    source: str
    day: str
    file: str
    rows: int
    mark: str | None
    traffic: Traffic = field(default_factory=Traffic)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)


def pull_source(
    settings: Settings,
    source: ApiSource | DatabaseSource,
    day: str,
    *,
    again: bool = False,
    clock: Clock | None = None,
) -> Pulled:
    """Return what a pull for a day brought into the inbox.

    A source without a cursor is asked for each day once: a day that was pulled after it had ended
    is not asked again unless `again` says so. With a cursor it is asked for all since its mark.
    """
    import filelock

    path = settings.home.run / f"pull_{source.name}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(path, timeout=_LOCK_SECONDS):
            return _pull(settings, source, day, again, clock)
    except filelock.Timeout as error:
        message = f"Another pull of {source.name} has held {path} for {_LOCK_SECONDS} s."
        raise IngestError(message) from error


def _pull(
    settings: Settings,
    source: ApiSource | DatabaseSource,
    day: str,
    again: bool,
    clock: Clock | None,
) -> Pulled:
    mark = read_mark(settings, source.name)
    span = plan_span(settings, source, day, mark)
    is_wanted = source.cursor or again or not _was_pulled(settings, source.name, day)
    if span is None or not is_wanted:
        return Pulled(source.name, day, "", 0, mark)
    started, traffic = opstore.now(), Traffic()
    seen = Mark(source.cursor, zone_of(source.zone)) if source.cursor else None
    with closing(_fetch(settings, source, span, traffic, clock)) as records:
        file, rows = _write(settings, source.name, day, _watch(records, seen))
    if seen:
        until = min(span.until, started) if isinstance(span.until, datetime) else None
        mark = seen.settle(until) or mark
    pulled = Pulled(source.name, day, file, rows, mark, traffic)
    _record(settings, pulled, started)
    return pulled


def plan_span(
    settings: Settings, source: ApiSource | DatabaseSource, day: str, mark: str | None
) -> Span | None:
    """Return what a pull for a day asks for: the day, or all since the mark; None for nothing."""
    whole = span_of_day(day, settings.company.zone)
    if not source.cursor:
        return whole
    return span_from_mark(source.cursor, mark, whole)


def try_source(
    settings: Settings, source: ApiSource | DatabaseSource, day: str, limit: int
) -> list[ImportOutcome]:
    """Return what the first records of a pull would land as; nothing is kept, no mark moves."""
    span = plan_span(settings, source, day, read_mark(settings, source.name))
    if span is None:
        return []
    with tempfile.TemporaryDirectory(prefix="leadloop-try-") as folder:
        path = Path(folder) / f"{source.name}.jsonl.gz"
        with closing(_fetch(settings, source, span, Traffic(), None)) as records:
            seen = Mark(source.cursor, zone_of(source.zone)) if source.cursor else None
            rows = _write_lines(path, islice(_watch(records, seen), limit))
        if not rows:
            return []
        return import_files(settings, [path], source.map, load_date=day, dry_run=True)


def _was_pulled(settings: Settings, name: str, day: str) -> bool:
    """Return whether a day was pulled after its end: before it, records were still to come."""
    end = span_of_day(day, settings.company.zone).until
    table = opstore.source_pulls
    query = sa.select(table.c.started_at)
    rows = opstore.read(settings, query.where(table.c.source == name, table.c.day == day))
    return any(row["started_at"] >= end for row in rows)


def read_mark(settings: Settings, name: str) -> str | None:
    """Return the mark that the last pull of a source left."""
    table = opstore.source_pulls
    query = sa.select(table.c.mark).where(table.c.source == name, table.c.mark.is_not(None))
    rows = opstore.read(settings, query.order_by(table.c.finished_at.desc()).limit(1))
    return rows[0]["mark"] if rows else None


def list_pulls(settings: Settings, name: str, limit: int = 10) -> list[dict[str, Any]]:
    """Return the last pulls of a source, newest first."""
    table = opstore.source_pulls
    query = sa.select(table).where(table.c.source == name)
    return opstore.read(settings, query.order_by(table.c.finished_at.desc()).limit(limit))


def _fetch(
    settings: Settings,
    source: ApiSource | DatabaseSource,
    span: Span,
    traffic: Traffic,
    clock: Clock | None,
) -> Generator[dict[str, Any]]:
    if isinstance(source, ApiSource):
        secret = load_source_secret(settings, source.name) if source.auth else None
        yield from fetch_records(source, secret, span, traffic, clock)
    else:
        yield from fetch_rows(source, load_source_secret(settings, source.name), span)


def _watch(records: Iterable[dict[str, Any]], seen: Mark | None) -> Iterator[dict[str, Any]]:
    for record in records:
        if seen:
            seen.see(record)
        yield record


def _write(
    settings: Settings, name: str, day: str, records: Iterable[dict[str, Any]]
) -> tuple[str, int]:
    """Write records as JSON lines under the next free name; return it and their number."""
    folder = settings.home.inbox / "sources" / name
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / f".{day}.part"
    try:
        rows = _write_lines(draft, records)
        if not rows:
            return "", 0
        numbers = [int(path.name.split("_")[1][:4]) for path in _list_files(settings, name, day)]
        target = folder / f"{day}_{max(numbers, default=0) + 1:04}.jsonl.gz"
        publish_file(draft, target)
        return target.name, rows
    finally:
        draft.unlink(missing_ok=True)


def _write_lines(draft: Path, records: Iterable[dict[str, Any]]) -> int:
    stamp = datetime.now(UTC).isoformat(timespec="seconds")
    rows = 0
    with gzip.open(draft, "wb", 6) as packed:
        for record in records:
            line = json.dumps({"extracted_at": stamp, **record}, ensure_ascii=False)
            packed.write(line.encode("utf-8", "surrogatepass") + b"\n")
            rows += 1
    return rows


def _list_files(settings: Settings, name: str, day: str) -> list[Path]:
    return sorted((settings.home.inbox / "sources" / name).glob(f"{day}_*.jsonl.gz"))


def _record(settings: Settings, pulled: Pulled, started: datetime) -> None:
    row = {
        "source": pulled.source,
        "day": pulled.day,
        "file": pulled.file,
        "rows_read": pulled.rows,
        "mark": pulled.mark,
        "pages": pulled.traffic.pages,
        "requests": pulled.traffic.requests,
        "repeats": pulled.traffic.repeats,
        "bytes_received": pulled.traffic.received,
        "started_at": started,
        "finished_at": opstore.now(),
    }
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.source_pulls, [row])
