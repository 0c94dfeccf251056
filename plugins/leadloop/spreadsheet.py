"""What must be heeded where a file of ours is opened in a spreadsheet."""

from __future__ import annotations

from typing import Any

# A spreadsheet takes a cell that starts so for a formula, and would run it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def defuse(value: Any) -> Any:
    """Return the value as a cell that no spreadsheet runs; numbers stay numbers.

    >>> defuse("=1+1"), defuse(-0.5)
    ("'=1+1", -0.5)
    """
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
