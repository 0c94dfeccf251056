"""CSV in blocks of whole lines; a block in which every line is a row is read by Arrow at once.

Arrow alone would not do: it forgives what must be seen (stray quotes) and loses line numbers at
quoted line breaks. So only blocks without either go to it, all others to `csv_rows`.
"""

from __future__ import annotations

import io
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import IngestError
from leadloop.ingest.rows import Chunk, Refusal, refuse_line

if TYPE_CHECKING:
    from types import TracebackType

    from leadloop.ingest.documents import Document
    from leadloop.ingest.maps import Map

BLOCK_BYTES: Final = 8_000_000
LINE_BYTES: Final = 64_000_000
# Short lines take many times their size once they are rows.
BLOCK_LINES: Final = 100_000
# A carriage return that is not part of a line end; it ends lines of its own in old exports.
_LONE_RETURN: Final = re.compile(rb"\r(?!\n)")
# Files put together from several keep the byte order mark of each.
_INNER_MARK: Final = b"\n\xef\xbb\xbf"


class Blocks:
    """The lines of a document in blocks of UTF-8.

    Bytes that are no text in the file's encoding stay what they are: no UTF-8 either.
    """

    def __init__(self, document: Document, encoding: str, size: int = BLOCK_BYTES) -> None:
        self._document = document
        self._encoding = encoding.lower().replace("_", "-")
        self._size = size
        self._rest = b""
        self._ready: bytes | None = None
        self.line = 1

    def __enter__(self) -> Blocks:
        self._stack = ExitStack()
        self._bytes: Any = self._stack.enter_context(self._document.open())
        self._text: io.TextIOWrapper | None = None
        if self._encoding in ("utf-8", "utf8"):
            start = self._bytes.read(3)
            self._rest = b"" if start == b"\xef\xbb\xbf" else start
        else:
            self._text = io.TextIOWrapper(
                self._bytes, encoding=self._encoding, errors="surrogateescape", newline=""
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._text is not None:
            self._text.detach()
        self._stack.close()

    def peek(self) -> bytes:
        """Return the block that the next `pull` will give."""
        if self._ready is None:
            self._ready = self._read_block()
        return self._ready

    def skip(self, lines: int) -> None:
        """Leave the first lines of the next block out."""
        block = self.peek()
        place = 0
        for _ in range(lines):
            end = block.find(b"\n", place)
            place = len(block) if end < 0 else end + 1
        self._ready = block[place:] or None
        self.line += lines

    def pull(self) -> bytes | None:
        """Return the next block and move `line` to the first line after it; None at the end."""
        block = self.peek()
        self._ready = None
        if not block:
            return None
        lines = block.count(b"\n")
        if lines > BLOCK_LINES:
            end = block.rfind(b"\n", 0, len(block) * BLOCK_LINES // lines) + 1
            self._ready = block[end:] if end else None
            block = block[:end] or block
            lines = block.count(b"\n")
        self.line += lines + (not block.endswith(b"\n"))
        return block

    def _read_block(self) -> bytes:
        parts = [self._rest]
        have = len(self._rest)
        while True:
            more = self._read(self._size)
            if not more:
                self._rest = b""
                return _clean(b"".join(parts))
            # The last byte stays behind: it may be the first half of a line end.
            end = max(more.rfind(b"\n"), more.rfind(b"\r", 0, -1)) + 1
            if end:
                self._rest = more[end:]
                return _clean(b"".join((*parts, more[:end])))
            parts.append(more)
            have += len(more)
            if have > LINE_BYTES:
                message = (
                    f"{self._document} has no line end in {LINE_BYTES // 1_000_000} MB from line "
                    f"{self.line} on: is it a text file of lines? Nothing has landed."
                )
                raise IngestError(message)

    def _read(self, size: int) -> bytes:
        if self._text is None:
            block: bytes = self._bytes.read(size)
            return block
        return self._text.read(size).encode("utf-8", "surrogateescape")


def _clean(block: bytes) -> bytes:
    block = _LONE_RETURN.sub(b"\n", block)
    if block.startswith(_INNER_MARK[1:]):
        block = block[3:]
    return block.replace(_INNER_MARK, b"\n") if _INNER_MARK in block else block


def read_plain_block(block: bytes, first: int, names: tuple[str, ...], found: Map) -> Chunk | None:
    """Return the rows of a block in which every line is a row, None where one may not be."""
    import pyarrow as pa
    import pyarrow.csv as arrow_csv

    delimiter = found.reads.delimiter
    if len(names) == 1 or not _is_plain(block, delimiter.encode()):
        return None
    broken: list[tuple[int, int, str]] = []

    def skip(row: Any) -> str:
        broken.append((row.number, row.actual_columns, row.text))
        return "skip"

    table = arrow_csv.read_csv(
        pa.py_buffer(block),
        # One thread: otherwise broken rows come without their numbers.
        read_options=arrow_csv.ReadOptions(
            use_threads=False, column_names=list(names), block_size=len(block) + 1
        ),
        parse_options=arrow_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=skip),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )
    return _number(table, first, broken, found)


def _number(table: Any, first: int, broken: list[tuple[int, int, str]], found: Map) -> Chunk:
    """Return the chunk with the line of every row: all lines less the broken ones."""
    import pyarrow as pa

    width = len(table.column_names)
    refused: list[Refusal] = []
    for number, count, text in broken:
        detail = f"{count} fields where the header has {width}"
        refused.append(refuse_line(first + number - 1, "broken_line", detail, text))
    skipped = {refusal.line for refusal in refused}
    last = first + table.num_rows + len(broken)
    lines = [line for line in range(first, last) if line not in skipped]
    wanted = set(found.inputs)
    empty = pa.array([], pa.string())
    columns = {
        name: pa.concat_arrays(table.column(name).chunks) if table.num_rows else empty
        for name in table.column_names
        if name in wanted
    }
    return Chunk(
        lines, columns, lambda places: table.take(pa.array(places, pa.int64())).to_pylist(), refused
    )


def _is_plain(block: bytes, delimiter: bytes) -> bool:
    """Return whether every line is one row of text: none blank, quotes only around fields."""
    if b"\0" in block or block.startswith((b"\n", b"\r\n")):
        return False
    if b"\n\n" in block or b"\n\r\n" in block:
        return False
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b'"' not in block or _is_quoted_plainly(block, delimiter)


def _is_quoted_plainly(block: bytes, delimiter: bytes) -> bool:
    """Return whether quotes only open and close whole fields within one line."""
    import numpy as np

    data = np.frombuffer(b"\n" + block + b"\n", np.uint8)
    quotes = np.flatnonzero(data == ord('"'))
    ends = np.flatnonzero(data == ord("\n"))
    # An even count of quotes before every line end: no quoted field holds a line break.
    if (np.searchsorted(quotes, ends) % 2).any():
        return False
    before, after = data[quotes[0::2] - 1], data[quotes[1::2] + 1]
    edges = np.frombuffer(delimiter + b"\r\n", np.uint8)
    return bool(np.isin(before, edges).all() and np.isin(after, edges).all())
