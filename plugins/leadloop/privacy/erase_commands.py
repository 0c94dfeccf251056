"""`leadloop erase` and `leadloop vault` on the command line."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop.console import Json, say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_SHOWN = 5
# Without a name: its commands stand beside those of the whole program.
app = typer.Typer()
vault_app = typer.Typer(help="Files encrypted at rest: recordings and whatever else is raw.")
app.add_typer(vault_app, name="vault", no_args_is_help=True)
Files = Annotated[list[Path], typer.Argument(exists=True, dir_okay=False)]


@app.command("erase")
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


@vault_app.command("encrypt")
def vault_encrypt(files: Files) -> None:
    """Encrypt files in place: each becomes NAME.vault, the plain one goes."""
    from leadloop.privacy import vault

    keys = vault.load_keys(load_settings().home)
    for path in files:
        say(str(vault.encrypt_file(path, keys)))


@vault_app.command("decrypt")
def vault_decrypt(files: Files) -> None:
    """Write files of the vault in the clear, without .vault; the encrypted ones stay."""
    from leadloop.privacy import vault

    keys = vault.load_keys(load_settings().home)
    for path in files:
        say(str(vault.decrypt_file(path, keys)))


@vault_app.command("rotate")
def vault_rotate(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Also these, outside of the home.")
    ] = None,
    drop_unused: Annotated[
        bool, typer.Option(help="Delete keys that no file under the home needs any more.")
    ] = False,
    json_file: Json = None,
) -> None:
    """Make a new key and encrypt every file under the home with it; a killed run goes on."""
    from leadloop.privacy import vault

    home = load_settings().home
    paths = [*vault.list_files(home), *(files or ())]
    keys = vault.load_keys(home)
    # Files of several keys are what a killed rotation leaves: it is finished with the same key.
    if set(vault.count_keys(paths)) <= {keys.current} and keys.current != vault.FROM_ENVIRONMENT:
        vault.add_key(home)
        keys = vault.load_keys(home)
    counts = vault.rotate_files(paths, keys)
    dropped = vault.remove_unused_keys(home, keys) if drop_unused else []
    if json_file != "-":
        say(f"{counts['rotated']} file(s) are under key {keys.current} now.")
        if dropped:
            say(f"Deleted: {', '.join(dropped)}")
    write_json(json_file, {**counts, "key_id": keys.current, "dropped": dropped})


@vault_app.command("status")
def vault_status(json_file: Json = None) -> None:
    """Show the keys and how many files under the home each has."""
    from leadloop.privacy import vault

    home = load_settings().home
    keys = vault.load_keys(home)
    counts = vault.count_keys(vault.list_files(home))
    rows = [
        {"key_id": key_id, "files": counts.get(key_id, 0), "is_current": key_id == keys.current}
        for key_id in sorted({*keys.by_id, *counts})
    ]
    if json_file != "-":
        shown = [
            (row["key_id"], row["files"], "current" if row["is_current"] else "") for row in rows
        ]
        show_table("Vault", ("key", "files", ""), shown)
        for key_id in sorted(set(counts) - set(keys.by_id)):
            say(f"  key {key_id} is missing: its files cannot be opened")
    write_json(json_file, rows)


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
