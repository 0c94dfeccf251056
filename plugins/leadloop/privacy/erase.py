"""`leadloop erase`: one person out of every file under the home, with a proof and no trace.

What to look for is written down first (`run/erasure.json`, gone at the end), so that an erasure
killed anywhere is finished by the next one. Order: keys that may not land again, landing, the
databases, the operations store, back-ups, all other files, the proof. docs/erasure.md says what is
kept and what is not ours to erase.
"""

from __future__ import annotations

import filecmp
import json
import os
import secrets
import shutil
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from leadloop import contract, opstore, pointer, warehouse
from leadloop.errors import UsageError
from leadloop.keys import load_key
from leadloop.privacy import erased
from leadloop.privacy.erase_files import Sweep, erase_backups, find_in_home, sweep_home
from leadloop.privacy.erase_store import erase_operations
from leadloop.privacy.erase_tables import (
    erase_landing,
    reopen_days,
    replace_file,
    rewrite_database,
    select_others,
)
from leadloop.privacy.person import (
    ErasureError,
    Plan,
    check_one_person,
    complete_plan,
    require_seed,
    write_numbers,
)
from leadloop.privacy.phones import PhoneHasher, split_e164
from leadloop.privacy.redaction import SHORTEST, Redactor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from leadloop.settings import Home, Settings

PENDING: Final = "erasure.json"
_LEFT: Final = (
    "{} file(s) that are not ours to rewrite still tell of the person (--inbox takes lines out of "
    "the inbox; what is left then is to be removed by hand)."
)


def plan_erasure(
    settings: Settings,
    who: dict[str, str | None],
    *,
    by: str,
    scope: str = "person",
) -> Plan:
    """Return what an erasure would look for, with the rows of landing that it would take.

    `who` is a phone or a customer (and a source, where ids are not the company's own). The scope
    is `person` (follow the ids), `exact` (only rows that carry what was given) or `linked` (follow
    them to several customers).
    """
    phone, customer = who.get("phone"), who.get("customer")
    require_seed(phone, customer)
    hasher = PhoneHasher(load_key(settings, "phone_hash"), settings.company.phone_region)
    plan = Plan(
        erasure_id=secrets.token_hex(8),
        asked_for="phone" if phone else "customer",
        asked_by=by,
        asked_at=opstore.now().isoformat(),
        identity={},
        source=who.get("source"),
    )
    if phone:
        number = split_e164(phone, settings.company.phone_region)
        if number is None:
            message = (
                "What --phone gives is no phone number; wanted one with its area code, such as "
                "+86 138 0013 8000."
            )
            raise UsageError(message)
        hashed = hasher.hash(number[0])
        # Where a source keys people by their number, the door has hashed that id as well.
        plan.identity = {kind: [hashed] for kind in erased.IDENTITY}
        plan.numbers = write_numbers(phone, number[0])
    else:
        plan.identity = {"customer_id": [hide_number(hasher, str(customer))]}
    complete_plan(settings.home, plan, follow=scope != "exact")
    check_one_person(plan, linked=scope == "linked")
    _note_limits(plan)
    return plan


def hide_number(hasher: PhoneHasher, text: str) -> str:
    """Return an id as the door writes it: a mobile number as its hash."""
    import pyarrow as pa

    return str(hasher.hide_numbers(pa.array([text], pa.string()))[0].as_py())


def _note_limits(plan: Plan) -> None:
    if any(len(value) < SHORTEST for value in plan.list_ids()):
        plan.notes.append(
            f"An id has fewer than {SHORTEST} characters: in free words (logs, mails, the inbox) "
            "it cannot be told from a count, so it was looked for in tables and JSON only."
        )
    if plan.asked_for == "customer":
        plan.notes.append(
            "The number itself is not known here: files that hold it and no id of the person "
            "(inbox, recordings) are found with --phone."
        )


