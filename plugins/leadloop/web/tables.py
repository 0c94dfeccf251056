"""Tables as CSV files: what a panel shows, one column for each value, for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leadloop.spreadsheet import defuse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Values that come as parts with names of ours. Any other mapping has names out of the data, which
# must not become columns: it stays whole.
_PARTS = ("change", "count", "label", "reached", "target", "title", "won")
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel misreads Chinese


def render_csv(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return rows as CSV; parts of a value get columns of their own, such as change_low.

    >>> print(render_csv([{"code": "=1+1", "change": {"low": -0.5}}]).lstrip(chr(0xFEFF)), end="")
    code,change_low
    '=1+1,-0.5
    """
    flat = [dict(flatten(row)) for row in rows]
    names = list(dict.fromkeys(name for row in flat for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: defuse(value) for name, value in row.items()} for row in flat)
    return _BYTE_ORDER_MARK + text.getvalue()


def flatten(row: Mapping[str, Any], above: str = "") -> Iterable[tuple[str, Any]]:
    """Give the values of a row with their names; lists and mappings out of the data as JSON."""
    for name, value in row.items():
        if isinstance(value, dict) and name in _PARTS:
            yield from flatten(value, f"{above}{name}_")
        elif isinstance(value, dict | list | tuple):
            yield f"{above}{name}", json.dumps(value, ensure_ascii=False, default=str)
        elif isinstance(value, datetime):
            yield f"{above}{name}", value.isoformat(timespec="seconds")
        else:
            yield f"{above}{name}", value
