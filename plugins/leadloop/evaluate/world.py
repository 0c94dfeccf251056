"""Scores what is built against the truth of a made world.

The cycles run over the world's exports in a home of its own: its history in bulk, its last days
one by one. Then what was published is compared with `truth/`, which no step has read.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from leadloop.errors import LeadloopError, UsageError
from leadloop.evaluate.alerts import score_alerts
from leadloop.evaluate.language import score_language
from leadloop.evaluate.people import score_people
from leadloop.evaluate.truth import open_truth
from leadloop.warehouse import open_marts

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.evaluate.scoreboard import Place, Row
    from leadloop.settings import Home, Settings

MARKER = "world.json"


def score_world(settings: Settings, folder: Path, daily_days: int) -> list[Row]:
    """Return the rows of a world after its cycles ran in the home, the last days one by one.

    Raises UsageError if the folder holds no world or the home something else, LeadloopError if a
    cycle fails.
    """
    told = read_truth(folder)
    claim_home(settings.home, told)
    _run_cycles(settings, folder, told, daily_days)
    with open_marts(settings.home) as marts:
        open_truth(marts, folder / "truth")
        place = name_place(told)
        rows = [
            *score_language(marts, place),
            *score_people(marts, told, place),
            *score_alerts(marts, told, place, daily_days),
        ]
    return [replace(row, note=row.note or _describe(told)) for row in rows]


def name_place(told: dict[str, Any]) -> Place:
    """Return the set that a world belongs to, and its seed."""
    kind = "null" if told["null"] else "planted" if told["faults"] else "clean"
    return f"{kind} {told['first_day']}+{told['days']}", told["seed"]


def read_truth(folder: Path) -> dict[str, Any]:
    """Return what was played and planted in a world; raise UsageError if there is none."""
    path = folder / "truth" / "world.json"
    if not path.exists() or not (folder / "inbox").is_dir():
        message = f"{folder} holds no world (inbox/ and truth/); make one with `leadloop simulate`."
        raise UsageError(message)
    told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return told


def claim_home(home: Home, told: dict[str, Any]) -> None:
    """Mark an empty home as this world's; raise UsageError if it holds anything else."""
    marker, text = home.root / MARKER, json.dumps(told, sort_keys=True)
    if marker.exists() and marker.read_text(encoding="utf-8") == text:
        return
    if home.landing.exists() or home.inbox.exists():
        message = (
            f"{home.root} holds other data; a world is scored in a home of its own: set "
            "LEADLOOP_HOME to a new folder, such as ./var-world."
        )
        raise UsageError(message)
    home.root.mkdir(parents=True, exist_ok=True)
    marker.write_text(text, encoding="utf-8")


def _run_cycles(settings: Settings, folder: Path, told: dict[str, Any], daily_days: int) -> None:
    """Run history in bulk, then the last days as daily cycles; what has run is not run again."""
    from leadloop.cycles import run_cycle

    shutil.copytree(folder / "inbox", settings.home.inbox, dirs_exist_ok=True)
    first = date.fromisoformat(told["first_day"])
    days = [str(first + timedelta(days=number)) for number in range(told["days"])]
    daily = min(daily_days, len(days) - 1)
    bulk = days[: len(days) - daily]
    runs = [(bulk[-1], bulk[0]), *((day, None) for day in days[len(days) - daily :])]
    for day, since in runs:
        if code := run_cycle(settings, "daily", day, since=since, quiet=True):
            message = f"The daily cycle of {day} ended with {code}; its log says why."
            raise LeadloopError(message)


def _describe(told: dict[str, Any]) -> str:
    planted = ", ".join(fault["kind"] for fault in told["faults"]) or "nothing planted"
    return f"{told['scale']['dials']} dials a day; {planted}"
