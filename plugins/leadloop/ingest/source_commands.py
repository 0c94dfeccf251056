"""`leadloop source`: shows, tries and pulls the sources of config/sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from leadloop.console import Json, say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from leadloop.ingest.sources import ApiSource, DatabaseSource
    from leadloop.settings import Settings

app = typer.Typer(help="APIs, databases and events as sources.")

Name = Annotated[str, typer.Argument(help="Name of a source of config/sources.")]
Day = Annotated[str, typer.Option("--date", help="Business day, such as 2026-01-31.")]


@app.command("list")
def list_sources(json_file: Json = None) -> None:
    """Check every source of config/sources and show it; all mistakes are told at once."""
    from leadloop.ingest.maps import load_map
    from leadloop.ingest.pull import read_mark
    from leadloop.ingest.sources import EventSource, load_sources

    settings = load_settings()
    rows = []
    for source in load_sources(settings):
        mark = read_mark(settings, source.name)
        feeds = source.as_files if isinstance(source, EventSource) else [source.as_files]
        for feed in feeds:
            table = load_map(settings, feed.map).table
            rows.append((feed.name, source.kind, feed.map, table, mark))
    if json_file != "-":
        show_table("Sources", ("source", "kind", "map", "table", "read up to"), rows)
        if not rows:
            say(f"None in {settings.config / 'sources'}: docs/sources.md shows how to add one.")
    names = ("source", "kind", "map", "table", "mark")
    write_json(json_file, [dict(zip(names, row, strict=True)) for row in rows])


@app.command("show")
def show_source(name: Name, json_file: Json = None) -> None:
    """Show a source as it was understood, defaults too, and its last pulls; secrets never."""
    from leadloop.ingest.pull import list_pulls
    from leadloop.ingest.sources import find_source

    settings = load_settings()
    source = find_source(settings, name)
    pulls = list_pulls(settings, name)
    if json_file != "-":
        for key, value in source.model_dump(mode="json").items():
            say(f"{key}: {escape(str(value))}")
        headers = ("day", "file", "rows_read", "requests", "repeats", "mark", "finished_at")
        rows = [[pull[header] for header in headers] for pull in pulls]
        show_table("\nPulls", [header.replace("_", " ") for header in headers], rows)
    write_json(json_file, {"source": source.model_dump(mode="json"), "pulls": pulls})


@app.command("try")
def try_(
    name: Name,
    date: Day,
    limit: Annotated[int, typer.Option(min=1, help="How many records at most.")] = 20,
    json_file: Json = None,
) -> None:
    """Ask a source for a few records and show what they would land as; nothing is kept."""
    from leadloop.ingest.commands import show_preview
    from leadloop.ingest.pull import try_source

    settings = load_settings()
    outcomes = try_source(settings, _find_pulled(settings, name), _check_day(date), limit)
    if json_file != "-":
        for outcome in outcomes:
            show_preview(outcome)
        if not outcomes:
            say(f"{name} has nothing for {date}.")
        say("Nothing was kept. `leadloop source pull` keeps it.")
    write_json(json_file, [outcome.to_dict() for outcome in outcomes])


@app.command("pull")
def pull(
    name: Name,
    date: Day,
    again: Annotated[bool, typer.Option(help="Ask again for a day that was pulled.")] = False,
    json_file: Json = None,
) -> None:
    """Pull a source into the inbox now; the daily cycle does the same before it collects."""
    from leadloop.ingest.pull import pull_source

    settings = load_settings()
    source = _find_pulled(settings, name)
    found = pull_source(settings, source, _check_day(date), again=again)
    if json_file != "-":
        traffic: Any = found.traffic
        say(f"{name}: {found.rows:,} record(s) in {found.file or 'no new file'}")
        if traffic.requests:
            say(f"  {traffic.requests} request(s), {traffic.repeats} of them repeated")
        say(f"  read up to: {found.mark or '(day by day)'}")
    write_json(json_file, found.to_dict())


def _find_pulled(settings: Settings, name: str) -> ApiSource | DatabaseSource:
    from leadloop.ingest.sources import EventSource, find_source

    source = find_source(settings, name)
    if isinstance(source, EventSource):
        message = f"{name} is pushed, not pulled: `leadloop live` takes its events in."
        raise UsageError(message)
    return source


def _check_day(text: str) -> str:
    from datetime import date

    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        message = f"{text!r} is not a day; wanted YYYY-MM-DD, such as 2026-01-31."
        raise UsageError(message) from error
