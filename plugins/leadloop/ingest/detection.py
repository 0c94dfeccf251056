"""Finds out how a text file is written where its map says `auto`: encoding and delimiter.

Only what can be told for certain: byte order marks, strict UTF-8, and GB18030 whose characters
are those of common Chinese. Codepages of one byte a character cannot be told apart: there the
user is asked.
"""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections import Counter
from typing import TYPE_CHECKING, Final

from leadloop.ingest import IngestError

if TYPE_CHECKING:
    from leadloop.ingest.documents import Document
    from leadloop.ingest.maps import Map

SAMPLE_BYTES: Final = 1_000_000
# How far to look for the first byte that is not ASCII, which all of the encodings have in common.
ASCII_BYTES: Final = 64_000_000
# One broken line costs itself; a share of them says that the encoding is another.
_BAD_SHARE: Final = 0.01
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# Where both fit equally well, the first counts.
_TRIED: Final = ("utf-8", "gb18030")
_DELIMITERS: Final = (",", ";", "\t", "|")


def settle_reads(document: Document, found: Map) -> Map:
    """Return the map with encoding and delimiter as the file has them, where it says `auto`."""
    reads = found.reads
    if "auto" not in (reads.encoding, reads.delimiter):
        return found
    head, telling = _read_sample(document)
    encoding = reads.encoding
    if encoding == "auto":
        encoding = _find_encoding(document, found, head, telling)
    delimiter = reads.delimiter
    if delimiter == "auto":
        delimiter = _find_delimiter(head.decode(encoding, "replace").lstrip("\ufeff"), found)
    settled = reads.model_copy(update={"encoding": encoding, "delimiter": delimiter})
    return found.model_copy(update={"reads": settled})


def _read_sample(document: Document) -> tuple[bytes, bytes]:
    """Return the first bytes, and some from the first on that are not ASCII."""
    with document.open() as handle:
        head = block = handle.read(SAMPLE_BYTES)
        seen = len(head)
        while block.isascii() and block and seen < ASCII_BYTES:
            block = handle.read(SAMPLE_BYTES)
            seen += len(block)
        telling = b"" if block.isascii() else block + handle.read(SAMPLE_BYTES)
        return head, telling


def _find_encoding(document: Document, found: Map, head: bytes, telling: bytes) -> str:
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    start = head[:4096]
    if start.count(0) > len(start) / 4:
        message = (
            f"{document} looks like UTF-16 without a byte order mark. Nothing has landed: set "
            f"`reads.encoding` to utf-16-le or utf-16-be in map {found.name}."
        )
        raise IngestError(message)
    lines = telling.split(b"\n")
    if len(telling) > SAMPLE_BYTES:
        # The last line may be cut in the middle of a character.
        lines.pop()
    header = head.partition(b"\n")[0]
    bad = {encoding: _count_bad(header, lines, encoding) for encoding in _TRIED}
    best = min(_TRIED, key=lambda encoding: bad[encoding])
    if bad[best] <= max(1, _BAD_SHARE * len(lines)):
        return best
    message = (
        f"{document} is neither UTF-8 nor GB18030 text, and other encodings cannot be told apart "
        f"for certain. Nothing has landed: set `reads.encoding` in map {found.name} (such as "
        "big5, shift_jis, euc-kr, cp1251, cp1252)."
    )
    raise IngestError(message)


def _count_bad(header: bytes, lines: list[bytes], encoding: str) -> float:
    """Return how many lines are no text in the encoding; no number is enough for a wrong one."""
    texts = [text for line in lines if (text := _decode(line, encoding)) is not None]
    # The header decides what is read at all.
    if _decode(header, encoding) is None:
        return math.inf
    if encoding == "gb18030" and not _is_chinese("".join(texts)):
        return math.inf
    return len(lines) - len(texts)


def _decode(line: bytes, encoding: str) -> str | None:
    try:
        return line.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_chinese(text: str) -> bool:
    """Return whether what was decoded as GB18030 reads like it.

    Nearly any bytes decode; but other encodings give rare characters. The 3755 common ones have
    first bytes B0 to D7, the other 3008 of GB 2312 D8 to F7, punctuation A1 to A3 and A9.
    """
    counts = {char: count for char, count in Counter(text).items() if not char.isascii()}
    common: Counter[str] = Counter()
    for char, count in counts.items():
        stored = char.encode("gb18030")
        if len(stored) != 2 or stored[1] < 0xA1:
            kind = "rare"
        elif stored[0] in (0xA1, 0xA2, 0xA3, 0xA9):
            kind = "mark"
        elif 0xB0 <= stored[0] <= 0xF7:
            kind = "first" if stored[0] <= 0xD7 else "second"
        else:
            kind = "rare"
        common[kind] += count
    han = common["first"] + common["second"]
    # Korean in EUC-KR fills just the first half of the common ones.
    leads = [char.encode("gb18030")[0] for char in counts]
    korean = len(counts) >= 15 and not any(0xC9 <= lead <= 0xF7 for lead in leads)
    plain = common["rare"] <= 0.05 * sum(counts.values())
    return plain and not korean and common["second"] <= 0.2 * han


def _find_delimiter(head: str, found: Map) -> str:
    """Return the delimiter that gives most of the columns which the map needs, then most at all."""

    def count(delimiter: str) -> tuple[int, int]:
        try:
            names = next(csv.reader(io.StringIO(head, newline="\n"), delimiter=delimiter), [])
        except csv.Error:
            return 0, 0
        stripped = {name.strip() for name in names}
        return len(stripped.intersection(found.needed)), len(names)

    return max(_DELIMITERS, key=count)
