"""Sheets of XLSX workbooks as rows of text, streamed; `records` makes chunks of them.

openpyxl in its read-only way takes ten times as long as calamine but a fixed amount of memory,
and it alone tells how a number is shown (leading zeros).
"""

from __future__ import annotations

import re
import warnings
import zipfile
from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import IngestError
from leadloop.ingest.documents import check_members
from leadloop.ingest.rows import Chunk, Refusal, refuse_line

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from leadloop.ingest.documents import Document
    from leadloop.ingest.maps import Map

    Row = tuple[Any, ...]

# What Excel itself has room for; a file that claims more never ends.
SHEET_ROWS: Final = 1_048_576
CHUNK_CELLS: Final = 1_000_000
# Parts of a workbook that are held in memory: texts shared by cells, and the rest.
_TEXT_BYTES: Final = 200_000_000
_PART_BYTES: Final = 20_000_000
# A title and notes may stand above the line of names.
_HEADER_ROWS: Final = 20
# Excel keeps 15 digits: longer numbers have lost their last ones already.
_EXACT: Final = 1e15
_PADDED: Final = re.compile("0{2,}")


def read_sheet_header(document: Document, found: Map) -> tuple[str, ...]:
    """Return the names in the first line that has those which the map needs."""
    return _find_header(document, found)[1]


def read_sheet(document: Document, found: Map) -> Iterator[Chunk]:
    """Give the rows under the header; wholly empty ones are no rows."""
    from leadloop.ingest.records import build_chunk

    top, names = _find_header(document, found)
    size = max(1, min(10_000, CHUNK_CELLS // len(names)))
    rows: list[tuple[int, dict[str, Any]]] = []
    refused: list[Refusal] = []
    for line, row in enumerate(_give_rows(document, found), start=1):
        if line <= top:
            continue
        cells = _strip(row)
        if cells:
            refusal = _refuse(line, cells, names, found)
            if refusal:
                refused.append(refusal)
            else:
                record: dict[str, Any] = dict.fromkeys(names)
                for name, cell in zip(names, cells, strict=False):
                    record[name] = _tell(cell, found, name)
                rows.append((line, record))
        if len(rows) + len(refused) >= size:
            yield build_chunk(found, rows, refused)
            rows, refused = [], []
    yield build_chunk(found, rows, refused)


def find_widest_row(document: Document, found: Map) -> tuple[str, ...]:
    """Return the names in the fullest of the first lines: titles above a table have few cells."""
    widest: tuple[str, ...] = ()
    for line, row in enumerate(_give_rows(document, found), start=1):
        names = tuple(name for cell in _strip(row) if (name := _say(cell.value).strip()))
        widest = max(widest, names, key=len)
        if line >= _HEADER_ROWS:
            break
    return widest


def _find_header(document: Document, found: Map) -> tuple[int, tuple[str, ...]]:
    first: tuple[int, tuple[str, ...]] | None = None
    needed = set(found.needed)
    for line, row in enumerate(_give_rows(document, found), start=1):
        names = tuple(_say(cell.value).strip() for cell in _strip(row))
        if names and (first is None or needed.issubset(names)):
            first = line, names
        if line >= _HEADER_ROWS or needed.issubset(names):
            break
    if first is None:
        message = f"{document} is empty: a line must name the columns. Fetch it again."
        raise IngestError(message)
    doubled = [name for name, count in Counter(first[1]).items() if count > 1 and name]
    if doubled:
        message = (
            f"{document} names the column {', '.join(map(repr, doubled))} more than once: which "
            "one to read cannot be told. Rename one of them in the export."
        )
        raise IngestError(message)
    # Columns without a name still have their cells.
    names = tuple(name or f"(column {place})" for place, name in enumerate(first[1], start=1))
    return first[0], names


def _give_rows(document: Document, found: Map) -> Iterator[Row]:
    with document.open_seekable() as handle:
        try:
            sheet = _open_sheet(document, found, handle)
            for line, row in enumerate(sheet.iter_rows(), start=1):
                if line > SHEET_ROWS:
                    message = f"{document} has more lines than a sheet has room for."
                    raise IngestError(message)
                yield row
        except IngestError:
            raise
        # openpyxl says that a workbook is broken with whatever its reading ran into.
        except Exception as error:
            message = (
                f"{document} is damaged, cut short or no XLSX workbook "
                f"({type(error).__name__}: {error}). Nothing has landed: save it again as XLSX or "
                "CSV, or fetch it again."
            )
            raise IngestError(message) from error


def _open_sheet(document: Document, found: Map, handle: IO[bytes]) -> Any:
    import openpyxl

    with zipfile.ZipFile(handle) as whole:
        check_members(document, whole.infolist())
        for part in whole.infolist():
            name = part.filename.lower()
            limit = _TEXT_BYTES if "sharedstrings" in name else _PART_BYTES
            if not name.startswith("xl/worksheets/") and part.file_size > limit:
                message = f"{document} has a part of {part.file_size} bytes: export it as CSV."
                raise IngestError(message)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Formulas count as what they gave when the workbook was saved.
        book = openpyxl.load_workbook(handle, read_only=True, data_only=True, keep_links=False)
    wanted = found.reads.sheet
    titles = [sheet.title for sheet in book.worksheets]
    if not titles or (wanted is not None and wanted not in titles):
        message = (
            f"{document} has no sheet {wanted!r}; its sheets: {', '.join(titles)}. Set "
            f"`reads.sheet` in map {found.name}."
        )
        raise IngestError(message)
    sheet = book.worksheets[titles.index(wanted) if wanted else 0]
    # Exporters write wrong sizes: rows would be cut off at them.
    sheet.reset_dimensions()
    return sheet


def _strip(row: Row) -> list[Any]:
    """Return the cells up to the last that holds something."""
    cells = list(row)
    while cells and cells[-1].value in (None, ""):
        cells.pop()
    return cells


def _refuse(line: int, cells: list[Any], names: tuple[str, ...], found: Map) -> Refusal | None:
    shown = ",".join(_say(cell.value) for cell in cells)
    if len(cells) > len(names):
        detail = f"{len(cells)} cells where the header has {len(names)}"
        return refuse_line(line, "broken_line", detail, shown)
    wanted = set(found.inputs)
    for cell, name in zip(cells, names, strict=False):
        value = cell.value
        if name in wanted and isinstance(value, int | float) and abs(value) >= _EXACT:
            detail = f"{name}: Excel keeps 15 digits of a number; export it as text"
            return refuse_line(line, "number_lost_digits", detail, shown)
    return None


def _tell(cell: Any, found: Map, name: str) -> str:
    """Return what a cell holds as the text that a CSV would hold."""
    value = cell.value
    if isinstance(value, datetime | date):
        for spec in found.columns.values():
            if spec.format and spec.from_ == name:
                return value.strftime(spec.format[0])
    if isinstance(value, int) and not isinstance(value, bool):
        shown = cell.number_format or ""
        return str(value).zfill(len(shown)) if _PADDED.fullmatch(shown) else str(value)
    return _say(value)


def _say(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)
