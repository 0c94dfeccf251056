"""JSON and Parquet as records; a list of turns inside a record becomes rows of its own."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import IngestError
from leadloop.ingest.csv_blocks import BLOCK_BYTES, Blocks
from leadloop.ingest.detection import settle_reads
from leadloop.ingest.rows import Chunk, Refusal, refuse_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from leadloop.ingest.documents import Document
    from leadloop.ingest.maps import Map

    Record = dict[str, Any]

CHUNK_ROWS: Final = 50_000
# A JSON document is read whole: in memory it takes several times its size.
WHOLE_BYTES: Final = 32_000_000
SHOWN_CHARS: Final = 2_000
_DEPTH: Final = 100
_LOOKED_AT: Final = 1000
_SEQ: Final = "turn.seq"
_BAD_TEXT: Final = re.compile("[\ud800-\udfff\0]")


def read_record_header(document: Document, found: Map) -> tuple[str, ...] | None:
    """Return the names in the first records (turns: `turn.name`), None where there is none."""
    names: dict[str, None] = dict.fromkeys(_list_parquet_columns(document, found))
    wanted = found.inputs
    for count, (_, record) in enumerate(_give_records(document, found, [])):
        if count == _LOOKED_AT:
            break
        names.update(dict.fromkeys(record))
        for row in _explode(found, record):
            inputs = (name for name in wanted if _reach(row, name) is not None)
            names.update(dict.fromkeys((*row, *inputs)))
    if found.turns and found.turns.each in names and _SEQ not in names:
        # Calls in which nobody spoke: each is refused by itself, the file is not wrong.
        names.update(dict.fromkeys(found.inputs))
    ours = (_SEQ, "turn.speaker", "turn.text") if found.turns else ()
    return tuple(name for name in names if name not in ours or name in found.inputs) or None


def _list_parquet_columns(document: Document, found: Map) -> list[str]:
    import pyarrow.parquet as pq

    if found.reads.format != "parquet":
        return []
    with document.open_seekable() as handle:
        names: list[str] = pq.read_schema(handle).names
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        message = f"{document} names the column {', '.join(doubled)} more than once: rename one."
        raise IngestError(message)
    return names


def read_lines(document: Document, found: Map, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Give the rows of a file with one JSON object a line, those of about one block at a time."""
    refused: list[Refusal] = []
    found = settle_reads(document, found)
    with Blocks(document, found.reads.encoding) as blocks:
        while blocks.peek():
            numbered = _read_block(blocks, refused)
            yield from _build_chunks(found, numbered, refused, size)


def read_whole(document: Document, found: Map) -> Iterator[Chunk]:
    """Give the rows of a JSON document with a list of objects in it."""
    refused: list[Refusal] = []
    yield from _build_chunks(found, _give_whole(document, found, refused), refused, CHUNK_ROWS)


