"""The pointer: which version of the marts is published, and how the last attempt went.

`current.duckdb` (a symlink, for BI tools) says which file is read; `current.json` says how far its
data reach and what the gates said. Both are swapped whole. A stopped day changes `last_attempt`
alone. Neighbours: `publish.marts` (makes versions), `quality.gate` (notes attempts).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Home, Settings

NAME = "current.json"
LINK = "current.duckdb"
_PREFIX, _SUFFIX = "marts_", ".duckdb"


@dataclass(frozen=True, slots=True)
class Version:
    """One published file of the marts; a higher number is newer."""

    path: Path
    number: int
    is_current: bool

    @property
    def name(self) -> str:
        """The version's name: UTC time and number, such as 20260131T023105Z_000007."""
        return name_version(self.path)


def name_version(path: Path) -> str:
    """Return the name of the version that a file holds."""
    return path.stem.removeprefix(_PREFIX)


def read_pointer(home: Home) -> dict[str, Any]:
    """Return the content of the pointer file; empty before anything was tried."""
    try:
        content = json.loads((home.marts / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return dict(content)


def write_pointer(home: Home, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the pointer with the changes made; readers see the old file or the new one."""
    from filelock import FileLock

    home.run.mkdir(parents=True, exist_ok=True)
    with FileLock(home.run / "pointer.lock"):
        for left in home.marts.glob(f".{NAME}.*"):
            left.unlink()
        content = {**read_pointer(home), **changes}
        write_whole(home.marts / NAME, json.dumps(content, ensure_ascii=False, indent=2))
    return content


def note_attempt(
    settings: Settings, run: tuple[str, str], state: str, published: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Write how far a run (cycle, day) has come, and what it published, if it did.

    Where nothing is published the rest of the pointer stays on the last version.
    """
    cycle, day = run
    attempt = {
        "cycle": cycle,
        "day": day,
        "state": state,
        "at": opstore.now().isoformat(timespec="seconds"),
        "gates": read_gates(settings, day),
        "held_loads": opstore.list_held_loads(settings),
    }
    return write_pointer(settings.home, {**(published or {}), "last_attempt": attempt})


def read_gates(settings: Settings, day: str) -> dict[str, dict[str, Any]]:
    """Return the state of each gate that judged a day: passed, warned or stopped, and by what."""
    table = opstore.gate_results
    query = sa.select(table).where(table.c.day == day).order_by(table.c.gate, table.c.suite)
    gates: dict[str, dict[str, Any]] = {}
    for row in opstore.read(settings, query):
        gate = gates.setdefault(row["gate"], {"state": "passed", "warnings": [], "failures": []})
        if not row["is_passed"]:
            kind = "failures" if row["severity"] == "critical" else "warnings"
            gate[kind].append(f"{row['suite']}: {row['expectation']}")
    for gate in gates.values():
        gate["state"] = (
            "stopped" if gate["failures"] else "warned" if gate["warnings"] else "passed"
        )
    return gates


def list_versions(home: Home) -> list[Version]:
    """Return the files of the marts, newest first."""
    current = read_link(home)
    found = []
    for path in home.marts.glob(f"{_PREFIX}*{_SUFFIX}"):
        number = path.stem.rpartition("_")[2]
        if number.isdigit():
            found.append(Version(path, int(number), path.name == current))
    return sorted(found, key=lambda version: version.number, reverse=True)


def read_link(home: Home) -> str | None:
    """Return the name of the file that readers are sent to, if anything is published."""
    try:
        return (home.marts / LINK).readlink().name
    except FileNotFoundError:
        return None


def swap_link(home: Home, path: Path) -> None:
    """Send readers to another file, from one moment to the next."""
    draft = home.marts / f".{LINK}.{os.getpid()}"
    draft.unlink(missing_ok=True)
    # Relative, so that a home can be moved or mounted elsewhere.
    draft.symlink_to(path.name)
    draft.replace(home.marts / LINK)
    sync_folder(home.marts)


def remove_old_versions(home: Home, keep: int) -> list[str]:
    """Delete all but the newest versions; return their names.

    The current version and the one before it always stay: a reader may just have been sent there.
    """
    old = list_versions(home)[max(keep, 2) :]
    removed = [version for version in old if not version.is_current]
    for version in removed:
        version.path.unlink(missing_ok=True)
    return [version.name for version in removed]


def write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a loss of power, never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with draft.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last through a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
