"""Imports files: read, map, refuse, hash, clear of repeats, land, leave an outcome row.

Order of what becomes visible: quarantine, landing, outcome row, each whole or not at all. A kill
between any two is mended by running the import again: the first two are replaced by the same
bytes or found to be there, and the outcome row is worked out from them.
"""

from __future__ import annotations

import hashlib
import re
import secrets
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
from leadloop.ingest.documents import Document, list_documents
from leadloop.ingest.loads import judge_load
from leadloop.ingest.maps import Map, compute_fingerprint, load_map
from leadloop.ingest.outcomes import ImportOutcome, record_outcome
from leadloop.ingest.readers import Header, explain, read_chunks, read_header
from leadloop.keys import has_key, load_key
from leadloop.warehouse import landing_path, list_landing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from leadloop.ingest.rows import Mapped
    from leadloop.ingest.work import Plan
    from leadloop.settings import Settings

# Raise it when the same file and map give other rows than before: batches are new then.
ROWS_VERSION: Final = "2"
LOCK_SECONDS: Final = 600
# The source of what `leadloop import` brings.
IMPORTED_BY_HAND: Final = "import"


@dataclass(frozen=True, slots=True)
class Load:
    """What a file is loaded as: its day, its source, and whether only to try."""

    day: str
    source: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One file to import and all that is known of it beforehand."""

    settings: Settings
    plan: Plan
    document: Document
    header: Header
    content_hash: str
    batch_id: str
    load: Load
    started_at: datetime


@dataclass(slots=True)
class Tally:
    """What the pass over a file has counted and written aside."""

    good: landing.ParquetDraft
    refused: landing.ParquetDraft
    by_reason: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)

    def close(self) -> None:
        """End both drafts."""
        self.good.close()
        self.refused.close()


def import_files(
    settings: Settings,
    files: Sequence[Path],
    map_name: str,
    *,
    load_date: str,
    dry_run: bool = False,
    source: str = IMPORTED_BY_HAND,
) -> list[ImportOutcome]:
    """Return what became of each file, those in folders and zips too.

    Every header is checked before anything lands. A dry run maps and counts but lands nothing and
    leaves no row; it shows sample rows, masked.
    """
    _check_day(load_date)
    if not files:
        return []
    from leadloop.ingest.preview import try_out

    found = load_map(settings, map_name)
    documents = list_documents(files)
    headers = [read_header(document, found) for document in documents]
    outcomes = []
    for document, header in zip(documents, headers, strict=True):
        job = make_job(settings, found, document, header, Load(load_date, source, dry_run))
        if dry_run:
            outcomes.append(try_out(job))
            continue
        with hold_door(settings), open_drafts(job, settings.home.cache / "ingest") as tally:
            read_all(job, tally)
            outcomes.append(_finish(job, tally))
    if outcomes and not dry_run:
        judge_load(settings, (source, found.table, load_date))
    return outcomes


def make_job(settings: Settings, found: Map, document: Document, header: Header, load: Load) -> Job:
    """Return a file with all that is known of it before it is read."""
    from leadloop.ingest.work import Plan
    from leadloop.privacy.erased import load_registry
    from leadloop.privacy.phones import PhoneHasher

    company = settings.company
    hasher = PhoneHasher(_load_key(settings, load), company.phone_region)
    surroundings = {
        "rows": ROWS_VERSION,
        "tenant": company.tenant_id,
        "timezone": company.timezone,
        "phone_region": company.phone_region,
        # Tells one key from another without telling anything of it.
        "key": hasher.hash("leadloop")[:16],
    }
    content_hash = hash_content(document)
    fingerprint = compute_fingerprint(found, surroundings)
    return Job(
        settings=settings,
        plan=Plan(
            map=header.map,
            tenant_id=company.tenant_id,
            company_zone=company.zone,
            hasher=hasher,
            file_time=datetime.fromtimestamp(document.path.stat().st_mtime, tz=UTC),
            erased=load_registry(settings),
        ),
        document=document,
        header=header,
        content_hash=content_hash,
        batch_id=shorten_hash(f"{content_hash}:{fingerprint}"),
        load=load,
        started_at=opstore.now(),
    )


def _load_key(settings: Settings, load: Load) -> bytes:
    """Return the phone key; a dry run makes none: nothing has landed that it must fit."""
    if load.dry_run and not has_key(settings, "phone_hash"):
        return secrets.token_bytes()
    return load_key(settings, "phone_hash")


def read_all(job: Job, tally: Tally, watch: Callable[[Mapped], None] | None = None) -> None:
    """Map a file and write its rows aside; `watch` sees each chunk as mapped."""
    from leadloop.ingest.mapping import map_rows

    for chunk in read_chunks(job.document, job.plan.map):
        mapped = map_rows(job.plan, chunk)
        if watch:
            watch(mapped)
        keep_rows(job, tally, mapped)
    tally.close()


def keep_rows(job: Job, tally: Tally, mapped: Mapped) -> None:
    """Count a chunk and write its rows aside."""
    tally.unknown.update(mapped.unknown)
    tally.by_reason.update(refusal.reason for refusal in mapped.refused)
    tally.good.write(_stamp(job, mapped))
    if mapped.refused:
        name = job.document.name
        tally.refused.write(quarantine.build_quarantine(mapped.refused, job.batch_id, name))


def _stamp(job: Job, mapped: Mapped) -> Any:
    """Add where and when the rows came from, and their hashes."""
    import pyarrow as pa

    found, table = job.plan.map, mapped.table
    salt = "\x1e".join((job.plan.tenant_id, found.source_system, found.table))
    added = {
        "ingested_at": pa.scalar(job.started_at, pa.timestamp("us", tz="UTC")),
        "batch_id": pa.scalar(job.batch_id),
        "source_file": pa.scalar(job.document.name),
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


def _finish(job: Job, tally: Tally) -> ImportOutcome:
    """Publish quarantine, landing and the outcome row, in this order."""
    home, table = job.settings.home, job.plan.map.table
    new = clear_repeats(job, tally)
    known = quarantine.find_quarantine(home, table, job.batch_id)
    if tally.refused.rows and known is None:
        target = quarantine.quarantine_path(home, table, job.load.day, job.batch_id)
        landing.publish_file(tally.refused.path, target)
    outcome = make_outcome(job, tally, new.rows)
    if new.rows:
        outcome = replace(outcome, batch_id=_name_batch(job, new))
        publish_rows(job, new, outcome.batch_id)
    record_outcome(job.settings, outcome, (job.load.source, job.content_hash, job.document.path))
    return outcome


def publish_rows(job: Job, new: landing.ParquetDraft, batch_id: str) -> None:
    """Rename a draft of new rows into the landing of the job's day."""
    place = (job.plan.map.table, job.load.day, *landing.read_span(new.path), batch_id)
    landing.publish_file(new.path, landing_path(job.settings.home, place))


