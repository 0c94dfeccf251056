"""What the command line shows: plain lines, tables, errors, and JSON for scripts."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
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


def is_wide() -> bool:
    """Return whether there is room for more than the 80 columns of a small terminal."""
    return not sys.stdout.isatty() or _out.width >= 100


def say_list(items: Sequence[str]) -> None:
    """Show items as one indented paragraph, broken between words at a terminal's edge."""
    text = Padding(escape(", ".join(items)), (0, 0, 0, 2))
    (_out if sys.stdout.isatty() else _wide).print(text, soft_wrap=False)


def show_table(
    title: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[object]],
    *,
    whole: int | None = None,
) -> None:
    """Show rows under headers, numbers to the right.

    Where a terminal has an edge, long cells are folded; with `whole`, a row keeps to one line: the
    first so many columns are shown whole and the others cut.
    """
    console = _out if sys.stdout.isatty() else _wide
    texts = [[_cell(row[position]) for row in rows] for position in range(len(headers))]
    needs = [max(map(cell_len, [name, *texts[place]])) for place, name in enumerate(headers)]
    widths = needs if whole is None else _share_width(needs, whole, console.width)
    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for position, header in enumerate(headers):
        is_number = bool(rows) and all(isinstance(row[position], int | float) for row in rows)
        table.add_column(
            header,
            justify="right" if is_number else "left",
            overflow="fold" if whole is None else "ellipsis",
            no_wrap=whole is not None,
            width=None if whole is None else widths[position],
        )
    for line in zip(*texts, strict=True):
        table.add_row(*map(escape, line))
    console.print(table)


def _share_width(needs: Sequence[int], whole: int, width: int) -> list[int]:
    """Return the widths of columns on one line: the first ones whole, the others what is left.

    >>> _share_width([10, 5, 50, 50], whole=2, width=64)
    [10, 5, 20, 20]
    """
    widths = list(needs)
    # Three characters stand between two columns.
    left = width - sum(needs[:whole]) - 3 * (len(needs) - 1)
    cut = sorted(range(whole, len(needs)), key=lambda position: needs[position])
    for done, position in enumerate(cut):
        widths[position] = max(1, min(needs[position], left // (len(cut) - done)))
        left -= widths[position]
    return widths


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
