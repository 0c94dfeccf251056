"""Run a piece of work in a process of its own and say what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# The measured process: times the call alone, imports of the module left out. Its own peak is
# VmHWM: ru_maxrss would begin with that of the process which started it.
PROBE = """
import importlib, json, pathlib, re, resource, sys, time
sys.path.insert(0, "benchmarks")
module, function, arguments, target = sys.argv[1:]
call = getattr(importlib.import_module(module), function)
used = lambda: sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, (0, -1)))
cpu, wall = used(), time.perf_counter()
result = call(*json.loads(arguments))
wall, cpu = time.perf_counter() - wall, used() - cpu
own = re.search(r"VmHWM:\\s+(\\d+) kB", pathlib.Path("/proc/self/status").read_text())[1]
peak = max(int(own), resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024
cost = {"wall": wall, "cpu": cpu, "peak": peak, "result": result}
open(target, "w").write(json.dumps(cost))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of wall and CPU, and the peak of resident memory in MiB, children included."""

    wall: float
    cpu: float
    peak: float
    result: Any


def run_apart(home: Path, call: str, *arguments: object) -> Cost:
    """Call `module.function` with JSON arguments in a fresh process under the home."""
    module, function = call.rsplit(".", 1)
    home.mkdir(parents=True, exist_ok=True)
    target = home / "cost.json"
    environment = {
        **os.environ,
        "LEADLOOP_HOME": str(home),
        "LEADLOOP_PHONE_HASH_KEY": "benchmark",
    }
    command = [sys.executable, "-c", PROBE, module, function, json.dumps(arguments), str(target)]
    subprocess.run(command, check=True, env=environment)
    content = json.loads(target.read_text(encoding="utf-8"))
    target.unlink()
    return Cost(**content)
