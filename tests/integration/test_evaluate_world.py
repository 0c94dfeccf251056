"""`leadloop evaluate world`: real cycles over a made world, compared with its truth."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

LEADLOOP = str(Path(sys.executable).with_name("leadloop"))


def run(home: Path, *arguments: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LEADLOOP_")}
    result = subprocess.run(
        [LEADLOOP, *arguments],
        env=kept | {"LEADLOOP_HOME": str(home)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


@pytest.fixture(scope="module")
def scored(tmp_path_factory) -> tuple[Path, Path, list[dict]]:
    """A small world with a loose tongue, and its rows."""
    root = tmp_path_factory.mktemp("scored")
    (root / "faults.yml").write_text(
        "faults:\n  - {kind: forbidden_words, share: 0.3}\n  - {kind: drift}\n", encoding="utf-8"
    )
    run(root / "home", "simulate", "--days", "9", "--dials", "300", "--transcribed", "1",
        "--faults", str(root / "faults.yml"), "--out", str(root / "world"))  # fmt: skip
    shown = run(
        root / "home", "evaluate", "world", str(root / "world"), "--days", "1", "--json", "-"
    )
    return root / "world", root / "home", json.loads(shown[shown.index("[") :])


def test_every_turn_that_was_said_is_judged(scored):
    world, _, rows = scored
    turns = pq.read_table(world / "truth" / "turns.parquet")
    for pool in ("seen", "held_out"):
        meant = turns.filter((pc.field("pool") == pool) & ~pc.field("intent").is_null())
        (row,) = [
            item
            for item in rows
            if (item["name"], item["metric"]) == (f"intents ({pool})", "coverage")
        ]
        # A turn that the recogniser gave to nobody, or emptied, cannot be judged.
        assert 0.99 * meant.num_rows < row["n"] <= meant.num_rows > 1000
        assert 0 < row["low"] < row["value"] < row["high"] < 1


def test_word_lists_are_scored_against_what_was_planted(scored):
    world, _, rows = scored
    talks = pq.read_table(world / "truth" / "talks.parquet")
    planted = talks.filter(pc.field("forbidden") & (pc.field("pool") == "seen")).num_rows
    values = {(row["name"], row["metric"]): row for row in rows}
    recall = values["forbidden words (seen)", "recall"]
    assert recall["n"] == planted > 5
    assert recall["value"] > 0.6
    assert values["alerts: drift", "recall"]["note"] == "not built"


def test_the_board_and_its_page_are_kept(scored):
    _, home, rows = scored
    kept = json.loads((home / "out" / "scoreboard.json").read_text(encoding="utf-8"))["rows"]
    assert len(kept) == len(rows) > 20
    assert "记分牌" in (home / "out" / "scoreboard.html").read_text(encoding="utf-8")
