"""Checks of the machine and the home: what was seen, and the fix where something is wrong."""

from __future__ import annotations

import os
import shutil
import socket
import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

from leadloop.errors import LeadloopError

if TYPE_CHECKING:
    from datetime import date

    from leadloop.settings import Settings

State = Literal["ok", "warn", "fail"]
# A year of the demo company takes under 2 GB; Airflow's environment about 1 GB beside it.
DISK_WARN, DISK_FAIL = 5 * 2**30, 2**30
# The notice for a year comes about seven weeks before it begins.
CALENDAR_WARN_DAYS = 60
PACKAGES = ("apache-airflow", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    state: State
    seen: str
    remedy: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the check for JSON."""
        return asdict(self)


def examine(settings: Settings) -> list[Check]:
    """Return all checks, in the order in which a broken one hides the next."""
    return [
        check_python(sys.version_info[:2]),
        *(check_package(name) for name in PACKAGES),
        check_home(settings),
        check_disk(settings),
        check_port(settings),
        check_warehouse(settings),
        check_operations(settings),
        check_loads(settings),
        check_outbox(settings),
        check_clock(settings),
        check_calendar(settings, datetime.now(settings.company.zone).date()),
        check_published(settings),
    ]


def check_python(seen: tuple[int, int]) -> Check:
    """Return whether this Python is a supported one."""
    text = f"{seen[0]}.{seen[1]}"
    if (3, 11) <= seen <= (3, 13):
        return Check("python", "ok", text)
    return Check("python", "fail", text, "Use Python 3.11 to 3.13: make PYTHON=python3.12 setup")


def check_package(name: str) -> Check:
    """Return the installed version of a package the product cannot do without."""
    try:
        return Check(name, "ok", version(name))
    except PackageNotFoundError:
        return Check(name, "fail", "not installed", "Run `make setup`.")


def check_home(settings: Settings) -> Check:
    """Return whether the home can be written to."""
    root = settings.home.root
    try:
        root.mkdir(parents=True, exist_ok=True)
        probe = root / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        return Check(
            "home", "fail", f"{root}: {error.strerror}", "Set LEADLOOP_HOME, or its rights."
        )
    return Check("home", "ok", str(root))


def check_disk(settings: Settings) -> Check:
    """Return whether the disk of the home has room."""
    root = settings.home.root
    free = shutil.disk_usage(root if root.exists() else settings.project).free
    seen = f"{free / 2**30:.1f} GiB free"
    if free < DISK_FAIL:
        return Check("disk", "fail", seen, "Free some space or move LEADLOOP_HOME.")
    if free < DISK_WARN:
        return Check("disk", "warn", seen, "A publish copies the marts: keep 5 GiB free.")
    return Check("disk", "ok", seen)


def check_port(settings: Settings) -> Check:
    """Return whether the port of `leadloop up` is free or held by us."""
    from leadloop import launcher

    port = settings.airflow_port
    with socket.socket() as probe:
        probe.settimeout(1)
        is_held = probe.connect_ex(("127.0.0.1", port)) == 0
    if not is_held:
        return Check("port", "ok", f"{port} is free")
    if launcher.status(settings)[launcher.API_SERVER]["is_running"]:
        return Check("port", "ok", f"{port} is held by `leadloop up` of this home")
    return Check("port", "warn", f"{port} is held by another program", "Set LEADLOOP_PORT.")


def check_warehouse(settings: Settings) -> Check:
    """Return whether the warehouse can be written to, or who holds it."""
    from leadloop.warehouse import open_warehouse

    if not settings.home.warehouse.exists():
        return Check("warehouse", "ok", "not made yet")
    try:
        with open_warehouse(settings.home, wait=0):
            return Check("warehouse", "ok", "no other writer")
    except LeadloopError as error:
        return Check("warehouse", "warn", str(error), "Wait for the running cycle to end.")


def check_operations(settings: Settings) -> Check:
    """Return whether the operations store opens with the schema of this code."""
    import sqlalchemy as sa

    from leadloop import opstore

    try:
        count = len(opstore.read(settings, sa.select(opstore.step_outcomes.c.step)))
    except LeadloopError as error:
        return Check("operations", "fail", str(error), "Check LEADLOOP_OPERATIONS_URL.")
    return Check("operations", "ok", f"{count} step outcomes")


def check_loads(settings: Settings) -> Check:
    """Return how the newest load came in, and what is unusual about it."""
    from leadloop.ingest.loads import list_loads

    try:
        loads = list_loads(settings, limit=50)
    except LeadloopError as error:
        return Check("loads", "fail", str(error), "Check LEADLOOP_OPERATIONS_URL.")
    if not loads:
        return Check("loads", "ok", "none yet")
    day = loads[0]["load_date"]
    newest = [load for load in loads if load["load_date"] == day]
    seen = f"{day}: {sum(load['rows_landed'] for load in newest):,} rows of {len(newest)} source(s)"
    remarks = [f"{load['source']}: {text}" for load in newest for text in load["remarks"]]
    if not remarks:
        return Check("loads", "ok", seen)
    return Check("loads", "warn", f"{seen}; {'; '.join(remarks)}", f"leadloop loads show {day}")


def check_outbox(settings: Settings) -> Check:
    """Return whether messages were given up, to whom, and what was answered."""
    from leadloop.actions.outbox import list_dead

    try:
        dead = list_dead(settings)
    except LeadloopError as error:
        return Check("outbox", "fail", str(error), "Check LEADLOOP_OPERATIONS_URL.")
    if not dead:
        return Check("outbox", "ok", "nothing was given up")
    last = dead[-1]
    seen = f"{len(dead)} message(s) given up; {last['target']} answered {last['last_answer']}"
    remedy = "Mend the connection in connections.yml, then `leadloop actions resend`."
    return Check("outbox", "warn", seen, remedy)


def check_clock(settings: Settings) -> Check:
    """Return whether the clock runs behind what was already written (a skewed clock)."""
    import time

    files = [settings.home.operations, settings.home.marts / "current.json"]
    newest = max((file.stat().st_mtime for file in files if file.exists()), default=0.0)
    ahead = newest - time.time()
    if ahead > 60:
        return Check(
            "clock", "warn", f"files are {ahead:.0f} s ahead of the clock", "Set the clock (NTP)."
        )
    return Check("clock", "ok", "not behind the home's files")


def check_calendar(settings: Settings, today: date) -> Check:
    """Return how long the calendar of holidays and make-up days reaches."""
    from leadloop.calendars import find_last_announced

    if settings.company.holiday_calendar == "none":
        return Check("calendar", "ok", "weekends alone (`holiday_calendar: none`)")
    last = find_last_announced()
    left = (last - today).days
    seen = f"announced until {last}"
    if left >= CALENDAR_WARN_DAYS:
        return Check("calendar", "ok", seen)
    remedy = (
        f"Add the State Council's notice for {last.year + 1} (it comes in November) to "
        "dbt_project/seeds/calendar_days.csv, or land a calendar of your own."
    )
    return Check("calendar", "warn", f"{seen}: {max(left, 0)} day(s) left", remedy)


def check_published(settings: Settings) -> Check:
    """Return what is published and whether the last attempt was stopped by a gate."""
    from leadloop.pointer import read_pointer

    pointer = read_pointer(settings.home)
    until = pointer.get("data_until")
    if not until:
        return Check("published", "ok", "nothing yet", "Run `make demo` or `leadloop run daily`.")
    held = pointer.get("held_loads") or []
    if held:
        return Check(
            "published",
            "warn",
            f"data until {until}; held loads: {', '.join(map(str, held))}",
            "Mend the named load and run its day again: docs/runbook.md.",
        )
    return Check("published", "ok", f"data until {until}")
