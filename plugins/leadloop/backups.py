"""Back-ups: a folder a night with what cannot be computed again, whole or not there.

A restore puts the files back (`docs/runbook.md`) and rebuilds the rest from landing, whose files
the list in the back-up proves to be complete and unchanged.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import sqlalchemy as sa

from leadloop import opstore, pointer
from leadloop.errors import LeadloopError

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Home, Settings

_DRAFT = ".draft"
LIST = "landing.json"


class BackupError(LeadloopError):
    """A back-up could not be made."""


def write_backup(settings: Settings, environ: dict[str, str]) -> tuple[Path, dict[str, int]]:
    """Return the folder of a new back-up and what is in it; appears by rename, when complete."""
    home = settings.home
    home.backups.mkdir(parents=True, exist_ok=True)
    for left in home.backups.glob(f"*{_DRAFT}"):
        shutil.rmtree(left)
    name = opstore.now().strftime("%Y%m%dT%H%M%S%fZ")
    draft = home.backups / f"{name}{_DRAFT}"
    draft.mkdir()
    copy_operations(settings.operations_url, draft, environ)
    own = settings.config if settings.config.is_dir() else settings.project / "config"
    shutil.copytree(own, draft / "config")
    content = pointer.read_pointer(home)
    pointer.write_whole(draft / pointer.NAME, json.dumps(content, ensure_ascii=False, indent=2))
    files = list_landed_files(home, _read_newest_list(home))
    pointer.write_whole(draft / LIST, json.dumps(files, indent=1))
    folder = home.backups / name
    draft.rename(folder)
    pointer.sync_folder(home.backups)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return folder, {"landing_files": len(files), "bytes": size}


def copy_operations(url: str, folder: Path, environ: dict[str, str]) -> Path:
    """Return a consistent copy of the operations store, made while others may write to it."""
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _copy_sqlite(str(parsed.database), folder / "operations.db")
    return _dump_postgres(parsed, folder / "operations.dump", environ)


def _copy_sqlite(database: str, target: Path) -> Path:
    with (
        contextlib.closing(sqlite3.connect(database, timeout=30)) as source,
        contextlib.closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        # A copy that is one plain file can be carried anywhere.
        copy.execute("pragma journal_mode = delete")
        (state,) = copy.execute("pragma integrity_check").fetchone()
    if state != "ok":
        message = f"The copy of {database} is broken ({state}): the store itself needs a look."
        raise BackupError(message)
    return target


def _dump_postgres(url: sa.URL, target: Path, environ: dict[str, str]) -> Path:
    program = shutil.which("pg_dump", path=environ.get("PATH"))
    shown = url.render_as_string(hide_password=True)
    if program is None:
        message = (
            f"pg_dump is not installed, so the operations store {shown} is not backed up. "
            "Install it (Debian: postgresql-client), or back the server up yourself and take "
            "back_up out of dags/maintenance.py."
        )
        raise BackupError(message)
    # The password goes by the environment: arguments are seen by everyone on the machine.
    plain = sa.URL.create(
        "postgresql", url.username, None, url.host, url.port, url.database, url.query
    ).render_as_string()
    env = {**environ, "PGPASSWORD": url.password or ""}
    command = [program, "--format=custom", f"--file={target}", f"--dbname={plain}"]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if result.returncode:
        message = f"pg_dump of {shown} failed: {result.stderr.strip()[-500:]}"
        raise BackupError(message)
    return target


def list_landed_files(
    home: Home, known: dict[str, dict[str, object]]
) -> dict[str, dict[str, object]]:
    """Return size, time and SHA-256 of every landing file, by its path below landing.

    A file that is known with the same size and time is not read again: landing only grows.
    """
    files: dict[str, dict[str, object]] = {}
    for path in sorted(home.landing.rglob("*.parquet")):
        name, state = str(path.relative_to(home.landing)), path.stat()
        entry = {"size": state.st_size, "changed": state.st_mtime_ns}
        before = known.get(name, {})
        same = all(before.get(key) == value for key, value in entry.items())
        files[name] = {**entry, "sha256": before["sha256"] if same else _hash_file(path)}
    return files


def _hash_file(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_newest_list(home: Home) -> dict[str, dict[str, object]]:
    for folder in list_backups(home)[:1]:
        return dict(json.loads((folder / LIST).read_text(encoding="utf-8")))
    return {}


def list_backups(home: Home) -> list[Path]:
    """Return the complete back-ups, newest first."""
    if not home.backups.is_dir():
        return []
    found = [path for path in home.backups.iterdir() if path.is_dir()]
    return sorted((path for path in found if path.suffix != _DRAFT), reverse=True)


def remove_old(home: Home, keep: int) -> list[str]:
    """Delete all but the newest back-ups; return their names."""
    old = list_backups(home)[keep:]
    for folder in old:
        shutil.rmtree(folder)
    return [folder.name for folder in old]
