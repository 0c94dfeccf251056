"""Rows that do not land: kept masked, with file, line and reason, beside landing's layout.

`retry` takes them in after a map is mended. Quarantine files are never changed by it: which rows
landed later stands in `opstore.quarantine_retries`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from leadloop.ingest.rows import Refusal
    from leadloop.settings import Home, Settings


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which refused rows: all where nothing is said; a file by its name."""

    map: str | None = None
    reason: str | None = None
    file: str | None = None
    load_date: str | None = None
    state: str | None = None

    def has_file(self, place: dict[str, Any]) -> bool:
        """Return whether rows of a quarantine file can be among them."""
        return self.map in (None, place["map"]) and self.load_date in (None, place["load_date"])

    def has_row(self, row: dict[str, Any]) -> bool:
        """Return whether a row of such a file is among them."""
        return (
            self.reason in (None, row["reason"])
            and self.file in (None, row["source_file"])
            and self.state in (None, row["state"])
        )


def quarantine_path(home: Home, table: str, load_date: str, batch_id: str) -> Path:
    """Return where the refused rows of a batch go."""
    return home.quarantine / table / f"load_date={load_date}" / f"{batch_id}.parquet"


def find_quarantine(home: Home, table: str, batch_id: str) -> Path | None:
    """Return the refused rows of a batch, under whichever load date they were kept first."""
    files = sorted((home.quarantine / table).glob(f"load_date=*/{batch_id}.parquet"))
    return files[0] if files else None


def quarantine_schema() -> pa.Schema:
    """Return the columns of a quarantine file; `raw` is the masked row as JSON."""
    import pyarrow as pa

    texts = ("batch_id", "source_file", "reason", "detail", "raw")
    fields = [pa.field(name, pa.string()) for name in texts]
    fields.insert(2, pa.field("source_line", pa.int64()))
    fields.insert(3, pa.field("source_part", pa.int64()))
    return pa.schema(fields)


def build_quarantine(refused: Sequence[Refusal], batch_id: str, source_file: str) -> pa.Table:
    """Return refused rows as a table of the quarantine's columns."""
    import pyarrow as pa

    return pa.Table.from_pydict(
        {
            "batch_id": [batch_id] * len(refused),
            "source_file": [source_file] * len(refused),
            "source_line": [refusal.line for refusal in refused],
            "source_part": [refusal.part for refusal in refused],
            "reason": [refusal.reason for refusal in refused],
            "detail": [refusal.detail for refusal in refused],
            "raw": [refusal.raw for refusal in refused],
        },
        schema=quarantine_schema(),
    )


def list_entries(settings: Settings, wanted: Wanted | None = None) -> list[dict[str, Any]]:
    """Return refused rows as dictionaries, oldest load first, each with what became of it.

    `state` is open, landed or duplicate (a retry took it in; `landed_batch_id` says with which
    batch), or repeated: the same file was read again later, and its newest batch has the row.
    """
    import pyarrow.parquet as pq

    wanted = wanted or Wanted()
    batches, newest = _read_batches(settings)
    taken = _read_taken(settings)
    rows = []
    for path in sorted(settings.home.quarantine.glob("*/load_date=*/*.parquet")):
        known = batches.get(path.stem, {})
        place = {
            "table": path.parent.parent.name,
            "load_date": path.parent.name.removeprefix("load_date="),
            "map": known.get("map"),
        }
        if not wanted.has_file(place):
            continue
        content = (path.parent.parent.name, known.get("content_hash"))
        settled = newest.get(content, path.stem) != path.stem
        # Read as one file: as a data set the folder's name would come back as a column again.
        for row in pq.ParquetFile(path).read().to_pylist():
            row = {**place, **row, "source_part": row.get("source_part") or 0}
            key = (path.stem, row["source_line"], row["source_part"])
            state, batch = taken.get(key, ("repeated" if settled else "open", None))
            row.update(state=state, landed_batch_id=batch)
            if wanted.has_row(row):
                rows.append(row)
    order = ("load_date", "source_file", "source_line", "source_part")
    return sorted(rows, key=lambda row: tuple(row[name] for name in order))


def _read_batches(
    settings: Settings,
) -> tuple[dict[str, dict[str, Any]], dict[tuple[str, str | None], str]]:
    """Return each batch's outcome row, and the newest batch of each table and content."""
    table = opstore.ingest_outcomes
    query = sa.select(table).where(table.c.retry_of.is_(None)).order_by(table.c.finished_at)
    batches, newest = {}, {}
    for row in opstore.read(settings, query):
        batches[row["batch_id"]] = row
        if row["content_hash"]:
            newest[row["table_name"], row["content_hash"]] = row["batch_id"]
    return batches, newest


def _read_taken(settings: Settings) -> dict[tuple[str, int, int], tuple[str, str]]:
    """Return what retries took in: batch, line and part to what it became and where."""
    rows = opstore.read(settings, sa.select(opstore.quarantine_retries))
    return {
        (row["batch_id"], row["source_line"], row["source_part"]): (
            row["became"],
            row["landed_batch_id"],
        )
        for row in rows
    }
