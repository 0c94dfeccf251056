"""`leadloop metrics`, `as-of` and `docs`: numbers by name, as they were published, their models."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop import published
from leadloop.as_of import rebuild
from leadloop.console import Json, say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.metrics import query
from leadloop.publish.fingerprints import hash_day, hash_marts
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from leadloop.as_of import Rebuilt
    from leadloop.settings import Settings

app = typer.Typer()


@app.command(name="metrics")
def show_metrics(
    names: Annotated[list[str], typer.Argument(help="Metrics of the catalogue.")],
    by: Annotated[list[str] | None, typer.Option(help="Split by a dimension; repeat it.")] = None,
    start: Annotated[str | None, typer.Option(help="First day (or period).")] = None,
    end: Annotated[str | None, typer.Option(help="Last day (or period).")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="As they stood once this day had been published.")
    ] = None,
    grain: Annotated[str, typer.Option(help="With --as-of: day, week or month.")] = "day",
    json_file: Json = None,
) -> None:
    """Show numbers with k, n and interval; with --as-of as they were published then."""
    settings = load_settings()
    if as_of is None:
        values = query(settings, names, by=tuple(by or ()), start=start, end=end)
        rows = [
            {"metric": v.metric, **v.dimensions, **{f: getattr(v, f) for f in _NUMBERS}}
            for v in values
        ]
    else:
        rows = _read_published(settings, (as_of, grain), names, set(by or ()) - {grain})
        rows = [r for r in rows if (start or "") <= r["period"] <= (end or "9")]
    if json_file != "-":
        headers = list(dict.fromkeys(name for row in rows for name in row))
        show_table("", headers, [[row.get(name) for name in headers] for row in rows])
    write_json(json_file, rows)


_NUMBERS = ("k", "n", "value", "low", "high", "state")


def _read_published(
    settings: Settings, when: tuple[str, str], names: list[str], by: set[str]
) -> list[dict[str, Any]]:
    day, grain = when
    if grain not in ("day", "week", "month"):
        message = f"--grain {grain!r} is none of day, week, month."
        raise UsageError(message)
    found = []
    for row in published.read_as_of(settings, day, names, grain=grain):
        dims = json.loads(row["dims"])
        if set(dims) == by:
            shown = {name: row[name] for name in (*_NUMBERS, "as_of", "version")}
            found.append({"metric": row["metric"], "period": row["period"], **dims, **shown})
    return found


@app.command(name="as-of")
def build_as_of(
    day: Annotated[str, typer.Argument(help="Day whose cycle was published.")],
    json_file: Json = None,
) -> None:
    """Build a day again from the files of its publication; say whether its rows are the same."""
    rebuilt = rebuild(load_settings(), day, hash_marts, hash_day)
    if json_file != "-":
        _show(rebuilt)
    same = rebuilt.compare()
    write_json(
        json_file,
        {name: getattr(rebuilt, name) for name in rebuilt.__slots__} | {"is_same": same},
    )
    if not all(same.values()):
        raise typer.Exit(1)


@app.command(name="docs")
def write_docs() -> None:
    """Write dbt's documentation of all models and metrics as one HTML file that needs no server."""
    from leadloop.transform import build_docs

    say(str(build_docs(load_settings())))


def _show(rebuilt: Rebuilt) -> None:
    same = rebuilt.compare()
    words = {True: "equal", False: "different", None: "not dated"}
    rows = [
        (name, digest[:12], rebuilt.of_day.get(name, "-")[:12], words[same.get(name)])
        for name, digest in sorted(rebuilt.whole.items())
    ]
    show_table("", ["mart", "all rows", f"rows of {rebuilt.day}", "as published"], rows)
    say(f"{rebuilt.files} files of {rebuilt.snapshot_id}, built in {rebuilt.home}")
    if rebuilt.missing:
        say(f"{len(rebuilt.missing)} files of it are gone: erased, or removed by hand.")
    if not rebuilt.is_same_code:
        say("The models' code has changed since: what is different may come from that.")