def preview_erasure(settings: Settings, plan: Plan) -> dict[str, Any]:
    """Return what an erasure would do, without names; nothing is written."""
    sweep = Sweep(settings.home, plan, Redactor(plan), "", clears_inbox=False)
    return {
        "landing_rows": plan.landed,
        "keys": {kind: len(values) for kind, values in plan.identity.items()},
        "days": len(plan.dates),
        "inbox_files": find_in_home(sweep),
        "notes": plan.notes,
    }


def carry_through(settings: Settings, plan: Plan, *, inbox: bool = False) -> dict[str, Any]:
    """Return the proof of an erasure that was carried through; a second run changes nothing."""
    home = settings.home
    _write_pending(home, plan)
    erased.register(settings, plan.erasure_id, plan.list_keys())
    redactor = Redactor(plan)
    tombstone = f"erased-{plan.erasure_id}"
    sweep = Sweep(home, plan, redactor, tombstone, clears_inbox=inbox)
    steps: tuple[tuple[str, Callable[[], dict[str, int]]], ...] = (
        ("landing_files", lambda: _erase_landing(plan)),
        ("databases", lambda: erase_databases(settings, plan, redactor)),
        ("operations", lambda: erase_operations(settings, redactor, tombstone)),
        ("backups", lambda: erase_backups(sweep)),
        ("files", lambda: _erase_files(sweep)),
    )
    for name, step in steps:
        plan.removed[name] = _add_up(plan.removed.get(name, {}), step())
        _write_pending(home, plan)
    return _prove(settings, plan, sweep.left)


def _add_up(before: dict[str, int], now: dict[str, int]) -> dict[str, int]:
    """Return the counts of a step that was killed and of the run that finishes it."""
    return {name: before.get(name, 0) + now.get(name, 0) for name in sorted({*before, *now})}


def _erase_files(sweep: Sweep) -> dict[str, int]:
    for name in ("as_of", "duckdb", "ingest"):
        shutil.rmtree(sweep.home.cache / name, ignore_errors=True)
    sweep_home(sweep, skip=_list_done(sweep.home))
    return dict(sweep.changed)


def _list_done(home: Home) -> tuple[Path, ...]:
    store = [home.operations.with_name(home.operations.name + end) for end in ("", "-wal", "-shm")]
    return (
        home.landing,
        home.warehouse.parent,
        home.marts,
        home.run,
        home.secrets,
        home.backups,
        *store,
    )


def _erase_landing(plan: Plan) -> dict[str, int]:
    files = {name: erase_landing(name, plan) for name in contract.TABLES}
    return {name: count for name, count in files.items() if count}


def erase_databases(settings: Settings, plan: Plan, redactor: Redactor) -> dict[str, int]:
    """Return the rows left out of the warehouse, the marts under construction and the marts.

    Readers are sent to a new version; those of before are removed. The one that a reader may just
    have been sent to stays as a second name of the new one.
    """
    from filelock import FileLock

    home = settings.home
    found: dict[str, dict[str, int]] = {}
    with FileLock(home.run / "publish.lock"):
        if home.warehouse.exists():
            with warehouse.open_warehouse(home, marts=home.marts_build.exists()) as connection:
                connection.execute("checkpoint")
                if home.marts_build.exists():
                    connection.execute("checkpoint marts_build")
        is_published = _is_build_published(home)
        if home.warehouse.exists():
            found["warehouse"] = rewrite_database(home.warehouse, plan, redactor)
            reopen_days(home, plan.dates)
        if home.marts_build.exists():
            counts = rewrite_database(home.marts_build, plan, redactor, warehouse.STORAGE_VERSION)
            found["marts_build"] = counts
        found["marts"] = _replace_versions(home, plan, redactor, is_published)
    return {name: sum(counts.values()) for name, counts in found.items()}


def _is_build_published(home: Home) -> bool:
    """Return whether the marts under construction are those that are published, byte for byte."""
    current = pointer.read_link(home)
    if current is None or not home.marts_build.exists():
        return False
    return filecmp.cmp(home.marts / current, home.marts_build, shallow=False)


