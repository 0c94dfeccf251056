"""`leadloop simulate`: reads its arguments, plays the world, says what was written."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from leadloop.console import Json, say, write_json
from leadloop.errors import UsageError

FIRST_DAY = "2026-03-02"
app = typer.Typer()


@app.command()
def simulate(
    out: Annotated[Path, typer.Option(help="A new or empty folder for the world.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed writes the same bytes.")] = 7,
    days: Annotated[int, typer.Option(min=1, max=3660, help="Days to play.")] = 90,
    size: Annotated[Literal["small", "medium", "large"], typer.Option()] = "small",
    first_day: Annotated[str, typer.Option(help="First day, such as 2026-03-02.")] = FIRST_DAY,
    faults: Annotated[Path | None, typer.Option(help="YAML: what is planted.")] = None,
    actions: Annotated[Path | None, typer.Option(help="YAML: what is done, to whom.")] = None,
    effects: Annotated[bool, typer.Option(help="Whether actions have their effects.")] = True,
    null: Annotated[
        bool, typer.Option("--null", help="All noise: agents alike, no fault.")
    ] = False,
    dials: Annotated[int | None, typer.Option(help="Dials a day in place of the size's.")] = None,
    transcribed: Annotated[float | None, typer.Option(help="Share of talks with words.")] = None,
    json_file: Json = None,
) -> None:
    """Make a company whose truth is known: what its systems export, and what nobody there knows."""
    from leadloop.simulate.effects import read_actions
    from leadloop.simulate.faults import read_faults
    from leadloop.simulate.make import make_world
    from leadloop.simulate.scale import choose_scale
    from leadloop.simulate.world import Script

    if null and (faults or actions):
        message = "--null plays a world without any fault or action; leave out --faults, --actions."
        raise UsageError(message)
    script = Script(
        seed=seed,
        scale=choose_scale(size, dials, transcribed),
        first_day=_check_day(first_day),
        days=days,
        faults=read_faults(faults) if faults else (),
        actions=read_actions(actions) if actions else (),
        with_effects=effects,
        null=null,
    )
    summary = make_world(script, out)
    if json_file != "-":
        say(
            f"{summary.first_day} to {summary.last_day}: {summary.dials:,} dials, "
            f"{summary.answered:,} answered, {summary.won:,} deals, {summary.leads:,} leads, "
            f"{summary.transcripts:,} transcripts, {summary.orders:,} orders, "
            f"{summary.tickets:,} tickets"
        )
        say(f"  what its systems export: {out / 'inbox'} (config: {out / 'config'})")
        say(f"  what is true: {out / 'truth'}")
    write_json(json_file, asdict(summary))


def _check_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        message = f"--first-day {text} is no day; wanted one such as 2026-03-02."
        raise UsageError(message) from error
