"""`leadloop erase` and `leadloop vault` on the command line."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop.console import say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN = 5
Json = Annotated[
    str | None, typer.Option("--json", help="Also write the result as JSON; - for standard output.")
]


def erase_command(
    phone: Annotated[str | None, typer.Option(help="Number of the person.")] = None,
    customer: Annotated[str | None, typer.Option(help="Customer id of the person.")] = None,
    source: Annotated[
        str | None, typer.Option(help="System whose id it is, where systems share ids.")
    ] = None,
    exact: Annotated[bool, typer.Option(help="Only rows that carry what was given.")] = False,
    linked: Annotated[bool, typer.Option(help="Also if it leads to several customers.")] = False,
    inbox: Annotated[bool, typer.Option(help="Also take lines out of files in the inbox.")] = False,
    by: Annotated[str | None, typer.Option(help="Who asks; the login by default.")] = None,
    dry_run: Annotated[bool, typer.Option(help="Show what would go; write nothing.")] = False,
    json_file: Json = None,
) -> None:
    """Erase one person from every file under the home; keep a proof without their data."""
    from leadloop.privacy import erase

    if exact and linked:
        message = "--exact and --linked contradict each other; wanted one of them at most."
        raise UsageError(message)
    settings = load_settings()
    who = {"phone": phone, "customer": customer, "source": source}
    scope = "exact" if exact else "linked" if linked else "person"
    asked_by = by or getpass.getuser()
    if dry_run:
        plan = erase.plan_erasure(settings, who, by=asked_by, scope=scope)
        result = erase.preview_erasure(settings, plan)
    else:
        with erase.hold_everything(settings):
            if erase.finish_pending(settings, inbox=inbox):
                say("An erasure that had been interrupted is finished.")
            plan = erase.plan_erasure(settings, who, by=asked_by, scope=scope)
            result = erase.carry_through(settings, plan, inbox=inbox)
    if json_file != "-":
        _show(result, dry_run)
    write_json(json_file, result)


def _show(result: Mapping[str, Any], dry_run: bool) -> None:
    if dry_run:
        rows = sorted(result["landing_rows"].items())
        show_table("Dry run: nothing was written", ("landing table", "rows"), rows)
        say(f"  keys of the person: {result['keys']}, days: {result['days']}")
        _list_files("in the inbox", result["inbox_files"])
    else:
        counts = [
            (place, what, count)
            for place, found in result["removed"].items()
            for what, count in found.items()
        ]
        show_table(f"Erased; proof {result['erasure_id']}", ("place", "what", "count"), counts)
        _list_files("left", result["left"])
    for note in result["notes"]:
        say(f"  {note}")


def _list_files(title: str, names: Sequence[str]) -> None:
    for name in names[:_SHOWN]:
        say(f"  {title}: {name}")
    if len(names) > _SHOWN:
        say(f"  {title}: {len(names) - _SHOWN} more (--json lists all)")
