"""A day does not get dearer with history: one day's work after 30 and after 365 days."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from measure import run_apart

DIALS_PER_DAY = 10_000
HISTORIES = (30, 365)
# Three ordinary weekdays after the history: the median keeps one disturbed run out.
DAYS = ("2026-01-06", "2026-01-07", "2026-01-08")
BOUND = 1.3


def run(folder: Path) -> list[dict[str, Any]]:
    """Return the cost of a day's steps after each history, and the ratio."""
    rows: list[dict[str, Any]] = []
    for history in HISTORIES:
        home = folder / f"home-{history}"
        bulk = run_apart(home, "day_growth.load_history", history)
        days = [run_apart(home, "day_growth.run_day", day) for day in DAYS]
        rows.append(
            {
                "history_days": history,
                "bulk_wall_s": round(bulk.wall, 1),
                "bulk_peak_mib": round(bulk.peak),
                "day_steps_s": round(median(day.result["seconds"] for day in days), 2),
                "by_step": days[-1].result["by_step"],
                "marts_mib": days[-1].result["marts_mib"],
            }
        )
    ratio = rows[-1]["day_steps_s"] / rows[0]["day_steps_s"]
    rows.append({"ratio": round(ratio, 2), "bound": BOUND, "holds": ratio <= BOUND})
    return rows


def load_history(days: int) -> dict[str, Any]:
    """Write and load the history before the measured days; one bulk run of the daily DAG."""
    from leadloop.cycles import run_cycle
    from leadloop.settings import load_settings
    from leadloop.simulate.make import write_company

    settings = load_settings()
    last = date.fromisoformat(DAYS[0]) - timedelta(days=1)
    first = last - timedelta(days=days - 1)
    total = days + len(DAYS)
    write_company(settings.home.root, first_day=str(first), days=total, dials=DIALS_PER_DAY)
    if run_cycle(settings, "daily", str(last), since=str(first), quiet=True) != 0:
        message = f"the bulk load of {days} days failed"
        raise RuntimeError(message)
    return {"days": total}


def run_day(day: str) -> dict[str, Any]:
    """Run one day's DAG; return the seconds of its steps, Airflow's own start left out."""
    import sqlalchemy as sa

    from leadloop import opstore
    from leadloop.cycles import run_cycle
    from leadloop.settings import load_settings
    from leadloop.warehouse import current_marts

    settings = load_settings()
    if run_cycle(settings, "daily", day, quiet=True) != 0:
        message = f"the daily cycle of {day} failed"
        raise RuntimeError(message)
    query = sa.select(opstore.step_outcomes).where(opstore.step_outcomes.c.period == day)
    steps = {
        row["step"]: round((row["ended_at"] - row["started_at"]).total_seconds(), 2)
        for row in opstore.read(settings, query)
    }
    size = current_marts(settings.home).stat().st_size / 2**20
    return {"seconds": sum(steps.values()), "by_step": steps, "marts_mib": round(size)}
