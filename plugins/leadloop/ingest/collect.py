"""The first step of a day: every source's files of the day, through the door.

Sources are `sources:` of company.yml and the files of config/sources, which `gather` brings into
the inbox first; the door itself is `load`.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.errors import UsageError
from leadloop.ingest import IngestError
from leadloop.ingest.documents import is_wanted, list_files
from leadloop.ingest.gather import gather_sources
from leadloop.ingest.load import IMPORTED_BY_HAND, import_files
from leadloop.ingest.loads import judge_load
from leadloop.ingest.maps import load_map

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from leadloop.settings import Settings, Source


def collect_day(settings: Settings, day: str, since: str | None = None) -> dict[str, Any]:
    """Return counts of what came in for the days from `since` (default: the day) to `day`.

    Every required source must have a file for every day, or a pull that went well, checked before
    anything is imported; what was imported by hand for the day counts as one. Files imported before
    are no-ops.
    """
    days = list(_list_days(since or day, day))
    gathered = gather_sources(settings, days)
    sources = (*settings.company.sources, *gathered.feeds)
    found = {
        (source.name, each): find_files(settings, source, each)
        for source in sources
        for each in days
    }
    # A feed that is not daily brings a file when there is something to tell: none is no news.
    awaited = {source.name for source in sources if source.required or source.daily}
    absent = [
        key
        for key, files in found.items()
        if not files and key not in gathered.quiet and key[0] in awaited
    ]
    by_hand = _find_by_hand(settings, sources, absent)
    missing = [key for key in absent if key not in by_hand]
    _require(settings, missing)
    with opstore.stay_open(settings):
        counts, batches = _import_all(settings, sources, found)
        _record_missing(settings, sources, missing)
    names = ("files", "read", "landed", "duplicate", "quarantined")
    return {
        **{name: counts[name] for name in names},
        "batches": batches,
        "missing": _tell(missing),
        "by_hand": _tell(by_hand),
        "failed_pulls": gathered.failures,
    }


def _import_all(
    settings: Settings, sources: Sequence[Source], found: Mapping[tuple[str, str], list[Path]]
) -> tuple[Counter[str], list[str]]:
    """Import the files of all sources and days; return counts and the batches that landed."""
    counts: Counter[str] = Counter()
    batches = []
    maps = {source.name: source.map for source in sources}
    for (name, day), files in found.items():
        outcomes = (
            import_files(settings, files, maps[name], load_date=day, source=name) if files else []
        )
        for outcome in outcomes:
            counts.update(
                files=1,
                read=outcome.read,
                landed=outcome.landed,
                duplicate=outcome.duplicate,
                quarantined=outcome.quarantined,
            )
            if outcome.landed:
                batches.append(outcome.batch_id)
    return counts, batches


def _tell(keys: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"source": name, "day": day} for name, day in keys]


def _find_by_hand(
    settings: Settings, sources: Sequence[Source], absent: list[tuple[str, str]]
) -> list[tuple[str, str]]:
    """Return the sources and days without a file whose rows came by `leadloop import`."""
    if not absent:
        return []
    tables = _list_tables(settings, sources, absent)
    table = opstore.ingest_outcomes
    columns = (
        table.c.table_name,
        table.c.load_date,
        table.c.first_event_date,
        table.c.last_event_date,
    )
    query = sa.select(*columns).where(table.c.source == IMPORTED_BY_HAND, table.c.rows_landed > 0)
    imports = opstore.read(settings, query.distinct())
    return [
        (name, day)
        for name, day in absent
        if any(row["table_name"] == tables[name] and _holds(row, day) for row in imports)
    ]


def _holds(row: dict[str, Any], day: str) -> bool:
    first, last = row["first_event_date"], row["last_event_date"]
    return row["load_date"] == day or (first is not None and first <= day <= last)


def _record_missing(
    settings: Settings, sources: Sequence[Source], missing: list[tuple[str, str]]
) -> None:
    """Leave a row for each source without a file, so that none is taken for one with no rows."""
    tables = _list_tables(settings, sources, missing)
    for name, day in missing:
        judge_load(settings, (name, tables[name], day))


def _list_tables(
    settings: Settings, sources: Sequence[Source], keys: list[tuple[str, str]]
) -> dict[str, str]:
    """Return the landing table of each source that is named."""
    names = {name for name, _ in keys}
    return {
        source.name: load_map(settings, source.map).table
        for source in sources
        if source.name in names
    }


def find_files(settings: Settings, source: Source, day: str) -> list[Path]:
    """Return a source's files of one day in order of name, unfinished transfers left out."""
    pattern = _pattern_of(source, day)
    root = settings.home.inbox
    if Path(pattern).is_absolute():
        root = Path(Path(pattern).anchor)
        pattern = str(Path(pattern).relative_to(root))
    return [
        file
        for path in sorted(root.glob(pattern))
        if is_wanted([path.name])
        for file in list_files(path)
        if file.is_file()
    ]


def _pattern_of(source: Source, day: str) -> str:
    return source.path.replace("{date}", day).replace("{yyyymmdd}", day.replace("-", ""))


def _require(settings: Settings, missing: list[tuple[str, str]]) -> None:
    sources = {source.name: source for source in settings.company.sources if source.required}
    lines = [
        f"  {name}, {day}: no file like {_pattern_of(sources[name], day)} in {settings.home.inbox}"
        for name, day in missing
        if name in sources
    ]
    if not lines:
        return
    message = "\n".join(
        [
            "A required source has no file:",
            *lines,
            "Put the file there and run the day again, or bring its rows by `leadloop import`, or "
            "set `required: false` for the source in config/company.yml. Nothing was imported.",
        ]
    )
    raise IngestError(message)


def _list_days(first: str, last: str) -> Iterator[str]:
    try:
        day, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        message = f"The days are {first!r} to {last!r}; wanted days such as 2026-01-31."
        raise UsageError(message) from error
    while day <= end:
        yield day.isoformat()
        day += timedelta(days=1)
