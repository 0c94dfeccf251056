"""Publishing: the marts under construction become a new version, whole or not at all.

Copy, sync, verify, rename, swap the symlink, swap the pointer file. Readers hold on to the version
they opened; a kill at any point leaves the earlier one in place. Neighbours: `leadloop.pointer`
(versions and pointer), `leadloop.transform` (what is built), `leadloop.quality` (whether it may).
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore, pointer, warehouse
from leadloop.pointer import list_versions
from leadloop.publish.copies import copy_file, count_rows, verify_copy
from leadloop.publish.errors import PublishError
from leadloop.publish.fingerprints import hash_marts
from leadloop.publish.publications import keep_publication

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadloop.settings import Home, Settings

__all__ = ["PublishError", "hash_marts", "list_versions", "publish_day"]

_DRAFT = ".tmp"


def publish_day(settings: Settings, day: str, *, cycle: str = "daily") -> dict[str, Any]:
    """Return what was published: version, data_until, tables with row counts, gates, held loads.

    Publishing the same marts again makes a new version with the same rows.
    """
    with opstore.record_step(settings, cycle, day, "publish") as detail, lock_marts(settings.home):
        refuse_ungated(settings, cycle, day)
        content = make_version(settings, cycle, day)
        removed = pointer.remove_old_versions(
            settings.home, settings.company.retention.marts_versions
        )
        kept = keep_publication(settings, content)
        # A week or month builds summaries alone: what is pending stays pending for the next day.
        if cycle == "daily":
            from leadloop import transform

            transform.mark_built(settings, day)
        detail.update(content, removed=removed, kept=kept)
    return content


def make_version(settings: Settings, cycle: str, day: str) -> dict[str, Any]:
    """Copy what was built into a new version, send readers there; return the pointer's content."""
    home = settings.home
    remove_leftovers(home)
    draft, counts = copy_build(home)
    data_until = verify_copy(home, draft, counts)
    version = draft.with_suffix("")
    draft.rename(version)
    pointer.sync_folder(home.marts)
    pointer.swap_link(home, version)
    content = {
        "version": pointer.name_version(version),
        "file": version.name,
        "published_at": opstore.now().isoformat(timespec="seconds"),
        "data_until": data_until,
        "cycle": cycle,
        "day": day,
        "gates": pointer.read_gates(settings, day),
        "held_loads": opstore.list_held_loads(settings),
        "tables": counts,
    }
    pointer.note_attempt(settings, (cycle, day), "published", content)
    return content


@contextmanager
def lock_marts(home: Home) -> Iterator[None]:
    """Let one process publish at a time; a killed one lets go."""
    from filelock import FileLock

    home.run.mkdir(parents=True, exist_ok=True)
    with FileLock(home.run / "publish.lock"):
        yield


def refuse_ungated(settings: Settings, cycle: str, day: str) -> None:
    """Raise PublishError where the marts hold a build that its gates stopped or have not judged.

    A week is published from the same file: it must not carry out a day that was stopped.
    """
    table = opstore.step_outcomes
    query = sa.select(table).where(
        table.c.cycle == "daily", table.c.step.in_(("build_marts", "gate_marts"))
    )
    steps = opstore.read(settings, query.order_by(table.c.started_at))
    builds = [row for row in steps if row["step"] == "build_marts"]
    if builds:
        build = builds[-1]
        passed = any(
            row["step"] == "gate_marts"
            and row["period"] == build["period"]
            and row["state"] == "done"
            and row["started_at"] >= build["started_at"]
            for row in steps
        )
        if not passed:
            message = (
                f"The marts under construction hold {build['period']}, which gate_marts has not "
                f"passed since it was built: {cycle} {day} is not published. See the gate's page "
                f"under {settings.home.data_docs}, mend the day and run "
                f"`leadloop run daily --date {build['period']}`."
            )
            raise PublishError(message)


def remove_leftovers(home: Home) -> list[str]:
    """Delete what a killed publish left behind; return the names.

    Those are drafts, and versions newer than the current one: no reader was ever sent to them.
    """
    home.marts.mkdir(parents=True, exist_ok=True)
    left = [*home.marts.glob(f"*{_DRAFT}*"), *home.marts.glob(f".{pointer.LINK}.*")]
    for version in list_versions(home):
        if version.is_current:
            break
        left.append(version.path)
    for path in left:
        path.unlink(missing_ok=True)
    return sorted(path.name for path in left)


def copy_build(home: Home) -> tuple[Path, dict[str, int]]:
    """Return a draft of the next version, and the row counts that it must have."""
    # The writing connection is held over the copy: nobody can change the file meanwhile.
    with warehouse.open_warehouse(home) as connection:
        connection.execute("checkpoint marts_build")
        counts = count_rows(connection, "marts_build")
        if not counts:
            message = (
                f"{home.marts_build} has no tables: nothing was built. "
                "Run `leadloop run daily --date DAY`, which builds before it publishes."
            )
            raise PublishError(message)
        number = max((version.number for version in list_versions(home)), default=0) + 1
        stamp = opstore.now().strftime("%Y%m%dT%H%M%SZ")
        draft = home.marts / f"marts_{stamp}_{number:06d}.duckdb{_DRAFT}"
        copy_file(home.marts_build, draft)
    return draft, counts
