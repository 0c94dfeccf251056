"""Long-running processes of ours: started in groups of their own, remembered, stopped whole.

A process is remembered as a file under the home with its id and its start time: ids are used
again by the system, the pair is not, so that a stranger is never stopped.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from leadloop.settings import Home

_SAME_START = 0.5


@dataclass(frozen=True, slots=True)
class Service:
    """One process that we started, leader of its own process group."""

    name: str
    pid: int
    started_at: float
    log: str

    def is_running(self) -> bool:
        """Return whether the very process that we started is alive."""
        try:
            process = psutil.Process(self.pid)
            is_same = abs(process.create_time() - self.started_at) < _SAME_START
        except psutil.NoSuchProcess:
            return False
        return is_same and _is_alive(process)


def start_service(
    home: Home, name: str, command: Sequence[str], environment: Mapping[str, str]
) -> Service:
    """Start a process in a group of its own, with a log file, and remember it."""
    home.run.mkdir(parents=True, exist_ok=True)
    home.logs.mkdir(parents=True, exist_ok=True)
    log = home.logs / f"{name}.log"
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=home.airflow,
            start_new_session=True,
        )
    service = Service(name, process.pid, psutil.Process(process.pid).create_time(), str(log))
    _note(home, name).write_text(json.dumps(asdict(service)), encoding="utf-8")
    return service


def read_service(home: Home, name: str) -> Service | None:
    """Return the remembered process of that name, running or not."""
    try:
        return Service(**json.loads(_note(home, name).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def stop_services(home: Home, names: Iterable[str], grace: float) -> list[str]:
    """Stop the remembered processes with all their children; return the names that were alive.

    All are asked to end at once; what is left after the grace period is killed.
    """
    services = [service for name in names if (service := read_service(home, name))]
    members = {service.name: _find_members(service) for service in services}
    alive = [name for name, processes in members.items() if processes]
    for service in services:
        if service.is_running():
            os.killpg(service.pid, signal.SIGTERM)
        else:
            _signal(members[service.name], signal.SIGTERM)
    everyone = [process for processes in members.values() for process in processes]

    def find_left() -> list[psutil.Process]:
        late = [process for service in services for process in _find_members(service)]
        return [process for process in {*everyone, *late} if _is_alive(process)]

    if not _wait_until_gone(find_left, grace):
        _signal(find_left(), signal.SIGKILL)
        _wait_until_gone(find_left, grace)
    for name in names:
        _note(home, name).unlink(missing_ok=True)
    return alive


def _find_members(service: Service) -> list[psutil.Process]:
    """Return the living processes of a service: its group, and the leader's descendants.

    Where the leader is gone, its id may lead a stranger's group; then nothing is ours.
    """
    found: dict[int, psutil.Process] = {}
    if service.is_running():
        leader = psutil.Process(service.pid)
        found = {leader.pid: leader}
        found |= {child.pid: child for child in leader.children(recursive=True)}
    elif _is_stranger(service):
        return []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == service.pid:
                found[process.pid] = process
        except OSError:
            continue
    return [process for process in found.values() if _is_alive(process)]


def _is_stranger(service: Service) -> bool:
    """Return whether the service's id belongs to another process by now."""
    try:
        started_at = psutil.Process(service.pid).create_time()
    except psutil.NoSuchProcess:
        return False
    return abs(started_at - service.started_at) >= _SAME_START


def _wait_until_gone(find_left: Callable[[], list[psutil.Process]], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while find_left():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def _is_alive(process: psutil.Process) -> bool:
    """Return whether a process still does something: a zombie only waits to be noticed."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _note(home: Home, name: str) -> Path:
    return home.run / f"{name}.json"
