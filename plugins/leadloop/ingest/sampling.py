"""The first rows of a file of which nothing is known yet, as columns of text, for a draft."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import IngestError
from leadloop.ingest.documents import list_documents
from leadloop.ingest.maps import ColumnMap, Map, Reads
from leadloop.ingest.readers import explain, find_format, read_chunks, read_header
from leadloop.ingest.workbooks import find_widest_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

    from leadloop.ingest.documents import Document

ROWS: Final = 5_000
_COLUMNS: Final = 500
_DEPTH: Final = 3
_HEAD_BYTES: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of a file: how it is read, its columns as text, lines that were no rows."""

    document: Document
    others: int
    reads: Reads
    columns: dict[str, pa.Array]
    rows: int
    broken: int


def read_sample(path: Path) -> Sample:
    """Return the first rows of a file, of a folder's first file or of a zip's first member."""
    documents = list_documents([path])
    document = documents[0]
    with explain(document):
        reads = _find_reads(document)
        probe = _make_probe(reads, ())
        if reads.format in ("json", "jsonl"):
            rows, broken = _read_rows(document, probe)
            columns = _flatten_all(rows)
            size = len(rows)
        else:
            names = _read_names(document, probe)
            columns, size, broken = _read_columns(document, _make_probe(reads, names))
    if not size:
        message = f"{document} has no rows to draft a map from: give a file with some."
        raise IngestError(message)
    return Sample(document, len(documents) - 1, reads, columns, size, broken)


def _make_probe(reads: Reads, names: tuple[str, ...]) -> Map:
    """Return a map that only reads: every column, as text."""
    columns = {"custom": ColumnMap(object={name: name for name in names})} if names else {}
    return Map.model_construct(
        name="draft", source_system="draft", table="call", description="", timezone=None,
        reads=reads, date_precision="none", turns=None, columns=columns, tests=(),
    )  # fmt: skip


def _find_reads(document: Document) -> Reads:
    kind = find_format(document, _make_probe(Reads(format="csv"), ()))
    if kind != "csv":
        return Reads.model_validate({"format": kind})
    with document.open() as handle:
        head = handle.read(_HEAD_BYTES)
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if start not in (b"{", b"["):
        return Reads(format="csv")
    first = head.lstrip(b"\xef\xbb\xbf").split(b"\n", 1)[0]
    try:
        line = json.loads(first)
    except ValueError:
        line = None
    if start == b"{" and isinstance(line, dict) and _find_list(line) is None:
        return Reads(format="jsonl")
    try:
        whole = json.loads(head.lstrip(b"\xef\xbb\xbf"))
    except ValueError:
        # More lines follow, or a document that is longer than what was looked at.
        return Reads(format="jsonl" if isinstance(line, dict) else "json")
    return Reads(format="json", records=_find_list(whole) or "")


def _find_list(content: Any, path: str = "") -> str | None:
    """Return where a document has its list of objects: the longest one, None if it has none."""
    found: list[tuple[int, str]] = []

    def look(item: Any, place: str, depth: int) -> None:
        if isinstance(item, list) and item and all(isinstance(row, dict) for row in item):
            found.append((len(item), place))
        elif isinstance(item, dict) and depth < _DEPTH:
            for name, inner in item.items():
                look(inner, f"{place}.{name}" if place else name, depth + 1)

    look(content, path, 0)
    return max(found)[1] if found else None


def _read_names(document: Document, probe: Map) -> tuple[str, ...]:
    if probe.reads.format == "xlsx":
        return find_widest_row(document, probe)
    names = read_header(document, probe).columns
    if len(names) > _COLUMNS:
        message = f"{document} has {len(names)} columns; a draft reads up to {_COLUMNS}."
        raise IngestError(message)
    return names


def _read_columns(document: Document, probe: Map) -> tuple[dict[str, pa.Array], int, int]:
    import pyarrow as pa

    parts: dict[str, list[pa.Array]] = {name: [] for name in probe.inputs}
    size = broken = 0
    for chunk in read_chunks(document, probe):
        broken += len(chunk.refused)
        taken = min(ROWS - size, len(chunk.lines))
        for name, pieces in parts.items():
            pieces.append(chunk.columns[name].slice(0, taken).cast(pa.string()))
        size += taken
        if size >= ROWS:
            break
    return {
        name: pa.chunked_array(pieces, pa.string()).combine_chunks()
        for name, pieces in parts.items()
    }, size, broken  # fmt: skip


def _read_rows(document: Document, probe: Map) -> tuple[list[dict[str, Any]], int]:
    rows: list[dict[str, Any]] = []
    broken = 0
    for chunk in read_chunks(document, probe):
        broken += len(chunk.refused)
        rows += chunk.raw(range(min(ROWS, len(chunk.lines))))
        if len(rows) >= ROWS:
            break
    return rows[:ROWS], broken


def _flatten_all(rows: list[dict[str, Any]]) -> dict[str, pa.Array]:
    import pyarrow as pa

    flat = [dict(_flatten(row)) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))[:_COLUMNS]
    return {name: pa.array([row.get(name) for row in flat], pa.string()) for name in names}


def _flatten(row: dict[str, Any], path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Give a record's values as text by their paths, such as `call.id`; lists stay out."""
    for name, value in row.items():
        place = f"{path}.{name}" if path else str(name)
        if isinstance(value, dict) and depth < _DEPTH:
            yield from _flatten(value, place, depth + 1)
        elif isinstance(value, bool):
            yield place, str(value).lower()
        elif isinstance(value, str | int | float):
            yield place, str(value)


def name_source(path: Path) -> str:
    """Return a name for a map from a file's: letters, digits and underscores.

    >>> from pathlib import Path
    >>> name_source(Path("export/Calls-2026-01-05.csv.gz")), name_source(Path("通话记录.xlsx"))
    ('calls', 'my_source')
    """
    stem = path.name.split(".")[0].lower()
    words = "".join(char if char.isascii() and char.isalnum() else "_" for char in stem)
    name = "_".join(part for part in words.split("_") if part and not part.isdigit())
    return name if name[:1].isalpha() else "my_source"
