"""A process that builds and publishes over and over and is killed, beside a reader.

Run by test_publish_kills.py: `killed_publisher.py KILLS SEED`: kills at random moments, after one
before and one after each station of a publish. Every build gives all rows of both tables
one number, so that a half-built or half-copied version would show two. Prints one JSON line.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

# Imported before the forks, so that a publish takes milliseconds and not the imports' second.
import duckdb
import filelock
import sqlalchemy as sa

from leadloop import opstore, pointer, transform, warehouse
from leadloop.pointer import read_pointer
from leadloop.publish import marts
from leadloop.publish.marts import hash_marts, list_versions, publish_day
from leadloop.settings import Settings, load_settings

assert all((duckdb, filelock, transform, hash_marts))
DAY = "2026-03-05"
ROWS = 5_000
STATIONS = (
    (marts, "copy_file"),
    (marts, "verify_copy"),
    (pointer, "swap_link"),
    (pointer, "write_pointer"),
    (pointer, "remove_old_versions"),
    (transform, "mark_built"),
)


def build(settings: Settings, number: int) -> None:
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("begin")
        for table in ("fct_dials", "fct_agents_daily"):
            connection.execute(
                f"create or replace table marts_build.{table} as "
                f"select i, date '{DAY}' as dial_date, {number} as number "
                f"from range({ROWS}) as rows (i)"
            )
        connection.execute("commit")


def read_number(settings: Settings, path: Path | None = None) -> int:
    """Return the one number of a version; raise where it is not one number."""
    with warehouse.open_marts(settings.home, path) as connection:
        (row,) = connection.execute(
            "select min(number), max(number), count(*) from "
            "(select number from fct_dials union all select number from fct_agents_daily)"
        ).fetchall()
    low, high, count = row
    if low != high or count != 2 * ROWS:
        message = f"half a version: {row}"
        raise AssertionError(message)
    return int(low)


def fork(work) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    finally:
        os._exit(code)


def poll(settings: Settings, stop: Path, report: Path) -> None:
    reads, errors, last = 0, [], 0
    while not stop.exists():
        try:
            number = read_number(settings)
            if number < last:
                errors.append(f"went back from {last} to {number}")
            last = number
            reads += 1
            time.sleep(0.01)
        except Exception as error:
            errors.append(repr(error))
    report.write_text(json.dumps({"reads": reads, "errors": errors}), encoding="utf-8")


def run(*works) -> float:
    """Do work in a process of its own, to its end; return the seconds it took."""
    started = time.monotonic()
    child = fork(lambda: [work() for work in works])
    assert os.waitpid(child, 0)[1] == 0
    return time.monotonic() - started


def kill(work, seconds: float) -> bool:
    """Start work in a process of its own, kill it after the seconds; return whether it was cut."""
    child = fork(work)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def publish_until(settings: Settings, module, name: str, *, after: bool) -> None:
    """Publish, and be killed right before or right after one station."""
    real = getattr(module, name)

    def die(*arguments, **named):
        if after:
            real(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(module, name, die)
    publish_day(settings, DAY)


def copy_half(source: Path, target: Path) -> None:
    """Copy half of a file and be killed."""
    target.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    os.kill(os.getpid(), signal.SIGKILL)


def publish_half(settings: Settings) -> None:
    marts.copy_file = copy_half
    publish_day(settings, DAY)


def main(kills: int, seed: int) -> None:
    settings = load_settings()
    chance = random.Random(seed)
    opstore.read(settings, sa.select(opstore.step_outcomes))
    run(lambda: build(settings, 1), lambda: publish_day(settings, DAY))
    whole = run(lambda: publish_day(settings, DAY))
    stop, report = settings.home.root / "stop", settings.home.root / "report.json"
    reader = fork(lambda: poll(settings, stop, report))
    cut, left, number = 0, 0, 0
    works = [
        lambda module=module, name=name, after=after: publish_until(
            settings, module, name, after=after
        )
        for module, name in STATIONS
        for after in (False, True)
    ]
    for number, work in enumerate([*works, lambda: publish_half(settings)], start=2):
        run(lambda number=number: build(settings, number))
        child = fork(work)
        cut += os.WIFSIGNALED(os.waitpid(child, 0)[1])
        left += any(path.name.endswith(".tmp") for path in settings.home.marts.iterdir())
    first = number + 1
    for number in range(first, first + kills):
        # Every fourth kill hits the build too; the others have all of publishing to hit.
        if number % 4:
            run(lambda number=number: build(settings, number))
            cut += kill(lambda: publish_day(settings, DAY), chance.uniform(0, 1.2) * whole)
        else:
            cut += kill(
                lambda number=number: (build(settings, number), publish_day(settings, DAY)),
                chance.uniform(0, 3) * whole,
            )
        left += any(path.name.endswith(".tmp") for path in settings.home.marts.iterdir())
    run(lambda: build(settings, number + 1), lambda: publish_day(settings, DAY))
    stop.touch()
    os.waitpid(reader, 0)
    versions = list_versions(settings.home)
    result = {
        "cut": cut,
        "drafts_seen": left,
        "wanted": number + 1,
        "last": read_number(settings),
        "numbers": [read_number(settings, version.path) for version in versions],
        "files": sorted(path.name for path in settings.home.marts.iterdir()),
        "pointer": read_pointer(settings.home)["file"],
        "current": versions[0].path.name,
        **json.loads(report.read_text(encoding="utf-8")),
    }
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
