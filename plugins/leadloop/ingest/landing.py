"""Landing files: written aside in chunks, cleared of repeats, then renamed into place.

A row that landed before with the same `row_hash` is a repeat. Only files whose event dates
overlap are looked at: a re-sent row has the same event date as its first copy.
"""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from leadloop.warehouse import LandingFile

# Hashes held in memory at once while looking for repeats (about 100 bytes each).
PASS_ROWS: Final = 1_000_000
# Columns of few different values; others are stored plain, which costs less than a dictionary.
_REPETITIVE: Final = [
    "tenant_id",
    "source_system",
    "event_date",
    "event_month",
    "date_precision",
    "extracted_at",
    "ingested_at",
    "batch_id",
    "is_deleted",
    "source_file",
    "direction",
    "dial_mode",
    "attempt_no",
    "campaign_id",
    "channel_id",
    "list_id",
    "queue_id",
    "agent_id",
    "phone_region",
    "outcome",
    "outcome_raw",
    "tells_won",
    "tells_human",
    "hangup_by",
    "speaker_role",
    "custom",
    "ring_s",
    "hold_s",
    "acw_s",
    "queue_s",
    "ivr_s",
    "talk_s",
    "version",
]


class ParquetDraft:
    """A Parquet file under construction; it is nowhere to be found until `publish`."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self.rows = 0
        self._schema = schema
        self._writer: Any = None

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        import pyarrow.parquet as pq

        if self._writer is None:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            names = [name for name in _REPETITIVE if name in self._schema.names]
            self._writer = pq.ParquetWriter(
                self.path, self._schema, compression="zstd", use_dictionary=names
            )
        if table.num_rows:
            self._writer.write_table(table)
        self.rows += table.num_rows

    def close(self) -> None:
        """End the file; harmless when nothing was written."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def publish_file(draft: Path, target: Path) -> None:
    """Rename a finished file into place so that it survives a power cut whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("rb") as handle:
        os.fsync(handle.fileno())
    draft.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def hash_rows(table: pa.Table, names: Sequence[str], salt: str) -> pa.Array:
    """Return a hash of each row's `names` columns; a row sent again gives the same hash.

    `salt` names the source, so that the hash alone tells rows of different sources apart.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    start = hashlib.blake2b("\x1e".join((salt, *names)).encode(), digest_size=16)
    texts = [_to_text(table.column(name).combine_chunks()) for name in names]
    joined = pc.binary_join_element_wise(
        *texts, "\x1f", null_handling="replace", null_replacement="\0"
    )
    hashes = []
    for text in joined.cast(pa.binary()).to_pylist():
        row = start.copy()
        row.update(text)
        hashes.append(row.hexdigest())
    return pa.array(hashes, pa.string())


def find_repeats(
    draft: Path, landed: Sequence[LandingFile], *, by_export: bool = False
) -> npt.NDArray[np.bool_]:
    """Return which rows of a draft repeat a landed row or an earlier row of the draft.

    `by_export` is for states: what a later export says again is no repeat, for the thing may have
    been in another state between the two (an agent who comes back to a team). Hashes are taken in
    shares by their last digits, so memory does not grow with the file.
    """
    import numpy as np
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    total = pq.read_metadata(draft).num_rows
    repeated = np.zeros(total, np.bool_)
    shares = total // PASS_ROWS + 1
    for share in range(shares):
        places, keys = _collect(_read_keys([draft], by_export), share, shares)
        if not len(places):
            continue
        coded = keys.dictionary_encode()
        codes = np.asarray(coded.indices)
        highest = np.maximum.accumulate(codes)
        again = np.ones(len(codes), np.bool_)
        again[0] = False
        again[1:] = codes[1:] <= highest[:-1]
        seen = np.zeros(len(coded.dictionary), np.bool_)
        for batch in _read_keys([file.path for file in landed], by_export):
            hits = pc.index_in(batch, value_set=coded.dictionary).drop_null()
            seen[np.asarray(hits)] = True
        repeated[places] = again | seen[codes]
    return repeated


def copy_new_rows(draft: Path, repeated: npt.NDArray[np.bool_], target: ParquetDraft) -> None:
    """Copy the rows of a draft that are no repeats."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    begin = 0
    with pq.ParquetFile(draft) as file:
        for group in range(file.num_row_groups):
            table = file.read_row_group(group)
            keep = ~repeated[begin : begin + table.num_rows]
            target.write(table.filter(pa.array(keep)))
            begin += table.num_rows


def read_span(path: Path) -> tuple[str, str]:
    """Return the first and last event date inside a file from its statistics; "" without a day."""
    import pyarrow.parquet as pq

    meta = pq.read_metadata(path)
    place = meta.schema.names.index("event_date")
    firsts, lasts = [], []
    for group in range(meta.num_row_groups):
        found = meta.row_group(group).column(place).statistics
        if found is not None and found.has_min_max:
            firsts.append(found.min)
            lasts.append(found.max)
    return (str(min(firsts)), str(max(lasts))) if firsts else ("", "")


def _to_text(array: pa.Array) -> pa.Array:
    import pyarrow as pa

    if pa.types.is_timestamp(array.type):
        array = array.cast(pa.int64())
    if pa.types.is_date(array.type):
        array = array.cast(pa.int32())
    return array.cast(pa.string())


def _read_keys(paths: Iterable[Path], by_export: bool) -> Iterator[pa.Array]:
    """Give the row hashes of files as 16 bytes each, mixed with the time of the export if asked."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    for path in paths:
        with pq.ParquetFile(path) as file:
            names = ["row_hash", *(["extracted_at"] if by_export else [])]
            for batch in file.iter_batches(batch_size=200_000, columns=names):
                raw = _read_hashes(batch.column("row_hash"))
                if by_export:
                    moments = pc.fill_null(batch.column("extracted_at").cast(pa.int64()), 0)
                    raw[::2] ^= np.asarray(moments).view(np.uint64)
                yield pa.FixedSizeBinaryArray.from_buffers(
                    pa.binary(16), batch.num_rows, [None, pa.py_buffer(raw)]
                )


def _read_hashes(texts: pa.Array) -> npt.NDArray[np.uint64]:
    """Return hashes of 32 hexadecimal digits as two numbers each, without a Python string."""
    import numpy as np

    ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + len(texts) + 1]
    digits = np.frombuffer(texts.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    # 0-9 are 48 to 57, a-f 97 to 102.
    values = np.where(digits > 57, digits - 87, digits - 48)
    return ((values[::2] << 4) | values[1::2]).view(np.uint64)


def _collect(
    batches: Iterable[pa.Array], share: int, shares: int
) -> tuple[npt.NDArray[np.int64], pa.Array]:
    import numpy as np
    import pyarrow as pa

    places, keys = [np.zeros(0, np.int64)], [pa.array([], pa.binary(16))]
    begin = 0
    for batch in batches:
        last = np.frombuffer(batch.buffers()[1], np.uint64).reshape(-1, 2)[:, 1]
        mine = np.flatnonzero(last % np.uint64(shares) == share)
        places.append(mine + begin)
        keys.append(batch if shares == 1 else batch.take(pa.array(mine)))
        begin += len(batch)
    return np.concatenate(places), pa.concat_arrays(keys)
