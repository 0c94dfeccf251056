"""What is done every night: delete what is kept no longer, clean Airflow's history, back up.

Each function may run twice; the second time finds nothing to do. How long things are kept is
`retention` in company.yml. How to restore: `docs/runbook.md`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from leadloop import backups, opstore, pointer
from leadloop.errors import LeadloopError
from leadloop.settings import read_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadloop.settings import Settings

CYCLE = "maintenance"
_CLEAN_SECONDS = 600


class MaintenanceError(LeadloopError):
    """A nightly job could not be done."""


def apply_retention(settings: Settings, *, now: datetime | None = None) -> dict[str, Any]:
    """Delete logs, refused rows, gate pages and marts past their time; return how many of each.

    A file's age is that of its last change. Landing is never touched here.
    """
    from leadloop.quality import data_docs

    moment = now or opstore.now()
    home, keep = settings.home, settings.company.retention
    with opstore.record_step(settings, CYCLE, _today(settings), "apply_retention") as detail:
        logs = moment - timedelta(days=keep.log_days)
        # Gate pages show example rows, so they go when the refused rows go.
        rows = moment - timedelta(days=keep.quarantine_days)
        detail["logs"] = sum(
            remove_older(folder, logs) for folder in (home.logs, home.dbt / "logs")
        )
        detail["quarantine"] = remove_older(home.quarantine, rows)
        detail["data_docs"] = remove_older(home.data_docs, rows)
        if detail["data_docs"]:
            data_docs.write_index(settings)
        detail["marts_versions"] = len(pointer.remove_old_versions(home, keep.marts_versions))
    return detail


def remove_older(folder: Path, moment: datetime) -> int:
    """Delete files last changed before the moment, then empty folders; return how many files."""
    limit = moment.timestamp()
    old = [
        path
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and path.stat().st_mtime < limit
    ]
    for path in old:
        path.unlink(missing_ok=True)
    # Only folders that lost a file now: an empty one may be another process's, just made.
    for parent in sorted({path.parent for path in old}, reverse=True):
        while parent != folder and parent.exists() and not any(parent.iterdir()):
            parent.rmdir()
            parent = parent.parent
    return len(old)


def clean_metadata(
    settings: Settings, *, environ: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Delete Airflow's run history past its time; return the moment before which it went.

    Airflow hides its database from tasks, so its address comes in LEADLOOP_METADATA_URL (or the
    file named by LEADLOOP_METADATA_URL_FILE). Where neither is set nothing is done, and the outcome
    says so.
    """
    env = dict(os.environ if environ is None else environ)
    url = read_secret(env, "LEADLOOP_METADATA_URL")
    with opstore.record_step(settings, CYCLE, _today(settings), "clean_metadata") as detail:
        if not url:
            detail["skipped"] = "LEADLOOP_METADATA_URL is not set: Airflow's database is not known."
            return detail
        keep = timedelta(days=settings.company.retention.metadata_days)
        before = (opstore.now() - keep).isoformat(timespec="seconds")
        env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"] = url
        env.setdefault("AIRFLOW_HOME", str(settings.home.airflow))
        command = ["airflow", "db", "clean", "--clean-before-timestamp", before]
        _run([sys.executable, "-m", *command, "--skip-archive", "--yes"], env)
        detail["cleaned_before"] = before
    return detail


def back_up(settings: Settings, *, environ: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Write a back-up of what cannot be computed again; return its folder and sizes.

    The operations store, the configuration, the pointer, and the list of landing files with
    sizes and checksums. Landing itself and the phone key are copied by whoever runs the machine.
    """
    env = dict(os.environ if environ is None else environ)
    with opstore.record_step(settings, CYCLE, _today(settings), "back_up") as detail:
        folder, counts = backups.write_backup(settings, env)
        removed = backups.remove_old(settings.home, settings.company.retention.backups)
        detail.update(folder=folder.name, removed=removed, **counts)
    return detail


def _run(command: list[str], env: dict[str, str]) -> None:
    result = subprocess.run(
        command, env=env, capture_output=True, text=True, timeout=_CLEAN_SECONDS, check=False
    )
    if result.returncode:
        tail = "\n".join((result.stderr or result.stdout).strip().splitlines()[-5:])
        message = (
            f"`{' '.join(command[2:])}` ended with {result.returncode}: {tail}\n"
            "No number is touched; check that Airflow's database is there and try again."
        )
        raise MaintenanceError(message)


def _today(settings: Settings) -> str:
    return datetime.now(tz=settings.company.zone).date().isoformat()
