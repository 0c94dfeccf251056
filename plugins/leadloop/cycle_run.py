"""Run one cycle's DAG in a process of its own and show how it goes.

The child is `python -m leadloop.cycles`: it runs the very DAG of dags/, reports each step as a
line of JSON on a pipe, and writes everything else into a log file under the home.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from leadloop.airflow_env import process_environment
from leadloop.errors import UsageError
from leadloop.failures import explain_failure
from leadloop.periods import Cycle, first_day, key_of, parse_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from rich.console import Console

    from leadloop.settings import Home, Settings

PROGRESS_FD = "LEADLOOP_PROGRESS_FD"
GRACE_SECONDS = 10.0
_SHOWN_FIELDS = 4
_SAID_BEFORE = ("cycle", "day", "gate", "layer", "since")


@dataclass(slots=True)
class Outcome:
    """What the child has said so far."""

    done: list[str] = field(default_factory=list)
    failed: tuple[str, str] | None = None
    broken: str | None = None


def run_cycle(
    settings: Settings, cycle: Cycle, period: str, *, since: str | None = None, quiet: bool = False
) -> int:
    """Run the cycle's DAG for a period in one process; return 0 if it succeeded.

    The period is a day (a week or month may be named by any of its days, a month also as
    `2026-01`). `since` makes a daily run a backfill from that day on. `quiet` shows failures only.
    """
    from rich.console import Console

    key = _checked_key(settings, cycle, period, since)
    log_file = settings.home.logs / "cycles" / f"{cycle}_{key}.log"
    log_file.parent.mkdir(parents=True, exist_ok=True)
    console = Console(highlight=False, soft_wrap=True, quiet=quiet)
    title = f"{cycle} cycle {key}" + (f" (backfill since {since})" if since else "")
    started = time.monotonic()
    with log_file.open("ab") as log:
        child, progress = _start_child(settings, (cycle, key, since or ""), log)
        try:
            with progress:
                outcome = _follow(progress, console, title)
            code = child.wait()
        finally:
            _end_child(child)
    seconds = time.monotonic() - started
    if code == 0:
        console.print(f"{title}: {len(outcome.done)} steps in {seconds:.0f} s", markup=False)
        return 0
    _show_failure(cycle, key, outcome, log_file)
    return code if code > 0 else 1


@contextmanager
def hold_home(home: Home, what: str) -> Iterator[None]:
    """Hold the home for one in-process run; raise UsageError if another run holds it.

    The lock is the kernel's (flock): it is gone with its process, however that ended.
    """
    from filelock import FileLock, Timeout

    home.run.mkdir(parents=True, exist_ok=True)
    note = home.run / "cycle.holder"
    lock = FileLock(home.run / "cycle.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        holder = note.read_text(encoding="utf-8") if note.exists() else "unknown"
        message = (
            f"Another run is going on in {home.root}: {holder}. One run at a time writes a home: "
            "wait for it, end it, or set LEADLOOP_HOME to another folder."
        )
        raise UsageError(message) from error
    try:
        note.write_text(f"{what}, process {os.getpid()}", encoding="utf-8")
        yield
    finally:
        lock.release()


def _checked_key(settings: Settings, cycle: Cycle, period: str, since: str | None) -> str:
    key = key_of(cycle, first_day(cycle, period), settings.company)
    if since is not None and cycle != "daily":
        message = f"A {cycle} run takes no start of a backfill; only a daily run does."
        raise UsageError(message)
    if since is not None and parse_day(since) > parse_day(key):
        message = f"A backfill from {since} to {key} has no day; wanted from <= to."
        raise UsageError(message)
    return key


def _start_child(
    settings: Settings, arguments: tuple[str, str, str], log: IO[bytes]
) -> tuple[subprocess.Popen[bytes], IO[str]]:
    """Start the run in a process group of its own; return it and the pipe it reports on."""
    read_end, write_end = os.pipe()
    environment = process_environment(settings) | {PROGRESS_FD: str(write_end)}
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "leadloop.cycles", *arguments],
            # The child ends when this pipe closes: with us, even by SIGKILL.
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=(write_end,),
            env=environment,
            cwd=settings.home.airflow,
            start_new_session=True,
        )
    finally:
        os.close(write_end)
    return child, os.fdopen(read_end, encoding="utf-8")


def _end_child(child: subprocess.Popen[bytes]) -> None:
    """Leave no process of the child's group behind, whether it ended by itself or not."""
    if child.poll() is None:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    if child.stdin:
        child.stdin.close()


def _follow(lines: Iterable[str], console: Console, title: str) -> Outcome:
    """Show each step as it ends (one line), and the one at work where there is a terminal."""
    outcome = Outcome()
    began = time.monotonic()
    with console.status(f"{title}: starting", spinner="dots") as status:
        for line in lines:
            event = json.loads(line)
            step, state = event.get("step", ""), event["state"]
            if state == "running":
                began = time.monotonic()
                status.update(f"{title}: {step}")
            elif state == "broken":
                outcome.broken = event["error"]
            elif state == "failed":
                outcome.failed = (step, event["error"])
                console.print(f"  {step:<16} failed", style="red", markup=False)
            else:
                outcome.done.append(step)
                seconds = f"{time.monotonic() - began:6.1f} s"
                text = f"  {step:<16} {state:<8}{seconds}  {_shorten(event['detail'])}"
                console.print(text.rstrip(), markup=False)
    return outcome


def _shorten(detail: dict[str, Any]) -> str:
    """Return the first few plain values of a step's result as `name=value`."""
    plain = [
        f"{name}={value}"
        for name, value in detail.items()
        if name not in _SAID_BEFORE
        and isinstance(value, str | int | float)
        and len(str(value)) <= len("2026-01-31T00:00:00")
    ]
    return " ".join(plain[:_SHOWN_FIELDS])


def _show_failure(cycle: str, key: str, outcome: Outcome, log_file: Path) -> None:
    from rich.console import Console

    if outcome.failed:
        text = explain_failure(cycle, key, *outcome.failed)
    elif outcome.broken:
        text = f"FAILED   {cycle} cycle {key}\nreason   {outcome.broken}"
    else:
        text = f"FAILED   {cycle} cycle {key}\nreason   its process ended without a word"
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"{text}\nlog      {log_file}", markup=False)
