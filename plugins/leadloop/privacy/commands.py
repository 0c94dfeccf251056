"""`leadloop privacy`: looks whether personal numbers are where none may be."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloop.console import Json

app = typer.Typer(help="Personal numbers: look for them where none may be.")


@app.callback()
def _group() -> None:
    """Personal numbers: look for them where none may be."""


@app.command()
def scan(
    phone: Annotated[
        list[str] | None, typer.Option(help="A raw number to look for as well; may be repeated.")
    ] = None,
    allow: Annotated[
        list[str] | None, typer.Option(help="An e-mail address that is no leak; may be repeated.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Scan marts, landing, quarantine, reports, logs and the store; exit 1 if a leak is found."""
    from dataclasses import asdict

    from leadloop.console import say, show_table, write_json
    from leadloop.privacy.leaks import scan_home
    from leadloop.settings import load_settings

    settings = load_settings()
    leaks = scan_home(settings, phone or (), allow or ())
    if json_file != "-":
        rows = [(leak.area, leak.place, leak.kind, leak.count) for leak in leaks]
        if rows:
            show_table("Leaks", ("area", "place", "class", "count"), rows)
        say(f"{sum(leak.count for leak in leaks)} leak(s) found under {settings.home.root}.")
    write_json(json_file, [asdict(leak) for leak in leaks])
    if leaks:
        raise typer.Exit(1)