def _replace_versions(
    home: Home, plan: Plan, redactor: Redactor, is_published: bool
) -> dict[str, int]:
    versions = pointer.list_versions(home)
    current = next((version for version in versions if version.is_current), None)
    for left in home.marts.glob("*.tmp*"):
        left.unlink()
    if current is None:
        return {}
    stamp = opstore.now().strftime("%Y%m%dT%H%M%SZ")
    version = home.marts / f"marts_{stamp}_{versions[0].number + 1:06d}.duckdb"
    draft = version.with_name(f"{version.name}.tmp")
    select, storage = select_others(plan, redactor), warehouse.STORAGE_VERSION
    before = _count_rows(home, current.path)
    if is_published:
        shutil.copyfile(home.marts_build, draft)
    else:
        warehouse.copy_database(current.path, draft, select, storage)
    after = _count_rows(home, draft)
    replace_file(draft, version)
    pointer.swap_link(home, version)
    changes = {"version": pointer.name_version(version), "file": version.name, "tables": after}
    pointer.write_pointer(home, changes)
    for old in versions:
        if old.is_current:
            second = old.path.with_name(f".{old.path.name}.link")
            second.unlink(missing_ok=True)
            second.hardlink_to(version)
            second.replace(old.path)
        else:
            old.path.unlink()
    return {name: before[name] - count for name, count in after.items() if before[name] != count}


def _count_rows(home: Home, path: Path) -> dict[str, int]:
    with warehouse.open_marts(home, path) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'main' order by all"
        ).fetchall()
        counts = {}
        for (name,) in names:
            query = f'select count(*) from "{name}"'  # noqa: S608 - a name of the catalogue
            counts[name] = int((connection.execute(query).fetchone() or (0,))[0])
    return counts


def _prove(settings: Settings, plan: Plan, left: list[str]) -> dict[str, Any]:
    proof = {
        "erasure_id": plan.erasure_id,
        "asked_for": plan.asked_for,
        "asked_by": plan.asked_by,
        "asked_at": datetime.fromisoformat(plan.asked_at),
        "finished_at": opstore.now(),
        "removed": {"landing_rows": plan.landed, **plan.removed},
        # Their names stay out of it: a file may be called by a number.
        "notes": [*plan.notes, *([_LEFT.format(len(left))] if left else [])],
    }
    opstore.insert_new(settings, erased.erasures, proof)
    (settings.home.run / PENDING).unlink()
    pointer.sync_folder(settings.home.run)
    return {**proof, "left": left, "days": plan.dates}


def finish_pending(settings: Settings, *, inbox: bool = False) -> dict[str, Any] | None:
    """Return the proof of an erasure that was killed and is finished now; None if none was."""
    path = settings.home.run / PENDING
    if not path.exists():
        return None
    plan = Plan(**json.loads(path.read_text(encoding="utf-8")))
    return carry_through(settings, plan, inbox=inbox)


def _write_pending(home: Home, plan: Plan) -> None:
    before = os.umask(0o077)
    try:
        text = json.dumps(plan.to_dict(), ensure_ascii=False)
        pointer.write_whole(home.run / PENDING, text)
    finally:
        os.umask(before)


@contextmanager
def hold_everything(settings: Settings) -> Iterator[None]:
    """Hold the home alone: no cycle, no import, no Airflow of ours meanwhile."""
    import filelock

    from leadloop.cycle_run import hold_home
    from leadloop.services import read_service

    home = settings.home
    running = [
        note.stem
        for note in sorted(home.run.glob("airflow-*.json"))
        if (service := read_service(home, note.stem)) and service.is_running()
    ]
    if running:
        message = (
            f"Airflow is up ({', '.join(running)}): its cycles and logs would write the person "
            "back. Run `leadloop down`, erase, then `leadloop up`."
        )
        raise ErasureError(message)
    with hold_home(home, "erase"):
        try:
            with filelock.FileLock(home.run / "ingest.lock", timeout=600):
                yield
        except filelock.Timeout as error:
            message = f"An import has held {home.run / 'ingest.lock'} for 600 s: wait, or end it."
            raise ErasureError(message) from error
