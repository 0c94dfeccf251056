"""Imports files: read, map, refuse, hash, clear of repeats, land, leave an outcome row.

Order of what becomes visible: quarantine, landing, outcome row, each whole or not at all. A kill
between any two is mended by running the import again: the first two are replaced by the same
bytes or found to be there, and the outcome row is worked out from them.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final

from leadloop import opstore
from leadloop.contract import arrow_schema
from leadloop.errors import UsageError
from leadloop.ingest import IngestError, landing, quarantine
from leadloop.ingest.maps import Map, compute_fingerprint, load_map
from leadloop.ingest.outcomes import ImportOutcome, record_outcome, show_row
from leadloop.ingest.readers import Header, read_chunks, read_header
from leadloop.keys import load_key
from leadloop.warehouse import landing_path, list_landing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from leadloop.ingest.rows import Mapped
    from leadloop.ingest.work import Plan
    from leadloop.settings import Settings

# Raise it when the same file and map give other rows than before: batches are new then.
ROWS_VERSION: Final = "1"
LOCK_SECONDS: Final = 600
_SAMPLES: Final = 5


@dataclass(frozen=True, slots=True)
class _Job:
    """One file to import and all that is known of it beforehand."""

    settings: Settings
    plan: Plan
    path: Path
    header: Header
    batch_id: str
    load_date: str
    source: str
    started_at: datetime


@dataclass(slots=True)
class _Tally:
    """What the pass over a file has counted and written aside."""

    good: landing.ParquetDraft
    refused: landing.ParquetDraft
    by_reason: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, Any]] = field(default_factory=list)


def import_files(
    settings: Settings,
    files: Sequence[Path],
    map_name: str,
    *,
    load_date: str,
    dry_run: bool = False,
    source: str = "import",
) -> list[ImportOutcome]:
    """Return what became of each file; every header is checked before anything lands.

    A dry run maps and counts but lands nothing and leaves no row; it shows sample rows, masked.
    """
    _check_day(load_date)
    found = load_map(settings, map_name)
    headers = [read_header(path, found) for path in files]
    outcomes = []
    for path, header in zip(files, headers, strict=True):
        job = _make_job(settings, found, path, header, (load_date, source))
        with _lock(settings), _drafts(job) as tally:
            _read_all(job, tally)
            outcomes.append(_try_out(job, tally) if dry_run else _finish(job, tally))
    return outcomes


def _make_job(
    settings: Settings, found: Map, path: Path, header: Header, load: tuple[str, str]
) -> _Job:
    from leadloop.ingest.work import Plan
    from leadloop.privacy.erased import load_registry
    from leadloop.privacy.phones import PhoneHasher

    company = settings.company
    hasher = PhoneHasher(load_key(settings, "phone_hash"), company.phone_region)
    surroundings = {
        "rows": ROWS_VERSION,
        "tenant": company.tenant_id,
        "timezone": company.timezone,
        "phone_region": company.phone_region,
        # Tells one key from another without telling anything of it.
        "key": hasher.hash("leadloop")[:16],
    }
    return _Job(
        settings=settings,
        plan=Plan(
            map=found,
            tenant_id=company.tenant_id,
            company_zone=company.zone,
            hasher=hasher,
            file_time=datetime.fromtimestamp(path.stat().st_mtime, tz=UTC),
            erased=load_registry(settings),
        ),
        path=path,
        header=header,
        batch_id=_hash_file(path, compute_fingerprint(found, surroundings)),
        load_date=load[0],
        source=load[1],
        started_at=opstore.now(),
    )


def _read_all(job: _Job, tally: _Tally) -> None:
    from leadloop.ingest.mapping import map_rows

    for chunk in read_chunks(job.path, job.plan.map):
        mapped = map_rows(job.plan, chunk)
        tally.unknown.update(mapped.unknown)
        tally.by_reason.update(refusal.reason for refusal in mapped.refused)
        tally.good.write(_stamp(job, mapped))
        if mapped.refused:
            tally.refused.write(
                quarantine.build_quarantine(mapped.refused, job.batch_id, job.path.name)
            )
        if len(tally.samples) < _SAMPLES:
            tally.samples += mapped.table.slice(0, _SAMPLES - len(tally.samples)).to_pylist()
    tally.good.close()
    tally.refused.close()


def _stamp(job: _Job, mapped: Mapped) -> Any:
    """Add where and when the rows came from, and their hashes."""
    import pyarrow as pa

    found, table = job.plan.map, mapped.table
    salt = "\x1e".join((job.plan.tenant_id, found.source_system, found.table))
    added = {
        "ingested_at": pa.scalar(job.started_at, pa.timestamp("us", tz="UTC")),
        "batch_id": pa.scalar(job.batch_id),
        "source_file": pa.scalar(job.path.name),
    }
    columns = {name: pa.repeat(value, table.num_rows) for name, value in added.items()}
    columns["row_hash"] = landing.hash_rows(table, _list_hashed(found), salt)
    for name, array in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, array)
    return table


def _list_hashed(found: Map) -> list[str]:
    """Return the columns that a row's hash is made of: what the map fills, in contract order."""
    names = set(found.columns) | {"source_pk", "is_deleted", "seq", "tells_won", "tells_human"}
    if "phone" in names:
        names |= {"phone_hash", "phone_last4", "phone_region"}
    if "outcome" in names:
        names.add("outcome_raw")
    # When a row was exported is not what it says: a re-sent row is the same row.
    names -= {"extracted_at"}
    return [column.name for column in found.contract.all_columns if column.name in names]


