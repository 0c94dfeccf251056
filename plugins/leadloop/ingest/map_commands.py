"""`leadloop map ...`: draft a map from a file, try one on a file, list what there is."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from leadloop.console import Json, fail, is_wide, say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from leadloop.ingest.draft_shapes import Draft

app = typer.Typer(help="Maps from a dialler's or CRM's files to the contract.")


@app.command("draft")
def draft(
    file: Annotated[Path, typer.Argument(help="A file of the source: CSV, XLSX, JSON, Parquet.")],
    name: Annotated[
        str | None, typer.Option(help="Name of the map; by default the file's.")
    ] = None,
    table: Annotated[
        str | None, typer.Option(help="Table of the contract; by default what fits best.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write it; - for standard output.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Write over a map of this name.")] = False,
    json_file: Json = None,
) -> None:
    """Propose a map from a sample: each column with how sure it is, and questions where unsure."""
    from leadloop.contract import TABLES
    from leadloop.ingest.draft_text import write_draft
    from leadloop.ingest.drafting import draft_map
    from leadloop.ingest.sampling import name_source, read_sample
    from leadloop.ingest.vocabulary import load_vocabulary
    from leadloop.privacy.phones import PhoneHasher

    settings = load_settings()
    called = name or name_source(file)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", called):
        message = f"The name {called!r} is none; wanted small letters, digits and _: --name NAME."
        raise UsageError(message)
    if table is not None and table not in TABLES:
        message = f"There is no table {table!r}; wanted one of {', '.join(TABLES)}."
        raise UsageError(message)
    target = out or settings.config / "maps" / f"{called}.yml"
    if str(target) != "-" and target.exists() and not force:
        message = f"{target} is there already: give another --name, or --force to write over it."
        raise UsageError(message)
    # A key of no company: nothing is kept, numbers are only told from other texts.
    hasher = PhoneHasher(b"draft", settings.company.phone_region)
    found = draft_map(read_sample(file), load_vocabulary(settings), hasher, table)
    text = write_draft(found, called, settings.company)
    if str(target) == "-":
        typer.echo(text, nl=False)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    if json_file != "-":
        _show_draft(found, target, called, file)
    write_json(json_file, _tell_draft(found, target))


@app.command("check")
def check(
    names: Annotated[list[str], typer.Argument(help="Shipped names or paths of maps.")],
    file: Annotated[
        Path | None, typer.Option(help="Also try it on this file; nothing is written.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Run the tests that maps carry; with --file, say what of a file would land and what is odd."""
    from leadloop.ingest.maps import check_map, find_map

    settings = load_settings()
    if file is not None and len(names) != 1:
        message = f"--file tries one map, seen {len(names)}: give one name."
        raise UsageError(message)
    failures: list[str] = []
    for name in names:
        found = check_map(find_map(settings, name))
        if json_file != "-":
            say(f"{name}: its tests {'hold' if not found else f'fail {len(found)} time(s)'}")
        failures += found
    for failure in failures:
        fail(failure)
    tried = _try_file(names[0], file, json_file) if file is not None else []
    write_json(json_file, {"failures": failures, "files": tried})
    if failures or any(item["findings"] for item in tried):
        raise typer.Exit(1)


@app.command("list")
def list_command(json_file: Json = None) -> None:
    """List the maps that there are: the company's own and those shipped."""
    from leadloop.errors import LeadloopError
    from leadloop.ingest.maps import list_maps, read_map

    settings = load_settings()
    rows: list[dict[str, Any]] = []
    for name, path in list_maps(settings).items():
        try:
            found = read_map(path)
            rows.append({"map": name, "table": found.table, "says": found.description})
        except LeadloopError as error:
            rows.append({"map": name, "table": None, "says": str(error).split("\n")[0]})
    if json_file != "-":
        cells = [tuple(row.values()) for row in rows]
        show_table("Maps", ("map", "table", "what"), cells, whole=2)
    write_json(json_file, rows)


def _try_file(name: str, file: Path, json_file: str | None) -> list[dict[str, Any]]:
    from leadloop.ingest.load import import_files
    from leadloop.ingest.plausibility import judge_preview

    settings = load_settings()
    day = str(datetime.now(settings.company.zone).date())
    tried = []
    for outcome in import_files(settings, [file], name, load_date=day, dry_run=True):
        found = judge_preview(outcome)
        tried.append({"file": outcome.file, "read": outcome.read, "landed": outcome.landed,
                      "quarantined": outcome.quarantined, **found})  # fmt: skip
        if json_file != "-":
            say(
                f"{escape(outcome.file)}: {outcome.read:,} rows read, {outcome.landed:,} would "
                f"land, {outcome.duplicate:,} duplicate, {outcome.quarantined:,} refused"
            )
            for line in found["findings"]:
                say(f"  [red]wrong[/] {escape(line)}")
            for line in found["remarks"]:
                say(f"  [yellow]look[/]  {escape(line)}")
            if not found["findings"]:
                say(f"  [green]ok[/]    leadloop import {escape(str(file))} --map {escape(name)}")
    return tried


def _show_draft(found: Draft, target: Path, name: str, file: Path) -> None:
    say(
        f"{escape(str(found.sample.document))}: {found.sample.rows:,} rows looked at, "
        f"{len(found.sample.columns)} columns; taken for [bold]{found.table.name}[/]"
    )
    if found.sample.others:
        say(f"  {found.sample.others} more file(s) there were not looked at")
    if found.sample.broken:
        say(f"  {found.sample.broken:,} line(s) were no rows")
    rows = [
        (choice.column, _tell_source(choice.spec), choice.level, choice.why,
         ", ".join(choice.samples))
        for choice in found.choices
    ]  # fmt: skip
    headers: tuple[str, ...] = ("column", "from", "how sure", "why", "such as")
    width = len(headers) if is_wide() else 3
    show_table("\nDraft", headers[:width], [row[:width] for row in rows], whole=3)
    if found.unread:
        say(f"\nNot read: {escape(', '.join(found.unread))}")
    if found.questions:
        say("\n[bold]Questions[/]")
        for number, question in enumerate(found.questions, start=1):
            say(f"  {number}. {escape(question)}")
    say(f"\nWritten: {escape(str(target))}. Answer the questions there, then:")
    say(f"  leadloop map check {name} --file {escape(str(file))}")


def _tell_source(spec: dict[str, Any]) -> str:
    from leadloop.ingest.maps import ColumnMap

    return ColumnMap.model_validate(spec).describe()


def _tell_draft(found: Draft, target: Path) -> dict[str, Any]:
    return {
        "map": str(target),
        "table": found.table.name,
        "rows": found.sample.rows,
        "columns": [
            {"column": c.column, "spec": c.spec, "level": c.level, "why": c.why}
            for c in found.choices
        ],
        "questions": list(found.questions),
        "unread": list(found.unread),
    }
