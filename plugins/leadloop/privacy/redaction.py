"""Mentions of a person in words: logs, pages, mails, messages, JSON of the operations store.

Ids, hashes and sentences are found as bytes in one pass, however many they are. Ids of fewer than
six characters are not looked for in free words, where they would be a count or a price; JSON is
searched for them under the names of ids.
"""

from __future__ import annotations

import hashlib
import json
import re
import string
from typing import TYPE_CHECKING, Any, Final

from leadloop.privacy.erased import ALIASES, IDENTITY, OWNERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.privacy.person import Plan

ERASED: Final = "erased"
SHORTEST: Final = 6
# Sentences shorter than this are said by everybody.
SHORTEST_TEXT: Final = 8
_CODES: Final = ("utf-8", "gb18030")


class Redactor:
    """Finds what tells of one person in bytes and in JSON, and writes `erased` instead."""

    def __init__(self, plan: Plan) -> None:
        from ahocorasick_rs import BytesAhoCorasick

        ids = plan.list_ids()
        self._short = {
            *(value for values in plan.identity.values() for value in values),
            *(value for values in plan.loose.values() for value in values),
        }
        # Pages of the gates show ids as short hashes.
        marks = [f"#{hashlib.sha256(value.encode()).hexdigest()[:8]}" for value in ids]
        long = [value for value in [*ids, *plan.numbers, *marks] if len(value) >= SHORTEST]
        said = [text for text in plan.texts if len(text) >= SHORTEST_TEXT]
        self._words = list(dict.fromkeys([*long, *said]))
        forms = [(form, _edges_of(word, plan)) for word in self._words for form in _write(word)]
        self._edges = [edges for _, edges in forms]
        self._automaton = BytesAhoCorasick([form for form, _ in forms]) if forms else None

    @property
    def sql_pattern(self) -> str | None:
        """The same as an SQL literal for DuckDB's regular expressions, edges as groups 1 and 3."""
        if not self._words:
            return None
        words = "|".join(re.escape(word) for word in sorted(self._words, key=len, reverse=True))
        pattern = f"(^|[^0-9A-Za-z_])({words})($|[^0-9A-Za-z_])".replace("'", "''")
        return f"'{pattern}'"

    def is_in(self, data: bytes) -> bool:
        """Return whether the bytes tell of the person."""
        return next(self._find(data), None) is not None

    def redact(self, data: bytes, tombstone: str = ERASED) -> bytes:
        """Return the bytes with everything that tells of the person blacked out."""
        parts, begin = [], 0
        for start, end in sorted(self._find(data)):
            if start >= begin:
                parts += [data[begin:start], tombstone.encode()]
            begin = max(begin, end)
        return b"".join([*parts, data[begin:]])

    def _find(self, data: bytes) -> Iterator[tuple[int, int]]:
        """Give the places of what tells of the person, some of them overlapping."""
        if self._automaton is None:
            return
        for word, start, end in self._automaton.find_matches_as_indexes(data, overlapping=True):
            before, after = data[max(start - 1, 0) : start], data[end : end + 1]
            edges = self._edges[word]
            if not (before and before in edges) and not (after and after in edges):
                yield start, end

    def drop_lines(self, data: bytes) -> bytes:
        """Return the lines that do not tell of the person, their ends as they were."""
        return b"".join(line for line in data.splitlines(keepends=True) if not self.is_in(line))

    def redact_text(self, text: str, tombstone: str = ERASED) -> str:
        """Return a text, or JSON as text, with the tombstone where the person stood."""
        return self.redact(text.encode("utf-8", "replace"), tombstone).decode()

    def redact_value(self, value: Any, tombstone: str, name: str = "") -> Any:
        """Return a value of JSON without the person: mentions blacked out, rows left out."""
        if isinstance(value, str):
            if name_kind(name) and value in self._short:
                return tombstone
            return self.redact_text(value, tombstone)
        if isinstance(value, list):
            return [self.redact_value(item, tombstone, name) for item in value]
        if isinstance(value, dict):
            cleared = self._leave_rows_out(value)
            return {
                self.redact_text(key, tombstone): self.redact_value(item, tombstone, key)
                for key, item in cleared.items()
            }
        return value

    def _leave_rows_out(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return a table in JSON (columns and rows) without the rows of the person."""
        columns, rows = value.get("columns"), value.get("rows")
        if not (isinstance(columns, list) and isinstance(rows, list)):
            return value
        kept = [
            row
            for row in rows
            if not any(
                isinstance(cell, str)
                and ((name_kind(str(name)) and cell in self._short) or self.is_in(cell.encode()))
                for name, cell in zip(columns, row, strict=False)
            )
        ]
        return {**value, "rows": kept}

    def tells_of(self, text: str) -> bool:
        """Return whether a text, or JSON as text, tells of the person."""
        if self.is_in(text.encode("utf-8", "replace")):
            return True
        if not any(value in text for value in self._short if len(value) < SHORTEST):
            return False
        try:
            value = json.loads(text)
        except ValueError:
            return False
        return bool(self.redact_value(value, ERASED) != value)


def name_kind(name: str) -> bool:
    """Return whether a field of that name holds ids of people or of what they did.

    >>> name_kind("customer_ids"), name_kind("agent_id")
    (True, False)
    """
    single = name.removesuffix("s")
    kind = ALIASES.get(single, single)
    return kind in IDENTITY or kind in OWNERS or kind in ("unit_id", "target_id", "target")


def _write(word: str) -> set[bytes]:
    """Return how a word may stand in a file: in either encoding, or escaped as JSON does."""
    forms = {word.encode(code, "replace") for code in _CODES}
    return forms | {
        json.dumps(word)[1:-1].encode(),
        json.dumps(word, ensure_ascii=False)[1:-1].encode(),
    }


def _edges_of(word: str, plan: Plan) -> bytes:
    """Return the bytes beside which a word is part of another: 13812345678 in 2138123456789."""
    if word in plan.numbers:
        return string.digits.encode()
    # Chinese has no gaps between words.
    return f"{string.digits}{string.ascii_letters}_".encode() if word.isascii() else b""