def _finish(job: _Job, tally: _Tally) -> ImportOutcome:
    """Publish quarantine, landing and the outcome row, in this order."""
    home, table = job.settings.home, job.plan.map.table
    span, new = _clear(job, tally)
    known = quarantine.find_quarantine(home, table, job.batch_id)
    if tally.refused.rows and known is None:
        target = quarantine.quarantine_path(home, table, job.load_date, job.batch_id)
        landing.publish_file(tally.refused.path, target)
    batch_id = job.batch_id
    if new.rows:
        batch_id = _name_batch(job, new)
        landing.publish_file(new.path, landing_path(home, (table, job.load_date, *span, batch_id)))
    outcome = _report(job, tally, landed=new.rows, batch_id=batch_id, span=span)
    record_outcome(job.settings, outcome, job.source)
    return outcome


def _clear(job: _Job, tally: _Tally) -> tuple[tuple[str, str], landing.ParquetDraft]:
    """Return the event dates of the good rows and a draft of those that are new."""
    draft = tally.good
    if not draft.rows:
        return ("", ""), draft
    span = landing.read_span(draft.path)
    files = list_landing(job.settings.home, job.plan.map.table)
    if span[0]:
        files = [file for file in files if file.overlaps(*span)]
    else:
        files = [file for file in files if not file.first]
    repeated = landing.find_repeats(draft.path, files)
    if not repeated.any():
        return span, draft
    schema = arrow_schema(job.plan.map.contract)
    fresh = landing.ParquetDraft(draft.path.with_name("new.parquet"), schema)
    landing.copy_new_rows(draft.path, repeated, fresh)
    fresh.close()
    if not fresh.rows:
        return span, fresh
    return landing.read_span(fresh.path), fresh


def _name_batch(job: _Job, new: landing.ParquetDraft) -> str:
    """Return the batch id, or another where rows of the batch have landed before.

    That happens when a row is accepted now that was refused then (a file's time has changed):
    a landed file is never written over, its late rows are a batch of their own.
    """
    import pyarrow.parquet as pq

    files = list_landing(job.settings.home, job.plan.map.table)
    if all(file.batch_id != job.batch_id for file in files):
        return job.batch_id
    hashes = pq.read_table(new.path, columns=["row_hash"]).column(0).to_pylist()
    text = "".join((job.batch_id, *hashes))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _try_out(job: _Job, tally: _Tally) -> ImportOutcome:
    span, new = _clear(job, tally)
    outcome = _report(job, tally, landed=new.rows, batch_id=job.batch_id, span=span)
    return replace(outcome, samples=[show_row(row) for row in tally.samples])


def _report(
    job: _Job, tally: _Tally, *, landed: int, batch_id: str, span: tuple[str, str]
) -> ImportOutcome:
    found = job.plan.map
    return ImportOutcome(
        file=job.path.name,
        map=found.name,
        table=found.table,
        batch_id=batch_id,
        load_date=job.load_date,
        read=tally.good.rows + tally.refused.rows,
        landed=landed,
        duplicate=tally.good.rows - landed,
        quarantined=tally.refused.rows,
        by_reason=dict(tally.by_reason.most_common()),
        unknown_codes=dict(tally.unknown.most_common()),
        mapped_columns={name: spec.describe() for name, spec in found.columns.items()},
        extra_columns=list(job.header.extra),
        samples=[],
        first_event_date=span[0] or None,
        last_event_date=span[1] or None,
    )


@contextmanager
def _drafts(job: _Job) -> Iterator[_Tally]:
    """Give drafts in a folder of their own; what a killed import left there goes first."""
    folder = job.settings.home.cache / "ingest"
    shutil.rmtree(folder, ignore_errors=True)
    good = landing.ParquetDraft(folder / "good.parquet", arrow_schema(job.plan.map.contract))
    refused = landing.ParquetDraft(folder / "refused.parquet", quarantine.quarantine_schema())
    try:
        yield _Tally(good, refused)
    finally:
        good.close()
        refused.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _lock(settings: Settings) -> Iterator[None]:
    """Hold the door alone: two imports at once would each miss the other's rows."""
    import filelock

    path = settings.home.run / "ingest.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with filelock.FileLock(path, timeout=LOCK_SECONDS):
            yield
    except filelock.Timeout as error:
        message = f"Another import has held {path} for {LOCK_SECONDS} s. Wait for it, or end it."
        raise IngestError(message) from error


def _hash_file(path: Path, fingerprint: str) -> str:
    with path.open("rb") as handle:
        content = hashlib.file_digest(handle, "sha256").hexdigest()
    return hashlib.sha256(f"{content}:{fingerprint}".encode()).hexdigest()[:16]


def _check_day(day: str) -> None:
    try:
        right = re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) and date.fromisoformat(day)
    except ValueError:
        right = None
    if not right:
        message = f"The load date is {day!r}; wanted a day such as 2026-01-31."
        raise UsageError(message)
