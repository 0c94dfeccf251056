"""`leadloop evaluate`: scores what is built against known truth, keeps and shows the scoreboard."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from leadloop.console import Json, say
from leadloop.errors import UsageError
from leadloop.evaluate.keeping import keep_rows
from leadloop.evaluate.labelled.commands import app as labelled_app

app = typer.Typer(help="Score what is built against known truth; keep the scoreboard.")
app.add_typer(labelled_app)


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
    from leadloop.evaluate.world import score_world
    from leadloop.settings import load_settings

    # The world's systems are not those of the project's company.yml.
    os.environ.setdefault("LEADLOOP_CONFIG", str((folder / "config").absolute()))
    started = time.monotonic()
    rows = score_world(load_settings(), folder, days)
    seconds = round(time.monotonic() - started, 1)
    keep_rows([replace(row, seconds=seconds) for row in rows], out, json_file)


@app.command()
def realism(
    folder: Annotated[Path, typer.Argument(help="A world of `leadloop simulate`, best 150 days.")],
    data: Annotated[
        Path | None, typer.Option(help="The real sets; else LEADLOOP_EVALUATION_DATA.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The scoreboard; else the home's.")] = None,
    json_file: Json = None,
) -> None:
    """Put the statistics of a made world beside those of real sets, with a page of both."""
    from leadloop.evaluate.realism.company import compare_company
    from leadloop.evaluate.realism.made import Made
    from leadloop.evaluate.realism.page import list_rows, write_realism
    from leadloop.evaluate.realism.talks import compare_talks
    from leadloop.evaluate.world import name_place, read_truth

    place = name_place(read_truth(folder))
    real = find_real_sets(data)
    made = Made(folder)
    found = [*compare_talks(made, real), *compare_company(made, real)]
    path = keep_rows(list_rows(place[0], found, place[1]), out, json_file)
    page = path.with_name("realism.html")
    write_realism(page, f"{place[0]}, seed {place[1]}", found)
    if json_file != "-":
        say(f"{page}")


def find_real_sets(given: Path | None) -> Path:
    """Return the folder of the public sets; raise UsageError where there is none."""
    named = given or os.environ.get("LEADLOOP_EVALUATION_DATA")
    if named and (Path(named) / "conversion").is_dir():
        return Path(named)
    message = (
        f"The real sets are not at {named or 'any place that was named'}; wanted a folder with "
        "conversion/, funnel/, churn/ ... as docs/made-company.md lists them: --data FOLDER or "
        "LEADLOOP_EVALUATION_DATA."
    )
    raise UsageError(message)
