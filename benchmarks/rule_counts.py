"""What the shipped rules would have sent in a clean half-year and in one with planted trouble."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from measure import run_apart

WORLDS: dict[str, list[dict[str, Any]]] = {
    "clean": [],
    "planted": [{"kind": "dead_list", "from": -3}, {"kind": "forbidden_words"}],
}
FIRST, LAST, DAYS = "2026-03-02", "2026-08-28", 180
DIALS_PER_DAY = 800
COUNTED_DAYS = 90


def run(folder: Path) -> list[dict[str, Any]]:
    """Return one row a world and rule: messages of the guarded and of the naive form."""
    rows = []
    for name, faults in WORLDS.items():
        home = folder / name
        run_apart(home, "rule_counts.load_company", faults)
        rows += run_apart(home, "rule_counts.count_messages", name).result
    return rows


def load_company(faults: list[dict[str, Any]]) -> None:
    """Load the half-year in bulk."""
    from leadloop.cycles import run_cycle
    from leadloop.settings import load_settings
    from leadloop.simulate.faults import plant
    from leadloop.simulate.make import write_company

    settings = load_settings()
    write_company(
        settings.home.root, first_day=FIRST, days=DAYS, dials=DIALS_PER_DAY, faults=plant(*faults)
    )
    if run_cycle(settings, "daily", LAST, since=FIRST, quiet=True) != 0:
        message = f"the bulk load with {faults} failed"
        raise RuntimeError(message)


def count_messages(world: str) -> list[dict[str, Any]]:
    """Count what each rule would have sent in the last ninety days, and what is open at the end."""
    import json
    import subprocess
    import sys

    code = "from leadloop.cli import main; main()"
    words = ["rules", "backtest", "--all", "--days", str(COUNTED_DAYS), "--json", "-"]
    said = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    return [
        {"world": world, **{name: row[name] for name in ("rule", "guarded", "naive", "windows")}}
        for row in json.loads(said.stdout)
    ]
