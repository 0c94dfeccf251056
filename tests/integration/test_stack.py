"""`leadloop up`, a cycle triggered from outside, `leadloop down`: nothing is left behind.

The last test stops the stack that the others use.
"""

import socket
import urllib.error

import psutil
import pytest
import sqlalchemy as sa

from leadloop import launcher, opstore
from leadloop.airflow_api import call_api


def test_all_components_are_healthy(stack):
    assert {state["health"] for state in launcher.status(stack.settings).values()} == {"healthy"}


def test_nobody_gets_in_without_a_token(stack):
    with pytest.raises(urllib.error.HTTPError) as caught:
        call_api(stack.settings, "GET", "/api/v2/dags")
    assert caught.value.code == 401


def test_a_daily_cycle_triggered_over_the_api_publishes_its_days(stack, first_week):
    # `close_day` skips where another test has told the days before.
    states = stack.read_tasks("daily_cycle", first_week)
    assert {name: state for name, state in states.items() if state != "success"} in (
        {},
        {"close_day": "skipped"},
    )
    assert (stack.settings.home.marts / "current.duckdb").exists()
    steps = opstore.step_outcomes
    query = sa.select(steps.c.step).where(
        steps.c.cycle == "daily", steps.c.period == "2026-01-11", steps.c.state == "done"
    )
    done = {row["step"] for row in opstore.read(stack.settings, query)}
    assert {"collect", "gate_landing", "build_core", "publish", "report"} <= done


def test_the_writers_pool_has_one_slot(stack):
    assert stack.call("GET", "/api/v2/pools/warehouse_write")["slots"] == 1


def test_starting_what_is_up_says_so_and_starts_nothing(stack, capsys):
    before = launcher.status(stack.settings)
    launcher.start(stack.settings)
    assert "Already up" in capsys.readouterr().out
    assert launcher.status(stack.settings) == before


def test_down_leaves_no_process_and_no_port(stack, capsys):
    home = str(stack.settings.home.root)
    assert len(list_processes(home)) >= 4
    launcher.stop(stack.settings)
    assert "Stopped 4 components." in capsys.readouterr().out
    assert list_processes(home) == []
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", stack.settings.airflow_port)) != 0
    launcher.stop(stack.settings)
    assert "Nothing was running." in capsys.readouterr().out


def list_processes(home):
    """Living processes that work for that home, told by their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("LEADLOOP_HOME") == home:
                found.append(process.cmdline())
        except psutil.Error:
            continue
    return found
