"""The board: how long each panel takes, asked for the first time and again."""

from __future__ import annotations

import time
from pathlib import Path
from statistics import median
from typing import Any

from measure import run_apart

DAYS = 28
DIALS_PER_DAY = 2_000
REPEATS = 30
PANELS = ("status", "tiles", "hours", "channels", "alerts", "actions", "gates", "loads")


def run(folder: Path) -> list[dict[str, Any]]:
    """Return milliseconds by panel over four weeks of a made company."""
    home = folder / "home"
    run_apart(home, "board_panels.load_company")
    cost = run_apart(home, "board_panels.ask_panels")
    return [{**row, "peak_mib": round(cost.peak)} for row in cost.result]


def load_company() -> None:
    """Load the company's four weeks in bulk."""
    from leadloop.cycles import run_cycle
    from leadloop.settings import load_settings
    from leadloop.simulate.make import write_company

    settings = load_settings()
    first = "2026-03-02"
    write_company(settings.home.root, first_day=first, days=DAYS, dials=DIALS_PER_DAY)
    if run_cycle(settings, "daily", "2026-03-29", since=first, quiet=True) != 0:
        message = "the bulk load failed"
        raise RuntimeError(message)


def ask_panels() -> list[dict[str, Any]]:
    """Ask for every panel through the application, without a network."""
    from fastapi.testclient import TestClient

    from leadloop.settings import load_settings
    from leadloop.web.app import create_app
    from leadloop.web.viewers import Viewer

    board = TestClient(create_app(load_settings(), lambda: Viewer("bench", may_decide=False)))
    rows = []
    for panel in PANELS:
        seconds = []
        for _ in range(REPEATS + 1):
            begun = time.perf_counter()
            board.get(f"/api/{panel}").raise_for_status()
            seconds.append(time.perf_counter() - begun)
        first, again = seconds[0], sorted(seconds[1:])
        rows.append(
            {
                "panel": panel,
                "first_ms": round(1000 * first, 1),
                "again_p50_ms": round(1000 * median(again), 1),
                "again_p95_ms": round(1000 * again[int(0.95 * len(again))], 1),
            }
        )
    return rows