def read_parquet(document: Document, found: Map, size: int = CHUNK_ROWS) -> Iterator[Chunk]:
    """Give the rows of a Parquet file; its own times keep their type."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with document.open_seekable() as handle, pq.ParquetFile(handle) as file:
        flat = found.turns is None and not any(
            pa.types.is_nested(item.type) for item in file.schema_arrow
        )
        size = _fit_batch(file, size)
        if not flat:
            yield from _build_chunks(found, _give_batches(file, size), [], size)
            return
        line = 1
        for batch in file.iter_batches(batch_size=size):
            wanted = [name for name in found.inputs if name in batch.schema.names]
            columns = {name: _to_text(batch.column(name)) for name in wanted}
            rows = batch
            yield Chunk(
                list(range(line, line + batch.num_rows)),
                columns,
                lambda places, rows=rows: rows.take(pa.array(places, pa.int64())).to_pylist(),  # type: ignore[misc]
            )
            line += batch.num_rows


def _fit_batch(file: Any, size: int) -> int:
    """Return how many rows to hold at once: few where they are long."""
    groups = [file.metadata.row_group(place) for place in range(file.metadata.num_row_groups)]
    longest = max((group.total_byte_size / max(1, group.num_rows) for group in groups), default=1)
    return max(1, min(size, int(BLOCK_BYTES / max(1, longest))))


def build_chunk(found: Map, rows: list[tuple[int, Record]], refused: list[Refusal]) -> Chunk:
    """Return a chunk from records that are rows already."""
    import pyarrow as pa

    texts = _list_texts(found, rows)
    if any(_BAD_TEXT.search("\n".join(filter(None, column))) for column in texts.values()):
        rows = list(_refuse_bad_text(found, rows, refused))
        texts = _list_texts(found, rows)
    columns = {name: pa.array(column, pa.string()) for name, column in texts.items()}
    return Chunk(
        [line for line, _ in rows],
        columns,
        lambda places: [rows[place][1] for place in places],
        refused,
    )


def _list_texts(found: Map, rows: list[tuple[int, Record]]) -> dict[str, list[str | None]]:
    return {
        name: [_say(row[name] if name in row else _reach(row, name)) for _, row in rows]
        for name in (*found.inputs, _SEQ)
    }


def _refuse_bad_text(
    found: Map, rows: list[tuple[int, Record]], refused: list[Refusal]
) -> Iterator[tuple[int, Record]]:
    for line, row in rows:
        if any(
            _BAD_TEXT.search(column[0] or "")
            for column in _list_texts(found, [(line, row)]).values()
        ):
            detail = "a character that is no text (NUL or half of a pair)"
            shown = json.dumps(row, ensure_ascii=True, default=str)
            refused.append(refuse_line(line, "undecodable_bytes", detail, shown))
        else:
            yield line, row


def explode(
    found: Map, numbered: tuple[int, Record], refused: list[Refusal]
) -> list[tuple[int, Record]]:
    """Return the rows of one record: itself, or one for each turn."""
    line, record = numbered
    rows = list(_explode(found, record))
    if found.turns and not any(_SEQ in row for row in rows):
        detail = f"no list of turns in {found.turns.each}"
        shown = json.dumps(record, ensure_ascii=False, default=str)
        refused.append(refuse_line(line, "turns_missing", detail, shown))
        return []
    return [(line, row) for row in rows]


def _build_chunks(
    found: Map, records: Iterable[tuple[int, Record]], refused: list[Refusal], size: int
) -> Iterator[Chunk]:
    rows: list[tuple[int, Record]] = []
    for numbered in records:
        rows += explode(found, numbered, refused)
        if len(rows) + len(refused) >= size:
            yield build_chunk(found, rows, refused[:])
            rows = []
            refused.clear()
    yield build_chunk(found, rows, refused[:])
    refused.clear()


def _explode(found: Map, record: Record) -> Iterator[Record]:
    if found.turns is None:
        yield record
        return
    outer = {name: value for name, value in record.items() if name != found.turns.each}
    items = _reach(record, found.turns.each)
    if not isinstance(items, list):
        yield outer
        return
    seq = 0
    for item in items:
        if found.turns.speakers:
            for speaker in found.turns.speakers:
                text = item.get(speaker) if isinstance(item, dict) else None
                if text:
                    seq += 1
                    yield {**outer, _SEQ: seq, "turn.speaker": speaker, "turn.text": text}
        else:
            seq += 1
            inner = item if isinstance(item, dict) else {"value": item}
            yield {**outer, _SEQ: seq, **{f"turn.{key}": inner[key] for key in inner}}


def _give_records(
    document: Document, found: Map, refused: list[Refusal]
) -> Iterator[tuple[int, Record]]:
    import pyarrow.parquet as pq

    if found.reads.format == "parquet":
        with document.open_seekable() as handle, pq.ParquetFile(handle) as file:
            yield from _give_batches(file, _fit_batch(file, CHUNK_ROWS))
    elif found.reads.format == "json":
        yield from _give_whole(document, found, refused)
    else:
        found = settle_reads(document, found)
        with Blocks(document, found.reads.encoding) as blocks:
            if not blocks.peek().strip():
                message = f"{document} is empty: wanted one JSON object a line. Fetch it again."
                raise IngestError(message)
            while blocks.peek():
                yield from _read_block(blocks, refused)


def _read_block(blocks: Blocks, refused: list[Refusal]) -> Iterator[tuple[int, Record]]:
    """Give the objects of the next block with their lines."""
    first = blocks.line
    text = (blocks.pull() or b"").decode("utf-8", "surrogateescape")
    for line, one in enumerate(io.StringIO(text, newline="\n"), start=first):
        if not one.strip():
            continue
        try:
            record = json.loads(one)
        except (ValueError, RecursionError) as error:
            refused.append(refuse_line(line, "broken_line", f"not JSON: {error}", one))
            continue
        refusal = _refuse_shape(line, record)
        if refusal is None:
            yield line, record
        else:
            refused.append(refusal)


def _give_whole(
    document: Document, found: Map, refused: list[Refusal]
) -> Iterator[tuple[int, Record]]:
    """Give the objects of a list inside one JSON document, numbered from 1."""
    reads = settle_reads(document, found).reads
    with document.open() as handle:
        content = handle.read(WHOLE_BYTES + 1)
    if len(content) > WHOLE_BYTES:
        message = (
            f"{document} is one JSON document of more than {WHOLE_BYTES // 1_000_000} MB, which "
            "would have to be held in memory: export JSON lines. Nothing has landed."
        )
        raise IngestError(message)
    try:
        whole = json.loads(content.decode(reads.encoding, "surrogateescape").lstrip("\ufeff"))
    except (ValueError, RecursionError) as error:
        message = f"{document} is no JSON document or cut short ({error}). Nothing has landed."
        raise IngestError(message) from error
    records = _reach(whole, reads.records) if reads.records else whole
    if not isinstance(records, list):
        names = ", ".join(whole) if isinstance(whole, dict) else "none"
        message = (
            f"{document} has no list at {reads.records or 'its top'!r}; its names: {names}. Set "
            f"`reads.records` in map {found.name} (such as data.items). Nothing has landed."
        )
        raise IngestError(message)
    for place, record in enumerate(records, start=1):
        refusal = _refuse_shape(place, record)
        if refusal is None:
            yield place, record
        else:
            refused.append(refusal)


def _refuse_shape(line: int, record: Any) -> Refusal | None:
    """Return why a JSON value is no record, None where it is one."""
    if not isinstance(record, dict):
        detail = f"a JSON {type(record).__name__} where an object was wanted"
        return refuse_line(line, "broken_line", detail, str(record)[:SHOWN_CHARS])
    if _is_deep(record):
        detail = f"objects nested more than {_DEPTH} deep"
        return refuse_line(line, "broken_line", detail, ", ".join(record)[:SHOWN_CHARS])
    return None


def _is_deep(value: Any) -> bool:
    """Return whether lists and objects are nested too deep to be written again as text."""
    level = [value]
    for _ in range(_DEPTH):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True


def _give_batches(file: Any, size: int) -> Iterator[tuple[int, Record]]:
    line = 0
    for batch in file.iter_batches(batch_size=size):
        for record in batch.to_pylist():
            line += 1
            yield line, record


def _reach(row: Any, name: str) -> Any:
    """Return a value by its name, or by a path of names and places (`0`, `-1`) with dots."""
    if isinstance(row, dict) and name in row:
        return row[name]
    value: Any = row
    for part in name.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.removeprefix("-").isdecimal():
            place = int(part)
            value = value[place] if -len(value) <= place < len(value) else None
        else:
            return None
    return value


def _say(value: Any) -> str | None:
    """Return a JSON value as the text that a CSV would hold."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _to_text(array: pa.Array) -> pa.Array:
    import pyarrow as pa

    kind = array.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        # Other programs may have written bytes there that are no text.
        array.validate(full=True)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind) or pa.types.is_string(kind):
        return array
    if pa.types.is_dictionary(kind):
        array = array.dictionary_decode()
    return array.cast(pa.string())
