"""Example rows that may be shown: where a row is and what is wrong, never who it is about."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE_ROWS = 3
_SHOWN_LETTERS = 24
_KEY = re.compile(r"(_id|_pk|_hash)$")
_HIDDEN = re.compile(r"phone|text|custom|recording|last4")
_DIGITS = re.compile(r"\d{4,}")
# Columns whose digits are a place or a day, not a person.
_PLAIN = re.compile(r"_date(_in_zone)?$|^source_(file|line|system)$|^outcome$|^direction$")


def mask_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row that may be shown in messages, results and pages."""
    return {name: mask_value(name, value) for name, value in row.items()}


def mask_value(column: str, value: Any) -> Any:
    """Return what may be shown of a value: ids as a short hash, words and phones not at all.

    The short hash is the same for the same id, so that two examples can be told to be one call.

    >>> mask_value("call_id", "20260131-0007")
    '#012a304d'
    >>> mask_value("outcome", "paused"), mask_value("phone_last4", "1234"), mask_value("talk_s", -3)
    ('paused', '***', -3)
    """
    if value is None or value != value:  # NaN differs from itself
        return None
    if isinstance(value, bool):
        return value
    if _KEY.search(column):
        return "#" + hashlib.sha256(str(value).encode()).hexdigest()[:8]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, str):
        return _mask_text(column, value)
    return "***" if _hides(column, value) else _shorten(value)


def _hides(column: str, value: object) -> bool:
    # A number derived from hidden words (text_length) or a flag on them tells nothing of them.
    return bool(_HIDDEN.search(column)) and not column.endswith("_length") and value is not None


def _mask_text(column: str, value: str) -> str:
    if _HIDDEN.search(column):
        return "***"
    if _PLAIN.search(column):
        return value
    short = value if len(value) <= _SHOWN_LETTERS else value[:_SHOWN_LETTERS] + "…"
    return _DIGITS.sub("****", short)


def _shorten(value: Any) -> Any:
    number = value.item() if hasattr(value, "item") else value
    if isinstance(number, float):
        return int(number) if number.is_integer() else round(number, 4)
    return number
