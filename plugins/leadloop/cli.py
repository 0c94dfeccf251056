"""The `leadloop` command: reads arguments, calls one function, shows what came back.

Exit codes: 0 done, 1 the work failed or a gate stopped it, 2 wrong use.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from leadloop import __version__
from leadloop.actions.commands import app as actions_app
from leadloop.console import Json, fail, say, write_json
from leadloop.errors import LeadloopError, UsageError
from leadloop.evaluate.commands import app as evaluate_app
from leadloop.explain_commands import app as explain_app
from leadloop.ingest.commands import import_command, loads_app, quarantine_app
from leadloop.ingest.map_commands import app as map_app
from leadloop.ingest.source_commands import app as source_app
from leadloop.language.commands import train_app
from leadloop.live.commands import live
from leadloop.privacy.commands import app as privacy_app
from leadloop.privacy.erase_commands import app as erase_app
from leadloop.publish.commands import app as published_app
from leadloop.rules.commands import app as rules_app
from leadloop.settings import load_settings
from leadloop.simulate.commands import app as simulate_app
from leadloop.web.commands import board

app = typer.Typer(
    help=__doc__.splitlines()[0],
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(map_app, name="map", no_args_is_help=True)
app.command(name="import")(import_command)
app.add_typer(quarantine_app, name="quarantine", no_args_is_help=True)
app.add_typer(loads_app, name="loads", no_args_is_help=True)
app.add_typer(train_app, name="train", no_args_is_help=True)
app.add_typer(rules_app, name="rules", no_args_is_help=True)
app.add_typer(actions_app, name="actions", no_args_is_help=True)
app.add_typer(source_app, name="source", no_args_is_help=True)
app.add_typer(privacy_app, name="privacy", no_args_is_help=True)
app.command()(board)
app.command()(live)
app.add_typer(explain_app)
app.add_typer(published_app)
app.add_typer(erase_app)
app.add_typer(simulate_app)
app.add_typer(evaluate_app, name="evaluate", no_args_is_help=True)

Day = Annotated[str, typer.Option(help="Business day, such as 2026-01-31.")]


def main() -> None:
    """Run the command line and leave with the documented exit code."""
    try:
        app()
    except LeadloopError as error:
        fail(str(error))
        sys.exit(error.exit_code)


@app.command()
def version() -> None:
    """Show the version."""
    say(__version__)


@app.command()
def doctor(json_file: Json = None) -> None:
    """Check the machine and the home; say what is wrong and how to mend it."""
    from leadloop.doctor import examine

    checks = examine(load_settings())
    if json_file != "-":
        for check in checks:
            mark = {"ok": "[green]ok  [/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]"}
            say(f"{mark[check.state]} {check.name}: {check.seen}")
            if check.remedy:
                say(f"     -> {check.remedy}")
    write_json(json_file, [check.as_dict() for check in checks])
    if any(check.state == "fail" for check in checks):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Bring the operations store to the newest schema; every command does so by itself too."""
    import sqlalchemy

    from leadloop import migrations, opstore

    settings = load_settings()
    with opstore.transaction(settings):
        shown = sqlalchemy.make_url(settings.operations_url).render_as_string(hide_password=True)
    say(f"The operations store {shown} is at version {migrations.HEAD}.")


@app.command()
def demo() -> None:
    """Make a company, load its history, run real cycles, say what was found."""
    from leadloop.demo import run_demo

    raise typer.Exit(run_demo(load_settings()))


@app.command()
def run(
    cycle: Annotated[Literal["daily", "weekly", "monthly", "maintenance"], typer.Argument()],
    date: Day,
    json_file: Json = None,
) -> None:
    """Run one cycle's DAG here and now, in one process, for the period that holds the day."""
    day = check_day(date)
    from leadloop.cycles import run_cycle

    settings = load_settings()
    started = datetime.now(UTC)
    code = run_cycle(settings, cycle, day, quiet=json_file == "-")
    seconds = round((datetime.now(UTC) - started).total_seconds(), 1)
    write_json(json_file, {"cycle": cycle, "date": date, "exit_code": code, "seconds": seconds})
    raise typer.Exit(code)


@app.command()
def backfill(
    from_: Annotated[str, typer.Option("--from", help="First day.")],
    to: Annotated[str, typer.Option("--to", help="Last day.")],
) -> None:
    """Load a history in bulk: one daily cycle that collects all days from first to last."""
    first, last = check_day(from_), check_day(to)
    if first > last:
        message = f"--from {first} lies after --to {last}."
        raise UsageError(message)
    from leadloop.cycles import run_cycle

    raise typer.Exit(run_cycle(load_settings(), "daily", last, since=first))


@app.command()
def up() -> None:
    """Start Airflow (api-server, scheduler, dag-processor, triggerer) on loopback."""
    from leadloop import launcher

    launcher.start(load_settings())


@app.command()
def down() -> None:
    """Stop what `up` started."""
    from leadloop import launcher

    launcher.stop(load_settings())


@app.command()
def report(
    date: Annotated[str | None, typer.Option(help="Day shown; the last published one.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write it.")] = None,
) -> None:
    """Write the report of the published marts as one HTML file."""
    from leadloop.pointer import read_pointer
    from leadloop.publish.report import write_report

    settings = load_settings()
    day = check_day(date) if date else read_pointer(settings.home).get("data_until")
    if not day:
        message = "Nothing is published yet: run `leadloop run daily --date DAY` or `make demo`."
        raise LeadloopError(message)
    say(str(write_report(settings, day, path=out)))


def check_day(text: str) -> str:
    """Return the text if it is a calendar day such as 2026-01-31, else raise UsageError."""
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
        except ValueError:
            pass
        else:
            return text
    message = f"{text!r} is not a day; wanted YYYY-MM-DD, such as 2026-01-31."
    raise UsageError(message)
