"""Keeps rows in the scoreboard and shows them: what every `evaluate` command ends with."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from leadloop.console import say, show_table, write_json

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.evaluate.scoreboard import Row


def keep_rows(rows: list[Row], out: Path | None, json_file: str | None) -> Path:
    """Merge rows into the scoreboard and its page, show them, and return where it is."""
    from leadloop.evaluate.page import write_page
    from leadloop.evaluate.scoreboard import write_rows
    from leadloop.settings import load_settings

    path = out or load_settings().home.out / "scoreboard.json"
    write_page(path.with_suffix(".html"), write_rows(path, rows))
    if json_file != "-":
        headers = ("name", "metric", "value", "95 %", "n", "note")
        show_table("Scoreboard", headers, [_cells(row.note, asdict(row)) for row in rows])
        say(f"{path}\n{path.with_suffix('.html')}")
    write_json(json_file, [asdict(row) for row in rows])
    return path


def _cells(note: str, row: dict[str, object]) -> list[object]:
    value, low, high = row["value"], row["low"], row["high"]
    shown = "" if value is None else f"{value:.3f}"
    interval = "" if low is None else f"{low:.3f}-{high:.3f}"
    return [row["name"], row["metric"], shown, interval, row["n"] or "", note]
