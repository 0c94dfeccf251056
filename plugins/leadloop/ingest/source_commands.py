"""`leadloop source`: shows, checks and pulls the sources of config/sources."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloop.console import Json, say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.settings import load_settings

app = typer.Typer(help="APIs, databases and events as sources.")


@app.command("list")
def list_command(json_file: Json = None) -> None:
    """Check every source of config/sources and show it; all mistakes are told at once."""
    from leadloop.ingest.maps import load_map
    from leadloop.ingest.pull import read_mark
    from leadloop.ingest.sources import EventSource, load_sources

    settings = load_settings()
    rows = []
    for source in load_sources(settings):
        feeds = source.as_files if isinstance(source, EventSource) else [source.as_files]
        for feed in feeds:
            table = load_map(settings, feed.map).table
            mark = read_mark(settings, source.name)
            rows.append(
                {"source": feed.name, "kind": source.kind, "map": feed.map, "table": table,
                 "mark": mark}
            )  # fmt: skip
    if json_file != "-":
        headers = ("source", "kind", "map", "table", "read up to")
        show_table("Sources", headers, [tuple(row.values()) for row in rows])
        if not rows:
            say(f"None in {settings.config / 'sources'}: docs/sources.md shows how to add one.")
    write_json(json_file, rows)


@app.command("pull")
def pull(
    name: Annotated[str, typer.Argument(help="Name of an API or database source.")],
    date: Annotated[str, typer.Option(help="Business day, such as 2026-01-31.")],
    again: Annotated[bool, typer.Option(help="Ask again for a day that is there.")] = False,
    json_file: Json = None,
) -> None:
    """Pull a source into the inbox now; the daily cycle does the same before it collects."""
    from datetime import date as calendar

    from leadloop.ingest.pull import pull_source
    from leadloop.ingest.sources import EventSource, find_source

    settings = load_settings()
    try:
        day = calendar.fromisoformat(date).isoformat()
    except ValueError as error:
        message = f"{date!r} is not a day; wanted YYYY-MM-DD, such as 2026-01-31."
        raise UsageError(message) from error
    source = find_source(settings, name)
    if isinstance(source, EventSource):
        message = f"{name} is pushed, not pulled: `leadloop live` takes its events in."
        raise UsageError(message)
    found = pull_source(settings, source, day, again=again)
    if json_file != "-":
        traffic = found.traffic
        say(f"{name}: {found.rows} record(s) in {found.file or 'no new file'}")
        if traffic.requests:
            say(
                f"  {traffic.pages} page(s), {traffic.requests} request(s), "
                f"{traffic.repeats} retried"
            )
        say(f"  read up to: {found.mark or '(day by day)'}")
    write_json(json_file, found.to_dict())
