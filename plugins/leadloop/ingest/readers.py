"""Reads a document as a map says and gives its rows in chunks of bounded memory.

CSV is in `csv_rows`, workbooks in `workbooks`, JSON and Parquet, with lists of turns, in
`records`; what there is to read, packed or not, in `documents`. A file that cannot be what the
map says stops here, before anything has landed.
"""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from leadloop.ingest import IngestError
from leadloop.ingest.detection import settle_reads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from leadloop.ingest.documents import Document
    from leadloop.ingest.maps import Map
    from leadloop.ingest.rows import Chunk


_MARKS: Final = ((b"PK\x03\x04", "xlsx"), (b"PAR1", "parquet"))
_TEXT: Final = ("csv", "jsonl", "json")
_LINES: Final = (".jsonl", ".ndjson")
_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# A zip says that it packs in a way unknown here with NotImplementedError.
_DAMAGE: Final = (
    EOFError,
    NotImplementedError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, those that its map does not read, and the map settled for it."""

    columns: tuple[str, ...]
    extra: tuple[str, ...]
    map: Map


def read_header(document: Document, found: Map) -> Header:
    """Return the file's columns; raise IngestError where one that the map needs is missing."""
    from leadloop.ingest.csv_rows import read_csv_header
    from leadloop.ingest.records import read_record_header
    from leadloop.ingest.workbooks import read_sheet_header

    columns: tuple[str, ...] | None
    with explain(document):
        kind = find_format(document, found)
        found = _set_format(found, kind)
        if kind in _TEXT:
            # Once a file: what it is written in is found out by reading a part of it twice.
            found = settle_reads(document, found)
        if kind == "csv":
            columns = read_csv_header(document, found)
        elif kind == "xlsx":
            columns = read_sheet_header(document, found)
        else:
            columns = read_record_header(document, found)
    if columns is None:
        return Header((), (), found)
    needed = (*found.needed, *((found.turns.each,) if found.turns else ()))
    missing = [name for name in needed if name not in columns]
    if missing:
        message = (
            f"{document} has no column {', '.join(missing)}, which map {found.name} needs; its "
            f"columns: {', '.join(columns)}. Nothing has landed. Use another map, correct the "
            "export, or set `optional: true` where the map can do without."
        )
        raise IngestError(message)
    read = {*found.inputs, *needed}
    return Header(columns, tuple(name for name in columns if name not in read), found)


def read_chunks(document: Document, found: Map) -> Iterator[Chunk]:
    """Give the file's rows in chunks of some ten thousand."""
    from leadloop.ingest.csv_rows import read_csv
    from leadloop.ingest.records import read_lines, read_parquet, read_whole
    from leadloop.ingest.workbooks import read_sheet

    readers: dict[str, Callable[[Document, Map], Iterator[Chunk]]] = {
        "csv": read_csv,
        "xlsx": read_sheet,
        "jsonl": read_lines,
        "json": read_whole,
        "parquet": read_parquet,
    }
    with explain(document):
        kind = find_format(document, found)
        yield from readers[kind](document, _set_format(found, kind))


def _set_format(found: Map, kind: str) -> Map:
    if kind == found.reads.format:
        return found
    return found.model_copy(update={"reads": found.reads.model_copy(update={"format": kind})})


def find_format(document: Document, found: Map) -> str:
    """Return the format that the file has.

    A map for CSV reads workbooks and Parquet as well, and JSON lines by their name: what is pulled
    from an API or a database has the same columns as an export.
    """
    wanted = found.reads.format
    if wanted == "csv" and document.name.lower().removesuffix(".gz").endswith(_LINES):
        return "jsonl"
    if wanted not in ("csv", "xlsx", "parquet"):
        return wanted
    with document.open() as handle:
        start = handle.read(8)
    for mark, kind in _MARKS:
        if start.startswith(mark):
            return kind
    if start == _OLD_EXCEL:
        message = (
            f"{document} is a workbook of Excel before 2007, or locked by a password. Nothing has "
            "landed: save it as XLSX or CSV."
        )
        raise IngestError(message)
    return wanted


@contextmanager
def explain(document: Document) -> Iterator[None]:
    """Turn what reading a broken file raises into an IngestError that names the file."""
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError as error:
        message = f"{document} does not exist. Give the path of a file."
        raise IngestError(message) from error
    except (*_DAMAGE, pa.ArrowException) as error:
        message = (
            f"{document} is damaged or cut short ({error}). Nothing has landed: "
            "wait until it is written completely, or fetch it again."
        )
        raise IngestError(message) from error
    except (LookupError, UnicodeError) as error:
        message = f"{document} cannot be read as text ({error}). Set `reads.encoding` in the map."
        raise IngestError(message) from error
    except OSError as error:
        message = f"{document} cannot be read: {error}"
        raise IngestError(message) from error
