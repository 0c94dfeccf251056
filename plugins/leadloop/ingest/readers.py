"""Opens a file as a map says and gives its rows in chunks of bounded memory.

CSV is in `csv_rows`; JSON lines and Parquet, with lists of turns, in `records`. A file that
cannot be what the map says stops here, before anything has landed.
"""

from __future__ import annotations

import gzip
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from leadloop.ingest import IngestError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.ingest.maps import Map
    from leadloop.ingest.rows import Chunk


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file, and those that its map does not read."""

    columns: tuple[str, ...]
    extra: tuple[str, ...]


def read_header(path: Path, found: Map) -> Header:
    """Return the file's columns; raise IngestError where one that the map needs is missing."""
    from leadloop.ingest.csv_rows import read_csv_header
    from leadloop.ingest.records import read_record_header

    columns: tuple[str, ...] | None
    with _explain(path):
        if found.reads.format == "csv":
            columns = read_csv_header(path, found)
        else:
            columns = read_record_header(path, found)
    if columns is None:
        return Header((), ())
    needed = (*found.needed, *((found.turns.each,) if found.turns else ()))
    missing = [name for name in needed if name not in columns]
    if missing:
        message = (
            f"{path} has no column {', '.join(missing)}, which map {found.name} needs; its "
            f"columns: {', '.join(columns)}. Nothing has landed. Use another map, correct the "
            "export, or set `optional: true` where the map can do without."
        )
        raise IngestError(message)
    read = {*found.inputs, *needed}
    return Header(columns, tuple(name for name in columns if name not in read))


def read_chunks(path: Path, found: Map) -> Iterator[Chunk]:
    """Give the file's rows in chunks of some ten thousand."""
    from leadloop.ingest.csv_rows import read_csv
    from leadloop.ingest.records import read_lines, read_parquet

    readers = {"csv": read_csv, "jsonl": read_lines, "parquet": read_parquet}
    with _explain(path):
        yield from readers[found.reads.format](path, found)


def open_text(path: Path, encoding: str) -> IO[str]:
    """Return the file as text, unpacked if its name ends in .gz; a byte order mark is skipped.

    Bytes that are no text become lone surrogates, which `records` refuses by row.
    """
    name = "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding
    opener: Any = gzip.open if path.suffix == ".gz" else Path.open
    return cast("IO[str]", opener(path, "rt", encoding=name, errors="surrogateescape"))


@contextmanager
def _explain(path: Path) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError as error:
        message = f"{path} does not exist. Give the path of a file."
        raise IngestError(message) from error
    except (EOFError, zlib.error, gzip.BadGzipFile, pa.ArrowInvalid) as error:
        message = (
            f"{path} is damaged or cut short ({error}). Nothing has landed: "
            "wait until it is written completely, or fetch it again."
        )
        raise IngestError(message) from error
    except (LookupError, UnicodeError) as error:
        message = f"{path} cannot be read as text ({error}). Set `reads.encoding` in the map."
        raise IngestError(message) from error
    except OSError as error:
        message = f"{path} cannot be read: {error}"
        raise IngestError(message) from error
