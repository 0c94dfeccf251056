"""What the command line shows: plain lines, tables, errors, and JSON for scripts."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

# The option of every command that reports something; its value goes to `write_json`.
Json = Annotated[
    str | None, typer.Option("--json", help="Also write the result as JSON; - for standard output.")
]

# rich honours NO_COLOR and plain pipes by itself; soft_wrap keeps paths in one piece.
_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)
# A pipe and a file have no edge at which a row would have to be folded.
_wide = Console(highlight=False, soft_wrap=True, width=2000)


def say(text: str) -> None:
    """Show a line; markup such as [bold] is understood."""
    _out.print(text)


def fail(text: str) -> None:
    """Show an error on standard error, as it is."""
    _err.print(text, style="red", markup=False)


def show_table(title: str, headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Show rows under headers, numbers to the right; folded only where a terminal has an edge."""
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for position, header in enumerate(headers):
        is_number = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        table.add_column(header, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    (_out if sys.stdout.isatty() else _wide).print(table)


def write_json(target: str | None, content: Any) -> None:
    """Write a result as JSON to a file, or to standard output for `-`; nothing for None."""
    if target is None:
        return
    text = json.dumps(content, ensure_ascii=False, indent=2, default=_encode)
    if target == "-":
        sys.stdout.write(text + "\n")
    else:
        Path(target).write_text(text + "\n", encoding="utf-8")


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _encode(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    message = f"{type(value).__name__} has no JSON form"
    raise TypeError(message)
