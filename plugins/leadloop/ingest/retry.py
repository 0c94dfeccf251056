"""Takes refused rows in again after a map is mended: `leadloop quarantine retry`.

Quarantine holds rows masked, so each is read again from its file, found by name and by the hash of
its bytes: no raw copy is kept for this. Nothing lands twice, nothing written before is changed.
What was taken in leaves a row of its own in `ingest_outcomes`, which takes it out of quarantine
(`rows_quarantined` below 0), so that sums over rows stay true: read = landed + duplicate +
quarantined, for each row and for all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from leadloop import opstore
from leadloop.errors import UsageError
from leadloop.ingest import IngestError
from leadloop.ingest.documents import list_documents
from leadloop.ingest.load import (
    Load,
    clear_repeats,
    hash_content,
    hold_door,
    keep_rows,
    make_job,
    open_drafts,
    publish_rows,
    shorten_hash,
)
from leadloop.ingest.loads import judge_load
from leadloop.ingest.maps import load_map
from leadloop.ingest.quarantine import Wanted, list_entries
from leadloop.ingest.readers import read_chunks, read_header
from leadloop.ingest.rows import Chunk
from leadloop.warehouse import list_landing

if TYPE_CHECKING:
    from leadloop.ingest.documents import Document
    from leadloop.ingest.load import Job, Tally
    from leadloop.ingest.maps import Map
    from leadloop.ingest.rows import Mapped
    from leadloop.settings import Settings

# A line of a file, and the turn in it: 0 means all that the line holds.
Key = tuple[int, int]
_PLACES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class RetryOutcome:
    """What became of the refused rows of one file; asked = landed + duplicate + refused.

    `state` is retried, unchanged (all are still refused), file missing, unreadable or no map;
    `remedy` says what to do about the last three. `by_reason` says why rows are refused now.
    """

    file: str
    map: str | None
    table: str
    load_date: str
    batch_id: str
    state: str
    asked: int
    landed: int = 0
    duplicate: int = 0
    refused: int = 0
    by_reason: dict[str, int] = field(default_factory=dict)
    landed_batch_id: str | None = None
    remedy: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)


@dataclass(slots=True)
class _Reading:
    """The refused rows of one file as they are read again."""

    entries: list[dict[str, Any]]
    wanted: set[Key]
    rows: list[Key] = field(default_factory=list)
    refused: dict[Key, str] = field(default_factory=dict)
    landed: int = 0

    def count_reasons(self, became: dict[Key, str]) -> dict[str, int]:
        """Return why entries are refused now, those that the file no longer shows among them."""
        lines = {line: reason for (line, _), reason in self.refused.items()}
        still = [_key_of(entry) for entry in self.entries if _key_of(entry) not in became]
        reasons = Counter(
            self.refused.get(key) or lines.get(key[0], "not_found_again") for key in still
        )
        return dict(reasons.most_common())


def retry_rows(
    settings: Settings, wanted: Wanted, map_name: str | None = None, folder: Path | None = None
) -> list[RetryOutcome]:
    """Return what became of the open refused rows that are wanted, one outcome a file.

    The map is the one the file came through, as it is now, or `map_name`. Files are looked for
    where they lay, then in `folder`, then in the inbox.
    """
    entries = list_entries(settings, replace(wanted, state="open"))
    entries.sort(key=lambda entry: (entry["load_date"], entry["source_file"], entry["batch_id"]))
    outcomes = []
    for batch_id, group in groupby(entries, key=lambda entry: entry["batch_id"]):
        rows = list(group)
        origin = _find_origin(settings, batch_id)
        outcome = _describe(rows)
        reading = _Reading(rows, {_key_of(row) for row in rows})
        try:
            document = find_original(settings, origin, folder)
            found = load_map(settings, map_name or str(outcome.map))
            by = (found, document, origin["source"])
            outcomes.append(_retry_file(settings, outcome, by, reading))
        except _FileMissingError as error:
            outcomes.append(replace(outcome, state="file missing", remedy=str(error)))
        except IngestError as error:
            outcomes.append(replace(outcome, state="unreadable", remedy=str(error)))
        except UsageError as error:
            remedy = f"{error}\nName the mended map with --map."
            outcomes.append(replace(outcome, state="no map", remedy=remedy))
    return outcomes


class _FileMissingError(IngestError):
    """The file that rows were refused from is nowhere to be found unchanged."""


def find_original(settings: Settings, origin: dict[str, Any], folder: Path | None) -> Document:
    """Return the file of an outcome row, unchanged to the byte; raise IngestError if it is gone.

    A store that keeps raw files encrypted would be asked here, after the places where a file lies
    open.
    """
    name: str = origin["file"]
    # A member of a zip stands below it: what lies in a folder is the zip.
    stored = name.split("/", 1)[0]
    wanted: str | None = origin["content_hash"]
    places: list[Path] = [Path(origin["file_path"])] if origin["file_path"] else []
    if folder:
        places.append(folder / stored)
    places += sorted(settings.home.inbox.rglob(stored))
    seen = [path for path in dict.fromkeys(places) if path.is_file()]
    for document in list_documents(seen):
        if document.name == name and hash_content(document) == wanted:
            return document
    if not wanted:
        remedy = "it was imported before hashes were kept. Import it again through the mended map"
    elif seen:
        shown = ", ".join(map(str, seen[:_PLACES_SHOWN]))
        remedy = (
            f"{shown} has other content now. Import it as a new file, or bring back the one with "
            f"SHA-256 {wanted}"
        )
    else:
        looked = ", ".join(dict.fromkeys(str(place.parent) for place in places))
        remedy = (
            f"it is gone (looked in {looked or 'the inbox'}). Bring back the file with SHA-256 "
            f"{wanted}, or name its folder with --from"
        )
    message = f"{name} of {origin['load_date']}: {remedy}; rows that landed do not land twice."
    raise _FileMissingError(message)


def _find_origin(settings: Settings, batch_id: str) -> dict[str, Any]:
    table = opstore.ingest_outcomes
    query = sa.select(table).where(table.c.batch_id == batch_id).order_by(table.c.load_date)
    rows = opstore.read(settings, query)
    if rows:
        return rows[0]
    # Killed before its outcome row: importing the file again mends that, and retries its rows.
    return {"file": batch_id, "content_hash": None, "file_path": None, "load_date": "?"}


def _describe(entries: list[dict[str, Any]]) -> RetryOutcome:
    first = entries[0]
    return RetryOutcome(
        file=first["source_file"],
        map=first["map"],
        table=first["table"],
        load_date=first["load_date"],
        batch_id=first["batch_id"],
        state="unchanged",
        asked=len(entries),
        refused=len(entries),
    )


def _retry_file(
    settings: Settings, outcome: RetryOutcome, by: tuple[Map, Document, str], reading: _Reading
) -> RetryOutcome:
    found, document, source = by
    if found.table != outcome.table:
        message = (
            f"Map {found.name} fills {found.table}; the refused rows of {outcome.file} belong to "
            f"{outcome.table}. Give the map they came through, or import the file as a new one."
        )
        raise IngestError(message)
    load = Load(outcome.load_date, source)
    job = make_job(settings, found, document, read_header(document, found), load)
    named = ",".join(f"{line}.{part}" for line, part in sorted(reading.wanted))
    # The same rows through the same map give the same batch: a killed retry is run again.
    batch_id = shorten_hash(f"{outcome.batch_id}:{job.batch_id}:{named}")
    job = replace(job, batch_id=batch_id)
    with hold_door(settings), open_drafts(job, settings.home.cache / "ingest") as tally:
        _read_again(job, tally, reading)
        became = _land(job, tally, reading)
    outcome = replace(outcome, by_reason=reading.count_reasons(became))
    if not became:
        return outcome
    outcome = _record(job, outcome, reading, became)
    judge_load(settings, (source, found.table, outcome.load_date))
    return outcome


def _read_again(job: Job, tally: Tally, reading: _Reading) -> None:
    from leadloop.ingest.mapping import map_rows

    for chunk in read_chunks(job.document, job.plan.map):
        picked = _pick(chunk, reading.wanted)
        if picked.lines or picked.refused:
            keep_rows(job, tally, _withhold(picked, map_rows(job.plan, picked), reading))
    tally.close()


def _pick(chunk: Chunk, wanted: set[Key]) -> Chunk:
    """Return the rows of a chunk that were refused before, alone."""
    import pyarrow as pa

    places = [
        place
        for place, (line, part) in enumerate(zip(chunk.lines, chunk.parts, strict=True))
        if (line, part) in wanted or (line, 0) in wanted
    ]
    index = pa.array(places, pa.int64())
    lines = {line for line, _ in wanted}
    return Chunk(
        [chunk.lines[place] for place in places],
        {name: column.take(index) for name, column in chunk.columns.items()},
        lambda chosen: chunk.raw([places[place] for place in chosen]),
        [refusal for refusal in chunk.refused if refusal.line in lines],
    )


def _withhold(picked: Chunk, mapped: Mapped, reading: _Reading) -> Mapped:
    """Return what may land: of a line that was refused as a whole, all of it or nothing."""
    import pyarrow as pa

    refused = {(refusal.line, refusal.part): refusal.reason for refusal in mapped.refused}
    reading.refused.update(refused)
    broken = {line for line, _ in refused if (line, 0) in reading.wanted}
    keys = zip(picked.lines, picked.parts, strict=True)
    rows = [key for key in keys if key not in refused]
    keep = [line not in broken for line, _ in rows]
    reading.rows += [key for key, kept in zip(rows, keep, strict=True) if kept]
    return replace(mapped, table=mapped.table.filter(pa.array(keep, pa.bool_())), refused=[])


def _land(job: Job, tally: Tally, reading: _Reading) -> dict[Key, str]:
    """Land what is new; return what became of each entry that is no longer refused."""
    if not reading.rows:
        return {}
    hashes = _read_hashes(tally.good.path)
    new = clear_repeats(job, tally)
    if new.rows:
        publish_rows(job, new, job.batch_id)
    # Asked of landing and not of the draft: a retry that was killed here has landed them already.
    files = list_landing(job.settings.home, job.plan.map.table)
    own = {
        text for file in files if file.batch_id == job.batch_id for text in _read_hashes(file.path)
    }
    became: dict[Key, str] = {}
    for (line, part), row_hash in zip(reading.rows, hashes, strict=True):
        key = (line, part) if (line, part) in reading.wanted else (line, 0)
        if row_hash in own:
            own.remove(row_hash)
            reading.landed += 1
            became[key] = "landed"
        else:
            became.setdefault(key, "duplicate")
    return became


def _read_hashes(path: Path) -> list[str]:
    import pyarrow.parquet as pq

    hashes: list[str] = pq.ParquetFile(path).read(columns=["row_hash"]).column(0).to_pylist()
    return hashes


def _make_row(job: Job, outcome: RetryOutcome, taken: Counter[str]) -> dict[str, Any]:
    """Return the outcome row of a retry; rows that left quarantine count below 0."""
    return {
        "batch_id": job.batch_id,
        "load_date": outcome.load_date,
        "source": job.load.source,
        "map": job.plan.map.name,
        "table_name": outcome.table,
        "file": outcome.file,
        "rows_read": outcome.landed + outcome.duplicate - taken.total(),
        "rows_landed": outcome.landed,
        "rows_duplicate": outcome.duplicate,
        "rows_quarantined": -taken.total(),
        "by_reason": {reason: -count for reason, count in taken.items()},
        "unknown_codes": {},
        "finished_at": opstore.now(),
        "content_hash": job.content_hash,
        "file_path": str(job.document.path.absolute()),
        "retry_of": outcome.batch_id,
    }


def _record(
    job: Job, outcome: RetryOutcome, reading: _Reading, became: dict[Key, str]
) -> RetryOutcome:
    """Mark the entries and leave the outcome row in one transaction."""
    moment = opstore.now()
    taken = Counter(entry["reason"] for entry in reading.entries if _key_of(entry) in became)
    outcome = replace(
        outcome,
        state="retried",
        landed=reading.landed,
        duplicate=len(reading.rows) - reading.landed,
        refused=outcome.asked - taken.total(),
        landed_batch_id=job.batch_id,
    )
    marks = (
        {
            "batch_id": outcome.batch_id,
            "source_line": line,
            "source_part": part,
            "became": state,
            "landed_batch_id": job.batch_id,
            "retried_at": moment,
        }
        for (line, part), state in became.items()
    )
    with opstore.transaction(job.settings) as connection:
        opstore.append(connection, opstore.ingest_outcomes, [_make_row(job, outcome, taken)])
        opstore.append(connection, opstore.quarantine_retries, marks)
    return outcome


def _key_of(entry: dict[str, Any]) -> Key:
    return entry["source_line"], entry["source_part"]
