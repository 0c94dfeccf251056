"""What became of a file: the value that the command shows and the row that stays.

The row is in `opstore.ingest_outcomes`; `load` makes both.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.warehouse import list_load

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Home, Settings


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What became of one file; read = landed + duplicate + quarantined.

    The last five are of a dry run alone: masked samples of rows and of refused rows, columns of
    the contract that stay empty, each metric that will not be available with what it lacks, and
    what is odd about the rows as a whole.
    """

    file: str
    map: str
    table: str
    batch_id: str
    load_date: str
    read: int
    landed: int
    duplicate: int
    quarantined: int
    by_reason: dict[str, int]
    unknown_codes: dict[str, int]
    mapped_columns: dict[str, str]
    extra_columns: list[str]
    first_event_date: str | None
    last_event_date: str | None
    samples: list[dict[str, Any]] = field(default_factory=list)
    refused_rows: list[dict[str, Any]] = field(default_factory=list)
    empty_columns: list[str] = field(default_factory=list)
    unavailable_metrics: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)


def record_outcome(
    settings: Settings, outcome: ImportOutcome, origin: tuple[str, str, Path]
) -> None:
    """Write the outcome row of this batch and load, unless it is there.

    `origin` is the source's name, the hash of the file's bytes and where it lay.

    A second import of a file changes nothing, and one that was killed before its row was written
    finds its rows landed: the row says what the landing file holds.
    """
    source, content_hash, path = origin
    landed = count_landed(settings.home, (outcome.table, outcome.load_date, outcome.batch_id))
    row = {
        "batch_id": outcome.batch_id,
        "load_date": outcome.load_date,
        "source": source,
        "map": outcome.map,
        "table_name": outcome.table,
        "file": outcome.file,
        "rows_read": outcome.read,
        "rows_landed": landed,
        "rows_duplicate": outcome.read - outcome.quarantined - landed,
        "rows_quarantined": outcome.quarantined,
        "by_reason": outcome.by_reason,
        "unknown_codes": outcome.unknown_codes,
        "first_event_date": outcome.first_event_date,
        "last_event_date": outcome.last_event_date,
        "finished_at": opstore.now(),
        "content_hash": content_hash,
        "file_path": str(path.absolute()),
    }
    table = opstore.ingest_outcomes
    same = sa.and_(table.c.batch_id == outcome.batch_id, table.c.load_date == outcome.load_date)
    with opstore.transaction(settings) as connection:
        if connection.execute(sa.select(table.c.batch_id).where(same)).first() is None:
            opstore.replace(connection, table, [row])


def count_landed(home: Home, batch: tuple[str, str, str]) -> int:
    """Return the rows in the landing files of a batch: (table, load date, batch)."""
    import pyarrow.parquet as pq

    table, load_date, batch_id = batch
    files = list_load(home, table, load_date, {batch_id})
    return sum(pq.read_metadata(path).num_rows for path in files)


def show_row(row: dict[str, Any]) -> dict[str, Any]:
    """Return a landed row as plain values without its empty columns."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in row.items()
        if value is not None
    }
