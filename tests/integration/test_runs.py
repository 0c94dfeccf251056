"""A DAG run in one process: its exit code, what it says, and that nothing survives it."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from leadloop import opstore
from leadloop.cycle_run import hold_home
from leadloop.cycles import run_cycle
from leadloop.simulate.make import write_company

RUN = """
import sys
from leadloop.cycles import run_cycle
from leadloop.settings import load_settings
sys.exit(run_cycle(load_settings(), "daily", "2026-01-05"))
"""


@pytest.fixture
def start_run(home):
    """Start a daily run as a command of its own; return it once its child is at work."""
    started = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", RUN], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        wait_until(lambda: psutil.Process(process.pid).children())
        (child,) = psutil.Process(process.pid).children()
        wait_until(lambda: (home / "run" / "cycle.holder").exists())
        return process, child

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_good_day_is_published_and_a_day_without_its_file_says_what_to_do(settings, capsys):
    write_company(settings.home.root, first_day="2026-01-05", days=1, dials=60)
    assert run_cycle(settings, "daily", "2026-01-05") == 0
    lines = [line.split()[:2] for line in capsys.readouterr().out.splitlines()]
    assert lines[:10] == [
        ["collect", "done"],
        ["gate_landing", "done"],
        ["build_core", "done"],
        ["gate_core", "done"],
        ["language", "done"],
        ["score", "done"],
        ["gate_scores", "done"],
        ["build_marts", "done"],
        ["gate_marts", "done"],
        ["publish", "done"],
    ]
    assert (settings.home.marts / "current.duckdb").exists()
    # The database that a scheduler would use was not touched.
    assert not (settings.home.airflow / "airflow.db").exists()

    assert run_cycle(settings, "daily", "2026-01-06") == 1
    shown = capsys.readouterr()
    assert "collect          failed" in shown.out
    assert "FAILED   collect (daily cycle, 2026-01-06)" in shown.err
    assert "remedy   Put the file into the inbox" in shown.err
    assert "Traceback" not in shown.out + shown.err
    log = settings.home.logs / "cycles" / "daily_2026-01-06.log"
    assert str(log) in shown.err
    assert "Traceback" in log.read_text(encoding="utf-8")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_no_child_and_a_free_home(settings, start_run, number):
    process, child = start_run()
    os.kill(process.pid, number)
    process.wait(timeout=120)
    wait_until(lambda: not is_alive(child), seconds=20)
    with hold_home(settings.home, "the next run"):
        assert opstore.read(settings, opstore.step_outcomes.select()) == []


def test_a_second_run_in_the_same_home_is_refused_and_named(settings, start_run, capsys):
    _, child = start_run()
    assert run_cycle(settings, "daily", "2026-01-06") == 2
    shown = capsys.readouterr().err
    assert f"daily 2026-01-05, process {child.pid}" in shown
    assert "set LEADLOOP_HOME to another folder" in shown
