"""Publishing survives being killed: the readers' side of it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

RANDOM_KILLS = 8
# Before and after each of six stations, and in the middle of the copy.
STATION_KILLS = 13


@pytest.fixture(scope="module")
def outcome(tmp_path_factory) -> dict:
    """What is left and what a reader saw after two dozen kills and one whole publish."""
    root = tmp_path_factory.mktemp("killed") / "home"
    program = Path(__file__).with_name("killed_publisher.py")
    result = subprocess.run(
        [sys.executable, str(program), str(RANDOM_KILLS), "7"],
        env={"PATH": "/usr/bin:/bin", "LEADLOOP_HOME": str(root)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_the_publisher_was_really_killed(outcome):
    assert outcome["cut"] > STATION_KILLS
    assert outcome["drafts_seen"] >= 3


def test_a_reader_never_saw_an_error_or_half_a_version_or_an_older_one(outcome):
    assert outcome["errors"] == []
    assert outcome["reads"] > 20


def test_the_last_publish_is_whole_and_pointed_at(outcome):
    assert outcome["last"] == outcome["wanted"]
    assert outcome["pointer"] == outcome["current"]


def test_every_version_left_is_whole(outcome):
    assert outcome["numbers"] == sorted(outcome["numbers"], reverse=True)
    assert len(outcome["numbers"]) <= 3


def test_nothing_is_left_lying_about(outcome):
    versions = [name for name in outcome["files"] if name.startswith("marts_")]
    assert len(versions) == len(outcome["numbers"])
    assert set(outcome["files"]) == {*versions, "current.duckdb", "current.json"}
