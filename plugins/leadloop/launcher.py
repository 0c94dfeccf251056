"""`leadloop up` and `leadloop down`: Airflow's four components, started in order, stopped whole.

The order matters: a scheduler that starts before the API server answers fails its first task.
Neighbours: `services` (processes), `airflow_env` (settings), docs/runbook.md (what to do).
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
from typing import TYPE_CHECKING, Any

import psutil

from leadloop.airflow_api import call_api, get_token, read_health
from leadloop.airflow_env import HOST, USER, load_password, stack_environment
from leadloop.console import say
from leadloop.cycles import WRITER_POOL
from leadloop.errors import LeadloopError
from leadloop.services import read_service, start_service, stop_services

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leadloop.settings import Settings

# In the order of starting; the options keep the log servers (two more ports) away.
COMPONENTS = {
    "airflow-api-server": ("api-server",),
    "airflow-scheduler": ("scheduler", "--skip-serve-logs"),
    "airflow-dag-processor": ("dag-processor",),
    "airflow-triggerer": ("triggerer", "--skip-serve-logs"),
}
API_SERVER = "airflow-api-server"
START_SECONDS = 180.0
STOP_SECONDS = 20.0
_HEALTH = ("metadatabase", "scheduler", "dag_processor", "triggerer")
_TAIL = 5


class LauncherError(LeadloopError):
    """Airflow cannot be started: the port is taken or a component did not come up."""


def start(settings: Settings) -> None:
    """Start the four components and wait until all are healthy; do nothing if they are."""
    from filelock import FileLock, Timeout

    settings.home.run.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(settings.home.run / "launcher.lock", timeout=0):
            _start(settings)
    except Timeout as error:
        message = (
            f"Another `leadloop up` or `down` is at work in {settings.home.root}; wait for it."
        )
        raise LauncherError(message) from error


def stop(settings: Settings) -> None:
    """Stop what `start` started, children included; say so if nothing was running."""
    alive = stop_services(settings.home, list(COMPONENTS)[::-1], STOP_SECONDS)
    say(f"Stopped {len(alive)} components." if alive else "Nothing was running.")


def status(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return for each component whether its process runs and what Airflow says of its health."""
    api_server = read_service(settings.home, API_SERVER)
    # Whoever else holds the port may not answer at all.
    health = read_health(settings) if api_server and api_server.is_running() else {}
    result: dict[str, dict[str, Any]] = {}
    for name in COMPONENTS:
        service = read_service(settings.home, name)
        runs = service is not None and service.is_running()
        key = name.removeprefix("airflow-").replace("-", "_")
        word = "healthy" if name == API_SERVER and health else health.get(key)
        result[name] = {
            "pid": service.pid if service and runs else None,
            "is_running": runs,
            "health": word if runs else None,
        }
    return result


def _start(settings: Settings) -> None:
    url = f"http://{HOST}:{settings.airflow_port}"
    states = status(settings)
    if all(state["is_running"] for state in states.values()):
        say(f"Already up: {url} (user {USER}, password {load_password(settings.home)})")
        return
    if any(state["is_running"] for state in states.values()):
        stop_services(settings.home, COMPONENTS, STOP_SECONDS)
    check_port(settings.airflow_port)
    environment = stack_environment(settings)
    say("Starting Airflow: database, api-server, scheduler, dag-processor, triggerer ...")
    began = time.monotonic()
    _migrate(settings, environment)
    try:
        _launch(settings, API_SERVER, environment)
        _wait(settings, lambda: bool(read_health(settings)), (API_SERVER,))
        token = get_token(settings)
        _ensure_pool(settings, token)
        for name in COMPONENTS:
            if name != API_SERVER:
                _launch(settings, name, environment)
        _wait(settings, lambda: _is_healthy(settings), tuple(COMPONENTS))
        _wait(settings, lambda: _has_read_dags(settings, token), tuple(COMPONENTS))
    except BaseException:
        stop_services(settings.home, COMPONENTS, STOP_SECONDS)
        raise
    say(f"Up after {time.monotonic() - began:.0f} s: {url}")
    say(f"Login: user {USER}, password {load_password(settings.home)}")
    say(f"Logs: {settings.home.logs}/airflow-*.log   Stop: leadloop down")


def check_port(port: int) -> None:
    """Raise LauncherError naming the holder, where it can be told, if the port is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            message = (
                f"Port {port} on {HOST} is taken{_describe_holder(port)}. "
                "Stop that process, or set LEADLOOP_PORT to a free port."
            )
            raise LauncherError(message) from error


def _describe_holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            is_holder = connection.laddr and connection.laddr.port == port
            if is_holder and connection.status == psutil.CONN_LISTEN and connection.pid:
                process = psutil.Process(connection.pid)
                return f" by {process.name()} (process {process.pid})"
    except psutil.Error:
        return ""
    return ""


def _migrate(settings: Settings, environment: dict[str, str]) -> None:
    log = settings.home.logs / "airflow-migrate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        done = subprocess.run(
            _command("db", "migrate"),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=settings.home.airflow,
            check=False,
        )
    if done.returncode:
        message = f"Airflow's database could not be migrated:\n{_tail(log)}\nWhole log: {log}"
        raise LauncherError(message)


def _launch(settings: Settings, name: str, environment: dict[str, str]) -> None:
    start_service(settings.home, name, _command(*COMPONENTS[name]), environment)


def _wait(settings: Settings, is_ready: Callable[[], bool], names: tuple[str, ...]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        for name in names:
            service = read_service(settings.home, name)
            log = settings.home.logs / f"{name}.log"
            if service is None or not service.is_running():
                message = f"{name} ended while starting:\n{_tail(log)}\nWhole log: {log}"
                raise LauncherError(message)
            if time.monotonic() > deadline:
                message = (
                    f"Airflow was not healthy after {START_SECONDS:.0f} s "
                    f"({read_health(settings) or 'its API does not answer'}). "
                    f"Read {settings.home.logs}/airflow-*.log."
                )
                raise LauncherError(message)
        time.sleep(0.2)


def _is_healthy(settings: Settings) -> bool:
    health = read_health(settings)
    return all(health.get(part) == "healthy" for part in _HEALTH)


def _has_read_dags(settings: Settings, token: str) -> bool:
    """Return whether every DAG file was read: until then a run cannot be triggered."""
    found = call_api(settings, "GET", "/api/v2/dags?limit=100", token=token)["total_entries"]
    mistakes = call_api(settings, "GET", "/api/v2/importErrors", token=token)["total_entries"]
    return int(found) + int(mistakes) >= len(list((settings.project / "dags").glob("*.py")))


def _ensure_pool(settings: Settings, token: str) -> None:
    """Make the pool with one slot that all writers of the warehouse share."""
    pool = {"name": WRITER_POOL, "slots": 1, "description": "The one writer of DuckDB."}
    try:
        call_api(settings, "POST", "/api/v2/pools", pool, token)
    except urllib.error.HTTPError as error:
        if error.code != 409:
            raise


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "airflow", *arguments]


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_TAIL:])
