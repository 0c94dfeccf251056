"""Made companies: seconds and peak memory, and how both grow with days; a year is asked for apart.

`LEADLOOP_BENCH_DAYS=365` plays the large company for a year as well (about a quarter of an hour,
8 GB of disk).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from measure import run_apart

PLAYED = [("small", 90), ("large", 10), ("large", 30)]
# Bars: seconds of the small company, MiB of the large one.
SMALL_SECONDS, LARGE_MIB = 20, 4096


def run(folder: Path) -> list[dict[str, Any]]:
    """Return one row a company: rows written, cost, and whether the bar holds."""
    asked = os.environ.get("LEADLOOP_BENCH_DAYS")
    rows = []
    for size, days in [*PLAYED, *([("large", int(asked))] if asked else [])]:
        world = folder / f"{size}-{days}"
        cost = run_apart(folder, "make_worlds.play", size, days, str(world))
        shutil.rmtree(world)
        rows.append(
            {
                "size": size,
                "days": days,
                **cost.result,
                "wall_s": round(cost.wall, 1),
                "cpu_s": round(cost.cpu, 1),
                "cpu_us_a_dial": round(cost.cpu / cost.result["dials"] * 1e6, 1),
                "peak_mib": round(cost.peak),
                "holds": cost.wall <= SMALL_SECONDS if size == "small" else cost.peak <= LARGE_MIB,
            }
        )
    return rows


def play(size: str, days: int, folder: str) -> dict[str, int]:
    """Write a world; return how much of what is in it."""
    from leadloop.simulate.make import make_world
    from leadloop.simulate.scale import choose_scale
    from leadloop.simulate.world import Script

    summary = make_world(Script(7, choose_scale(size), "2026-03-02", days), Path(folder))
    return {name: getattr(summary, name) for name in ("dials", "leads", "transcripts", "turns")}
