"""CSV as rows with exact lines: a broken line costs itself, never its neighbours.

Blocks of whole lines come from `csv_blocks`, which also reads the well-formed ones (nearly all)
ten times faster; what is left over is read here, row by row.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import IngestError
from leadloop.ingest.csv_blocks import BLOCK_BYTES, LINE_BYTES, Blocks, read_plain_block
from leadloop.ingest.detection import settle_reads
from leadloop.ingest.rows import Chunk, Refusal, refuse_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from leadloop.ingest.documents import Document
    from leadloop.ingest.maps import Map

    Numbered = tuple[int, list[str]]

# A lone surrogate stands for a byte that is no text.
_UNREADABLE: Final = re.compile("[\ud800-\udfff\0]")
# How far an open quote may reach over line ends: all that it swallowed is read a second time.
_QUOTED_CHARS: Final = 1_000_000
# The limit of the csv module is one of the whole process; lines are bounded by their block.
csv.field_size_limit(LINE_BYTES)


def read_csv_header(document: Document, found: Map) -> tuple[str, ...]:
    """Return the names in the first line; raise IngestError for an empty or doubtful one."""
    found = settle_reads(document, found)
    with Blocks(document, found.reads.encoding) as blocks:
        return _read_header(document, found, blocks)[0]


def read_csv(document: Document, found: Map, block_bytes: int = BLOCK_BYTES) -> Iterator[Chunk]:
    """Give the rows under the header, those of about one block at a time."""
    found = settle_reads(document, found)
    with Blocks(document, found.reads.encoding, block_bytes) as blocks:
        names, taken = _read_header(document, found, blocks)
        blocks.skip(taken)
        while True:
            first = blocks.line
            block = blocks.pull()
            if block is None:
                return
            chunk = read_plain_block(block, first, names, found)
            if chunk is not None:
                yield chunk
                continue
            rows = _Rows(blocks, block, first, found.reads.delimiter, len(names))
            for good, refused in rows.read():
                yield _build_chunk(names, found, good, refused)


def _read_header(document: Document, found: Map, blocks: Blocks) -> tuple[tuple[str, ...], int]:
    """Return the names and how many lines they take."""
    text = blocks.peek().decode("utf-8", "surrogateescape")
    try:
        reader = csv.reader(io.StringIO(text, newline="\n"), delimiter=found.reads.delimiter)
        first = next(reader, None)
    except csv.Error as error:
        message = f"{document} has no readable header line ({error}): is it a CSV file?"
        raise IngestError(message) from error
    if not first or not any(name.strip() for name in first):
        message = f"{document} is empty: the first line must name the columns. Fetch it again."
        raise IngestError(message)
    names = tuple(name.strip() for name in first)
    if any(_UNREADABLE.search(name) for name in names):
        message = (
            f"{document} is not {found.reads.encoding} text: its header has bytes that cannot be "
            f"read. Set `reads.encoding` in map {found.name} (such as gb18030 or utf-16)."
        )
        raise IngestError(message)
    doubled = [name for name, count in Counter(names).items() if count > 1]
    if doubled:
        message = (
            f"{document} names the column {', '.join(map(repr, doubled))} more than once: which "
            "one to read cannot be told. Rename one of them in the export."
        )
        raise IngestError(message)
    return names, reader.line_num


class _Rows:
    """Rows of one block, each with the line it began on; a row may reach into the next block."""

    def __init__(
        self, blocks: Blocks, block: bytes, first: int, delimiter: str, width: int
    ) -> None:
        self._blocks = blocks
        self._lines = _split(block)
        self._first = first
        self._pending: list[str] = []
        self._delimiter = delimiter
        self._width = width
        self._good: list[Numbered] = []
        self._refused: list[Refusal] = []
        self._has_pulled = False

    def read(self) -> Iterator[tuple[list[Numbered], list[Refusal]]]:
        """Give good rows and refused lines, block by block, up to one that ends with a row."""
        reader = csv.reader(self._give_lines(), delimiter=self._delimiter, strict=True)
        while self._lines:
            try:
                row = next(reader)
            except StopIteration:
                break
            except csv.Error as error:
                self._take_apart(str(error))
                # The lines that it read from may have ended with the error.
                reader = csv.reader(self._give_lines(), delimiter=self._delimiter, strict=True)
            else:
                if len(row) == self._width:
                    self._good.append((self._first, row))
                elif row:
                    self._take_apart(self._count(row))
            self._first += len(self._pending)
            self._pending.clear()
            if self._has_pulled:
                yield self._good, self._refused
                self._good, self._refused, self._has_pulled = [], [], False
        yield self._good, self._refused

    def _give_lines(self) -> Iterator[str]:
        swallowed = 0
        while True:
            while self._lines:
                line = self._lines.pop()
                self._pending.append(line)
                swallowed += len(line) if len(self._pending) > 1 else -swallowed
                if swallowed > _QUOTED_CHARS:
                    message = "a quote is open over too many lines"
                    raise csv.Error(message)
                yield line
            block = self._blocks.pull()
            if block is None:
                return
            self._lines = _split(block)
            self._has_pulled = True

    def _take_apart(self, detail: str) -> None:
        """Read the lines of a broken row one by one: an unclosed quote swallows good rows."""
        if len(self._pending) == 1:
            self._refused.append(refuse_line(self._first, "broken_line", detail, self._pending[0]))
            return
        for line, text in enumerate(self._pending, start=self._first):
            try:
                row = next(csv.reader([text], delimiter=self._delimiter, strict=True), [])
            except csv.Error as error:
                self._refused.append(refuse_line(line, "broken_line", str(error), text))
                continue
            if len(row) == self._width:
                self._good.append((line, row))
            elif row:
                self._refused.append(refuse_line(line, "broken_line", self._count(row), text))

    def _count(self, row: list[str]) -> str:
        return f"{len(row)} fields where the header has {self._width}"


def _split(block: bytes) -> list[str]:
    """Return the lines of a block, the last one first, so that they are popped in order."""
    text = block.decode("utf-8", "surrogateescape")
    return list(io.StringIO(text, newline="\n"))[::-1]


def _build_chunk(
    names: tuple[str, ...], found: Map, good: list[Numbered], refused: list[Refusal]
) -> Chunk:
    good = list(_refuse_unreadable(good, found, refused))
    rows = [row for _, row in good]

    def raw(places: Sequence[int]) -> list[dict[str, Any]]:
        return [dict(zip(names, rows[place], strict=True)) for place in places]

    return Chunk([line for line, _ in good], _build_columns(names, found, rows), raw, refused)


def _build_columns(
    names: tuple[str, ...], found: Map, rows: list[list[str]]
) -> dict[str, pa.Array]:
    import pyarrow as pa

    wanted = set(found.inputs)
    texts = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {
        name: pa.array(column, pa.string())
        for name, column in zip(names, texts, strict=True)
        if name in wanted
    }


def _refuse_unreadable(
    good: list[Numbered], found: Map, refused: list[Refusal]
) -> Iterator[Numbered]:
    for line, row in good:
        text = found.reads.delimiter.join(row)
        hit = _UNREADABLE.search(text)
        if hit is None:
            yield line, row
        elif hit[0] == "\0":
            refused.append(refuse_line(line, "nul_byte", "a NUL byte in the text", text))
        else:
            detail = f"bytes that are not {found.reads.encoding}"
            refused.append(refuse_line(line, "undecodable_bytes", detail, text))
