"""Days of a small made company, run as a stranger would: twice, stopped, mended, killed.

Everything here runs with a HOME that cannot be written to: state lives in the home alone.
"""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa

from leadloop import opstore
from leadloop.metrics import query
from leadloop.publish.marts import hash_marts
from leadloop.settings import PROJECT_ROOT, Settings, load_settings
from leadloop.simulate.make import write_company
from leadloop.warehouse import current_marts, open_marts, read_rows

DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")
LEADLOOP = str(Path(sys.executable).with_name("leadloop"))
# Not even root can make a folder below a device: the strictest read-only HOME there is.
NOWHERE = "/dev/null"


def environment(root: Path) -> dict[str, str]:
    names = ("LEADLOOP_CONFIG", "LEADLOOP_OPERATIONS_URL")
    kept = {name: value for name, value in os.environ.items() if name not in names}
    return kept | {
        "HOME": NOWHERE,
        "LEADLOOP_HOME": str(root),
        "LEADLOOP_PHONE_HASH_KEY": "key of the tests",
    }


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LEADLOOP, *arguments], env=environment(root), capture_output=True, text=True
    )


def succeed(root: Path, *arguments: str) -> str:
    result = run(root, *arguments)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return result.stdout


def settings_of(root: Path) -> Settings:
    return load_settings({"LEADLOOP_HOME": str(root)})


def hashes(root: Path) -> dict[str, str]:
    return hash_marts(current_marts(settings_of(root).home))


def count_by_day(root: Path) -> dict[str, int]:
    with open_marts(settings_of(root).home) as connection:
        rows = read_rows(
            connection, "select dial_date::text as day, count(*) as n from fct_dials group by all"
        )
    return {row["day"]: row["n"] for row in rows}


@pytest.fixture(scope="module")
def two_days(tmp_path_factory) -> Path:
    """A home with two days loaded in bulk and the third day's files waiting in the inbox."""
    root = tmp_path_factory.mktemp("company") / "home"
    write_company(root, seed=3, first_day=DAYS[0], days=3, dials=300)
    succeed(root, "backfill", "--from", DAYS[0], "--to", DAYS[1])
    return root


@pytest.fixture(scope="module")
def three_days(two_days: Path, tmp_path_factory) -> Path:
    """The same home after an undisturbed third day."""
    root = copy_home(two_days, tmp_path_factory.mktemp("undisturbed") / "home")
    succeed(root, "run", "daily", "--date", DAYS[2])
    return root


def copy_home(source: Path, target: Path) -> Path:
    """Copy a home; its pointer must lead into the copy, not back to where it came from."""
    shutil.copytree(source, target, symlinks=True)
    assert current_marts(settings_of(target).home).is_relative_to(target)
    return target


def test_the_third_day_is_published_beside_the_first_two(three_days: Path):
    days = count_by_day(three_days)
    assert set(DAYS) <= set(days)
    assert all(days[day] > 200 for day in DAYS)


