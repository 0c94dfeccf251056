"""`make bench`: every benchmark in one run, each in a process of its own, printed and kept.

`python benchmarks/run.py NAME...` runs the named ones. Results: benchmarks.json beside the homes
under a temporary folder, or under LEADLOOP_BENCH where that is set.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import tempfile
from pathlib import Path

NAMES = (
    "make_worlds",
    "import_rows",
    "day_growth",
    "score_utterances",
    "board_panels",
    "rule_counts",
    "erase_person",
)


def main(names: list[str]) -> None:
    """Run the benchmarks and print one JSON line a result."""
    with tempfile.TemporaryDirectory(prefix="leadloop-bench-") as scratch:
        folder = Path(os.environ.get("LEADLOOP_BENCH") or scratch)
        results = {}
        for name in names or NAMES:
            print(f"== {name}", flush=True)
            results[name] = importlib.import_module(name).run(folder / name)
            for row in results[name]:
                print(json.dumps(row, ensure_ascii=False), flush=True)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "benchmarks.json").write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    os.chdir(Path(__file__).resolve().parents[1])
    main(sys.argv[1:])
