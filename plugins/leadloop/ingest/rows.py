"""What passes between the door's modules: rows as read, refused rows, rows as mapped."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from leadloop.privacy.mask import mask_line, mask_text

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Collection

    import pyarrow as pa


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
    raw: Callable[[int], dict[str, Any]]
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


def mask_row(row: dict[str, Any], phones: Collection[str]) -> str:
    """Return a row as masked JSON; columns that hold phones are hidden whatever they look like."""
    masked = {
        name: "<PHONE>" if name in phones and value else _mask_value(value)
        for name, value in row.items()
    }
    text = json.dumps(masked, ensure_ascii=False, default=str)
    return text.encode("utf-8", "replace").decode()


def refuse_line(line: int, reason: str, detail: str, text: str) -> Refusal:
    """Return the refusal of a line that could not be split into columns."""
    shown = mask_line(text[:2000]).encode("utf-8", "replace").decode()
    return Refusal(line, reason, detail, json.dumps({"line": shown}, ensure_ascii=False))


def _mask_value(value: Any) -> Any:
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, list):
        return [_mask_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _mask_value(item) for key, item in value.items()}
    if isinstance(value, int | float) and not isinstance(value, bool):
        masked = mask_text(str(value))
        return value if masked == str(value) else masked
    return value