def read_states(root: Path) -> dict[str, float]:
    """Return the seconds of each state by the desk's own files, in its own words."""
    seconds: dict[str, float] = defaultdict(float)
    for file in sorted((root / "inbox" / "desk").glob("states_*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            for row in csv.DictReader(lines):
                ends = [datetime.fromisoformat(row[name]) for name in ("开始时间", "结束时间")]
                seconds[row["状态"]] += (ends[1] - ends[0]).total_seconds()
    return seconds


def test_occupancy_and_days_worked_are_those_of_the_desks_own_files(three_days: Path):
    seconds = read_states(three_days)
    names = ["occupancy", "sales_per_hour", "staffed_agent_days", "adherence"]
    found = {value.metric: value for value in query(settings_of(three_days), names)}
    busy = seconds["通话"] + seconds["话后"]
    assert (found["occupancy"].k, found["occupancy"].n) == (busy, busy + seconds["示闲"])
    logged_in = busy + seconds["示闲"] + seconds["小休"]
    assert found["sales_per_hour"].n == int(logged_in / 3600)
    shifts = [
        row
        for file in (three_days / "inbox" / "desk").glob("roster_*.csv")
        for row in csv.DictReader(file.open(encoding="utf-8-sig", newline=""))
    ]
    # Everybody planned came, each for eleven hours less two of break.
    assert found["staffed_agent_days"].value == len(shifts)
    assert found["adherence"].n == len(shifts) * 9 * 3600


def test_the_same_day_again_and_a_file_imported_again_change_nothing(three_days: Path, tmp_path):
    root = copy_home(three_days, tmp_path / "home")
    before = hashes(root)
    (file,) = (root / "inbox" / "dialler").glob(f"calls_{DAYS[2]}*")
    again = json.loads(
        succeed(
            root,
            *("import", str(file), "--map", "generic_cn_cdr", "--load-date", DAYS[2]),
            *("--json", "-"),
        )
    )[0]
    assert again["landed"] == 0
    assert again["read"] == again["duplicate"] + again["quarantined"]
    succeed(root, "run", "daily", "--date", DAYS[2])
    assert hashes(root) == before


def test_a_day_that_breaks_a_critical_expectation_stops_and_says_why(two_days: Path, tmp_path):
    root = copy_home(two_days, tmp_path / "home")
    (file,) = (root / "inbox" / "dialler").glob(f"calls_{DAYS[2]}*")
    good = file.read_text(encoding="utf-8")
    # A dialler that changed its codes overnight: nearly every outcome is unknown.
    file.write_text(good.replace("NOANSWER", "NEW_17").replace("BUSY", "NEW_18"), encoding="utf-8")
    before = hashes(root)

    result = run(root, "run", "daily", "--date", DAYS[2])

    shown = result.stdout + result.stderr
    assert result.returncode == 1, shown
    assert "gate_landing" in shown
    assert "landing_loads" in shown
    assert "Traceback" not in shown
    assert hashes(root) == before
    pointer = json.loads((root / "marts" / "current.json").read_text(encoding="utf-8"))
    assert pointer["last_attempt"]["day"] == DAYS[2]
    assert DAYS[2] not in count_by_day(root)
    failed = opstore.read(
        settings_of(root),
        sa.select(opstore.gate_results).where(
            opstore.gate_results.c.day == DAYS[2],
            opstore.gate_results.c.severity == "critical",
            sa.not_(opstore.gate_results.c.is_passed),
        ),
    )
    assert [row["suite"] for row in failed] == ["landing_loads"]
    assert failed[0]["examples"]

    # Mended: the corrected file supersedes the held rows, and the day goes through.
    file.write_text(good, encoding="utf-8")
    succeed(root, "run", "daily", "--date", DAYS[2])
    assert count_by_day(root)[DAYS[2]] > 200


def test_a_missing_feed_stops_the_day_and_names_the_pattern(two_days: Path, tmp_path):
    root = copy_home(two_days, tmp_path / "home")
    result = run(root, "run", "daily", "--date", "2026-01-09")
    assert result.returncode == 1
    assert "calls_2026-01-09" in result.stdout + result.stderr
    assert set(count_by_day(root)) == set(count_by_day(two_days))


@dataclass
class Poller:
    """A reader that opens the published marts again and again while cycles are killed."""

    root: Path
    stop: threading.Event = field(default_factory=threading.Event)
    seen: set[tuple[tuple[str, int], ...]] = field(default_factory=set)
    errors: list[str] = field(default_factory=list)
    reads: int = 0

    def poll(self) -> None:
        while not self.stop.is_set():
            try:
                self.seen.add(tuple(sorted(count_by_day(self.root).items())))
                self.reads += 1
            except Exception as error:  # whatever goes wrong for a reader is the finding
                self.errors.append(repr(error))
            time.sleep(0.05)


def kill_after(root: Path, delay: float) -> bool:
    """Start the third day, SIGKILL all of its processes after the delay; return if it was alive."""
    process = subprocess.Popen(
        [LEADLOOP, "run", "daily", "--date", DAYS[2]],
        env=environment(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        family = [psutil.Process(process.pid)]
        family += family[0].children(recursive=True)
        for member in family:
            member.send_signal(signal.SIGKILL)
        process.wait()
        psutil.wait_procs(family, timeout=10)
        return True
    return False


def kill_and_compare(root: Path, undisturbed: Path, kills: int) -> None:
    started = time.monotonic()
    control = copy_home(root, root.parent / "timed")
    succeed(control, "run", "daily", "--date", DAYS[2])
    duration = time.monotonic() - started
    before, after = count_by_day(root), count_by_day(undisturbed)
    poller = Poller(root)
    thread = threading.Thread(target=poller.poll)
    thread.start()
    try:
        random.seed(20260105)
        killed = sum(kill_after(root, random.uniform(1.0, duration)) for _ in range(kills))
        succeed(root, "run", "daily", "--date", DAYS[2])
    finally:
        poller.stop.set()
        thread.join()
    assert killed >= kills * 0.6, "most kills must hit a running cycle"
    assert poller.errors == []
    assert poller.reads > 20
    # Either the day is not there or it is whole: nobody ever saw half of it.
    assert poller.seen <= {tuple(sorted(before.items())), tuple(sorted(after.items()))}
    assert hashes(root) == hashes(undisturbed)
    assert [path.name for path in root.rglob("*.tmp*") if path.is_file()] == []


def test_five_kills_and_a_rerun_end_in_the_marts_of_an_undisturbed_run(
    two_days: Path, three_days: Path, tmp_path
):
    kill_and_compare(copy_home(two_days, tmp_path / "home"), three_days, kills=5)


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_twenty_kills_and_a_rerun_end_in_the_marts_of_an_undisturbed_run(
    two_days: Path, three_days: Path, tmp_path
):
    kill_and_compare(copy_home(two_days, tmp_path / "home"), three_days, kills=20)


def test_nothing_but_the_home_was_written(three_days: Path):
    result = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=all"],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    stray = [line for line in result.stdout.splitlines() if line.startswith("??")]
    assert not any(
        name in line for line in stray for name in ("target/", "logs/", ".duckdb", "gx/")
    )
