"""`leadloop evaluate`: scores what is built against known truth, keeps and shows the scoreboard."""

from __future__ import annotations

import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import typer

from leadloop.console import Json, say, show_table, write_json

app = typer.Typer(help="Score what is built against known truth; keep the scoreboard.")


@app.callback()
def _group() -> None:
    """Score what is built against known truth; keep the scoreboard."""


@app.command()
def world(
    folder: Annotated[Path, typer.Argument(help="A world of `leadloop simulate`.")],
    days: Annotated[
        int, typer.Option(min=1, max=366, help="Last days that run one by one, with alerts.")
    ] = 3,
    out: Annotated[Path | None, typer.Option(help="The scoreboard; else the home's.")] = None,
    json_file: Json = None,
) -> None:
    """Run the cycles over a made world in this home, and compare with what is true there."""
    from leadloop.evaluate.page import write_page
    from leadloop.evaluate.scoreboard import write_rows
    from leadloop.evaluate.world import score_world
    from leadloop.settings import load_settings

    # The world's systems are not those of the project's company.yml.
    os.environ.setdefault("LEADLOOP_CONFIG", str((folder / "config").absolute()))
    settings = load_settings()
    started = time.monotonic()
    rows = score_world(settings, folder, days)
    seconds = round(time.monotonic() - started, 1)
    rows = [replace(row, seconds=seconds) for row in rows]
    path = out or settings.home.out / "scoreboard.json"
    write_page(path.with_suffix(".html"), write_rows(path, rows))
    if json_file != "-":
        headers = ("name", "metric", "value", "95 %", "n", "note")
        show_table("Scoreboard", headers, [_cells(row.note, asdict(row)) for row in rows])
        say(f"{path}\n{path.with_suffix('.html')}")
    write_json(json_file, [asdict(row) for row in rows])


def _cells(note: str, row: dict[str, object]) -> list[object]:
    value, low, high = row["value"], row["low"], row["high"]
    shown = "" if value is None else f"{value:.3f}"
    interval = "" if low is None else f"{low:.3f}-{high:.3f}"
    return [row["name"], row["metric"], shown, interval, row["n"] or "", note]
