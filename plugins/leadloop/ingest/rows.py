"""What passes between the door's modules: rows as read, refused rows, rows as mapped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from leadloop.privacy.mask import mask_array, mask_line, mask_text

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Collection, Iterator, Sequence

    import pyarrow as pa

_AS_TEXT: Final[dict[str, Any]] = {"ensure_ascii": False, "default": str}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that does not land: where it was, why, and what it said (masked).

    `part` is the turn of a line that holds many rows, 0 for the line as a whole.
    """

    line: int
    reason: str
    detail: str
    raw: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows as read: columns of text, their lines, and lines that were no rows at all."""

    lines: list[int]
    columns: dict[str, pa.Array]
    # The whole rows at some places, as they stood in the file.
    raw: Callable[[Sequence[int]], list[dict[str, Any]]]
    refused: list[Refusal] = field(default_factory=list)

    @property
    def parts(self) -> list[int]:
        """The turn of its line that each row is; 0 where a line is a row."""
        turns = self.columns.get("turn.seq")
        if turns is None:
            return [0] * len(self.lines)
        return [int(turn or 0) for turn in turns.to_pylist()]


@dataclass(frozen=True, slots=True)
class Mapped:
    """Some rows as they will land, those that will not, and codes that the map does not know."""

    table: pa.Table
    refused: list[Refusal]
    unknown: Counter[str]


def mask_rows(rows: Sequence[dict[str, Any]], phones: Collection[str]) -> list[str]:
    """Return rows as masked JSON; columns that hold phones are hidden whatever they look like.

    Every different text is masked once: a refused file repeats its agents, days and states.
    """
    shown = [
        {name: "<PHONE>" if name in phones and value else value for name, value in row.items()}
        for row in rows
    ]
    masked = _mask_texts(list(dict.fromkeys(text for row in shown for text in _list_texts(row))))
    lines = (
        json.dumps({name: _swap(value, masked) for name, value in row.items()}, **_AS_TEXT)
        for row in shown
    )
    return [line.encode("utf-8", "replace").decode() for line in lines]


def refuse_line(line: int, reason: str, detail: str, text: str) -> Refusal:
    """Return the refusal of a line that could not be split into columns."""
    shown = mask_line(text[:2000]).encode("utf-8", "replace").decode()
    return Refusal(line, reason, detail, json.dumps({"line": shown}, ensure_ascii=False))


def _mask_texts(texts: list[str]) -> dict[str, str]:
    import pyarrow as pa

    try:
        array = pa.array(texts, pa.string())
    except UnicodeEncodeError:
        # Half a surrogate pair out of JSON is no text of Arrow's.
        return {text: mask_text(text) for text in texts}
    return dict(zip(texts, mask_array(array).to_pylist(), strict=True))


def _list_texts(value: Any) -> Iterator[str]:
    """Give what of a value is masked: its texts, and its numbers as they are written."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _list_texts(item)
    elif _is_number(value):
        yield str(value)


def _swap(value: Any, masked: dict[str, str]) -> Any:
    if isinstance(value, str):
        return masked[value]
    if isinstance(value, list):
        return [_swap(item, masked) for item in value]
    if isinstance(value, dict):
        return {key: _swap(item, masked) for key, item in value.items()}
    if _is_number(value):
        return value if masked[str(value)] == str(value) else masked[str(value)]
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