def clear_repeats(job: Job, tally: Tally) -> landing.ParquetDraft:
    """Return a draft of the good rows that are new."""
    draft = tally.good
    if not draft.rows:
        return draft
    first, last = landing.read_span(draft.path)
    files = list_landing(job.settings.home, job.plan.map.table)
    if first:
        files = [file for file in files if file.overlaps(first, last)]
    else:
        files = [file for file in files if not file.first]
    contract = job.plan.map.contract
    is_state = bool(contract.history_key) and contract.since is None
    repeated = landing.find_repeats(draft.path, files, by_export=is_state)
    if not repeated.any():
        return draft
    schema = arrow_schema(contract)
    fresh = landing.ParquetDraft(draft.path.with_name("new.parquet"), schema)
    landing.copy_new_rows(draft.path, repeated, fresh)
    fresh.close()
    return fresh


def _name_batch(job: Job, new: landing.ParquetDraft) -> str:
    """Return the batch id, or another where rows of the batch have landed before.

    That happens when a row is accepted now that was refused then (a file's time has changed):
    a landed file is never written over, its late rows are a batch of their own.
    """
    import pyarrow.parquet as pq

    files = list_landing(job.settings.home, job.plan.map.table)
    if all(file.batch_id != job.batch_id for file in files):
        return job.batch_id
    hashes = pq.read_table(new.path, columns=["row_hash"]).column(0).to_pylist()
    return shorten_hash("".join((job.batch_id, *hashes)))


def make_outcome(job: Job, tally: Tally, landed: int) -> ImportOutcome:
    """Return what became of a file of which `landed` rows are new."""
    found = job.plan.map
    span = landing.read_span(tally.good.path) if tally.good.rows else ("", "")
    return ImportOutcome(
        file=job.document.name,
        map=found.name,
        table=found.table,
        batch_id=job.batch_id,
        load_date=job.load.day,
        read=tally.good.rows + tally.refused.rows,
        landed=landed,
        duplicate=tally.good.rows - landed,
        quarantined=tally.refused.rows,
        by_reason=dict(tally.by_reason.most_common()),
        unknown_codes=dict(tally.unknown.most_common()),
        mapped_columns={name: spec.describe() for name, spec in found.columns.items()},
        extra_columns=list(job.header.extra),
        first_event_date=span[0] or None,
        last_event_date=span[1] or None,
    )


@contextmanager
def open_drafts(job: Job, folder: Path) -> Iterator[Tally]:
    """Give drafts in a folder of their own; what a killed import left there goes first."""
    shutil.rmtree(folder, ignore_errors=True)
    good = landing.ParquetDraft(folder / "good.parquet", arrow_schema(job.plan.map.contract))
    refused = landing.ParquetDraft(folder / "refused.parquet", quarantine.quarantine_schema())
    tally = Tally(good, refused)
    try:
        yield tally
    finally:
        tally.close()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def hold_door(settings: Settings) -> Iterator[None]:
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


def hash_content(document: Document) -> str:
    """Return the SHA-256 of a file's bytes as they are stored."""
    with explain(document), document.open_stored() as handle:
        digest = hashlib.sha256()
        while block := handle.read(1_000_000):
            digest.update(block)
    return digest.hexdigest()


def shorten_hash(text: str) -> str:
    """Return the name of a batch: sixteen digits of the text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check_day(day: str) -> None:
    try:
        right = re.fullmatch(r"\d{4}-\d{2}-\d{2}", day) and date.fromisoformat(day)
    except ValueError:
        right = None
    if not right:
        message = f"The load date is {day!r}; wanted a day such as 2026-01-31."
        raise UsageError(message)
