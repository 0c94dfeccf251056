"""Real partners: one Airflow for all tests that need a scheduler, a receiver, a mail server."""

import contextlib
import email
import json
import os
import socket
import socketserver
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass

import pytest

from leadloop import launcher
from leadloop.airflow_api import call_api, get_token
from leadloop.keys import load_key
from leadloop.settings import PROJECT_ROOT, Settings, load_settings

RECEIVER = PROJECT_ROOT / "examples" / "receiver" / "receiver.py"


@dataclass(frozen=True)
class Stack:
    """A running Airflow and the calls that tests make to its API."""

    settings: Settings
    token: str

    def call(self, method, path, body=None):
        return call_api(self.settings, method, path, body, self.token)

    def trigger(self, dag, key=None, **conf):
        body = {"logical_date": None, "conf": conf}
        if key:
            body["partition_key"] = key
        return self.call("POST", f"/api/v2/dags/{dag}/dagRuns", body)["dag_run_id"]

    def list_runs(self, dag):
        return self.call("GET", f"/api/v2/dags/{dag}/dagRuns?limit=100")["dag_runs"]

    def list_keys(self, dag):
        return sorted(run["partition_key"] for run in self.list_runs(dag))

    def read_tasks(self, dag, run_id):
        path = f"/api/v2/dags/{dag}/dagRuns/{quote(run_id)}/taskInstances"
        found = self.call("GET", path)["task_instances"]
        return {task["task_id"]: task["state"] for task in found}

    def wait_for_run(self, dag, run_id, seconds=240):
        path = f"/api/v2/dags/{dag}/dagRuns/{quote(run_id)}"
        return wait_until(
            lambda: (state := self.call("GET", path)["state"]) in ("success", "failed") and state,
            seconds,
        )

    def tell_days(self, *days):
        """Close days as `close_day` does, without the work of their cycles."""
        assets = self.call("GET", "/api/v2/assets")["assets"]
        (asset,) = (item["id"] for item in assets if item["name"] == "daily_marts")
        for day in days:
            event = {"asset_id": asset, "partition_key": day, "extra": {}}
            self.call("POST", "/api/v2/assets/events", event)

    def wait_until(self, condition, seconds=60):
        return wait_until(condition, seconds)

    def settle(self):
        """Let the scheduler go over what is pending a few times."""
        time.sleep(5)


def quote(text):
    return urllib.parse.quote(text, safe="")


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s"
        time.sleep(0.5)
    return result


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """Airflow as `leadloop up` starts it; stopped at the end if a test has not done it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("stack") / "home"
    settings = load_settings({"LEADLOOP_HOME": str(home), "LEADLOOP_PORT": str(port)})
    launcher.start(settings)
    try:
        yield Stack(settings, get_token(settings))
    finally:
        launcher.stop(settings)


@pytest.fixture(scope="session")
def first_week(stack):
    """The id of a real daily run, triggered over the API, that loads a whole week."""
    from leadloop.simulate.make import write_company

    write_company(stack.settings.home.root, first_day="2026-01-05", days=7, dials=60)
    run_id = stack.trigger("daily_cycle", "2026-01-11", since="2026-01-05")
    assert stack.wait_for_run("daily_cycle", run_id) == "success", stack.read_tasks(
        "daily_cycle", run_id
    )
    return run_id


class MailHandler(socketserver.StreamRequestHandler):
    """Enough of SMTP to take a mail; every mail that was accepted is kept."""

    def handle(self):
        # A sender that is killed leaves in the middle of a word.
        with contextlib.suppress(OSError):
            self.talk()

    def talk(self):
        self.say("220 sink")
        while line := self.rfile.readline():
            word = line.decode().split()[0].upper()
            if word == "DATA":
                self.say("354 go on")
                lines = []
                while (text := self.rfile.readline()) and text != b".\r\n":
                    lines.append(text.removeprefix(b"."))
                if not text:
                    return
                self.server.mails.append(email.message_from_bytes(b"".join(lines)))
                # A server that has the mail but has not said so is where repeats come from.
                time.sleep(self.server.delay)
                self.say("250 2.0.0 kept as number " + str(len(self.server.mails)))
            elif word == "QUIT":
                self.say("221 bye")
                return
            elif word == "RCPT" and b"nobody@" in line:
                self.say("550 5.1.1 no such person")
            else:
                self.say("250 ok")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


@pytest.fixture(scope="session")
def open_mail_server():
    """How to open a mail server on loopback; it keeps what it took in `mails`."""

    @contextlib.contextmanager
    def open_server():
        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), MailHandler)
        server.daemon_threads = True
        server.mails, server.delay = [], 0.0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
            server.server_close()

    return open_server


class Receiver:
    """The example receiver as a process that can be killed and started again."""

    def __init__(self, settings, folder):
        self.secret = load_key(settings, "signing").decode()
        self.store = folder / "received.db"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None

    def start(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, RECEIVER, "--port", str(self.port), "--store", self.store, *options],
            env={**os.environ, "RECEIVER_SECRET": self.secret},
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                self.get("/")
            except OSError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def kill(self):
        self.process.kill()
        self.process.wait()

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return json.loads(answer.read())

    def post(self, body, **headers):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/dialler", data=body, headers=headers, method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read())


@pytest.fixture(scope="session")
def make_receiver():
    return Receiver
