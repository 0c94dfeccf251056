"""Services: stopped whole with their children, never a stranger, however they ended."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from leadloop.services import read_service, start_service, stop_services

# A parent with a child that ignores a polite request to end.
STUBBORN = '''
import signal, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('ready', flush=True)
time.sleep(600)
"""])
time.sleep(600)
'''


@pytest.fixture
def home(settings):
    settings.home.airflow.mkdir(parents=True)
    return settings.home


def run(home, code, name="one"):
    return start_service(home, name, [sys.executable, "-u", "-c", code], dict(os.environ))


def wait_for(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process):
    # A zombie is gone: it only waits for whoever adopted it to take note.
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def test_a_service_and_its_stubborn_child_are_gone_after_a_stop(home):
    service = run(home, STUBBORN)
    log = home.logs / "one.log"
    wait_for(lambda: "ready" in log.read_text())
    everyone = [psutil.Process(service.pid), *psutil.Process(service.pid).children()]
    assert len(everyone) == 2
    assert stop_services(home, ["one"], grace=0.5) == ["one"]
    assert not any(is_alive(process) for process in everyone)
    assert read_service(home, "one") is None


def test_children_are_stopped_though_their_parent_was_killed_before(home):
    service = run(home, STUBBORN)
    wait_for(lambda: "ready" in (home.logs / "one.log").read_text())
    (child,) = psutil.Process(service.pid).children()
    os.kill(service.pid, signal.SIGKILL)
    wait_for(lambda: not service.is_running())
    assert stop_services(home, ["one"], grace=0.5) == ["one"]
    assert not is_alive(child)


def test_a_stranger_with_a_used_again_id_is_left_alone(home):
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        note = {"name": "one", "pid": stranger.pid, "started_at": 1.0, "log": ""}
        home.run.mkdir(parents=True)
        (home.run / "one.json").write_text(json.dumps(note))
        assert read_service(home, "one").is_running() is False
        assert stop_services(home, ["one"], grace=0.5) == []
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_stopping_twice_or_nothing_is_no_mistake(home):
    run(home, "pass")
    stop_services(home, ["one"], grace=0.5)
    assert stop_services(home, ["one", "never"], grace=0.5) == []


def test_a_broken_note_is_as_good_as_none(home):
    home.run.mkdir(parents=True)
    (home.run / "one.json").write_text("{")
    assert read_service(home, "one") is None
