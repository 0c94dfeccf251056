"""One person out of a year of 10,000 dials a day: seconds, beside rewriting every file."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from measure import run_apart

DAYS = 365
# "It takes seconds": of wall time, on two cores.
BOUND_S = 60


def run(folder: Path) -> list[dict[str, Any]]:
    """Return what an erasure cost, what the naive way costs for landing alone, and the ratio."""
    home = folder / "home"
    run_apart(home, "day_growth.load_history", DAYS)
    size = run_apart(home, "erase_person.measure_home").result
    naive = run_apart(home, "erase_person.rewrite_landing")
    ours = run_apart(home, "erase_person.erase_busiest")
    cost = {
        "wall_s": round(ours.wall, 1),
        "cpu_s": round(ours.cpu, 1),
        "peak_mib": round(ours.peak),
    }
    return [
        size,
        {"erase": cost, **ours.result},
        {"naive_landing_wall_s": round(naive.wall, 1), **naive.result},
        {"bound_s": BOUND_S, "holds": ours.wall <= BOUND_S},
    ]


def measure_home() -> dict[str, Any]:
    """Return the rows of landing and the bytes of each part of the home."""
    import pyarrow.parquet as pq

    from leadloop.settings import load_settings

    home = load_settings().home
    files = list(home.landing.rglob("*.parquet"))
    sizes = {
        folder.name: round(
            sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20
        )
        for folder in (home.landing, home.warehouse.parent, home.marts, home.inbox)
    }
    rows = sum(pq.read_metadata(file).num_rows for file in files)
    return {"landing_rows": rows, "landing_files": len(files), "mib": sizes}


def erase_busiest() -> dict[str, Any]:
    """Erase the customer with the most calls; return seconds of each step and what went."""
    from leadloop.privacy import erase
    from leadloop.settings import load_settings
    from leadloop.warehouse import open_memory

    settings = load_settings()
    with open_memory() as connection:
        (customer,) = connection.execute(
            "select customer_id from read_parquet(?, union_by_name = true) "
            "where customer_id is not null group by 1 order by count(*) desc, 1 limit 1",
            [str(settings.home.landing / "call" / "*" / "*.parquet")],
        ).fetchone() or ("",)
    started = time.perf_counter()
    with erase.hold_everything(settings):
        plan = erase.plan_erasure(settings, {"customer": customer}, by="benchmark", scope="linked")
        planned = time.perf_counter()
        proof = erase.carry_through(settings, plan)
    ended = time.perf_counter()
    return {
        "plan_s": round(planned - started, 1),
        "carry_through_s": round(ended - planned, 1),
        "removed": proof["removed"],
    }


def rewrite_landing() -> dict[str, Any]:
    """Read and write every landing file as the naive way does; change nothing."""
    import numpy as np

    from leadloop.privacy.erase_tables import filter_parquet
    from leadloop.settings import load_settings

    files = sorted(load_settings().home.landing.rglob("*.parquet"))
    for path in files:
        filter_parquet(path, lambda rows, _first: np.zeros(rows.num_rows, bool))
    return {"files": len(files)}
