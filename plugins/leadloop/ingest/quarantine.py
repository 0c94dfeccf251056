"""Rows that do not land: kept masked, with file, line and reason, beside landing's layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pyarrow as pa

    from leadloop.ingest.rows import Refusal
    from leadloop.settings import Home


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
    return pa.schema(fields)


def build_quarantine(refused: Sequence[Refusal], batch_id: str, source_file: str) -> pa.Table:
    """Return refused rows as a table of the quarantine's columns."""
    import pyarrow as pa

    return pa.Table.from_pydict(
        {
            "batch_id": [batch_id] * len(refused),
            "source_file": [source_file] * len(refused),
            "source_line": [refusal.line for refusal in refused],
            "reason": [refusal.reason for refusal in refused],
            "detail": [refusal.detail for refusal in refused],
            "raw": [refusal.raw for refusal in refused],
        },
        schema=quarantine_schema(),
    )


def read_quarantine(home: Home) -> list[dict[str, Any]]:
    """Return all refused rows as dictionaries, oldest load first, with table and load date."""
    import pyarrow.parquet as pq

    rows = []
    for path in sorted(home.quarantine.glob("*/load_date=*/*.parquet")):
        load_date = path.parent.name.removeprefix("load_date=")
        place = {"table": path.parent.parent.name, "load_date": load_date}
        # Read as one file: as a data set the folder's name would come back as a column again.
        rows += [place | row for row in pq.ParquetFile(path).read().to_pylist()]
    return sorted(rows, key=lambda row: (row["load_date"], row["source_file"], row["source_line"]))
