"""The pointer is swapped whole, and a stopped day changes its last attempt alone."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from leadloop import opstore, pointer

DAY = "2026-03-05"


def add_result(settings, severity: str, *, is_passed: bool) -> None:
    row = {
        "gate": "core", "day": DAY, "suite": "core_dials", "expectation": severity,
        "severity": severity, "is_passed": is_passed, "observed": {}, "examples": [],
        "notes": "", "evaluated_at": opstore.now(),
    }  # fmt: skip
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.gate_results, [row])


def make_versions(settings, *numbers: int) -> None:
    settings.home.marts.mkdir(parents=True)
    for number in numbers:
        (settings.home.marts / f"marts_20260305T000000Z_{number:06d}.duckdb").touch()


def test_there_is_no_pointer_before_the_first_run(settings):
    assert pointer.read_pointer(settings.home) == {}
    assert pointer.read_link(settings.home) is None
    assert pointer.list_versions(settings.home) == []


def test_changes_keep_what_they_do_not_name(settings):
    pointer.write_pointer(settings.home, {"version": "v1", "day": "2026-03-04"})
    pointer.write_pointer(settings.home, {"day": DAY})
    assert pointer.read_pointer(settings.home) == {"version": "v1", "day": DAY}


def test_writers_at_the_same_time_lose_nothing(settings):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: pointer.write_pointer(settings.home, {f"k{n}": n}), range(20)))
    assert pointer.read_pointer(settings.home) == {f"k{n}": n for n in range(20)}


def test_a_draft_of_a_killed_writer_is_swept(settings):
    pointer.write_pointer(settings.home, {"a": 1})
    (settings.home.marts / ".current.json.999").write_text("{")
    pointer.write_pointer(settings.home, {"b": 2})
    assert [path.name for path in settings.home.marts.iterdir()] == ["current.json"]


def test_an_attempt_leaves_what_is_published(settings):
    pointer.write_pointer(settings.home, {"version": "v1"})
    pointer.note_attempt(settings, ("daily", DAY), "stopped")
    content = json.loads((settings.home.marts / "current.json").read_text(encoding="utf-8"))
    assert content["version"] == "v1"
    assert content["last_attempt"]["state"] == "stopped"
    assert content["last_attempt"]["day"] == DAY


@pytest.mark.parametrize(
    ("severity", "is_passed", "state"),
    [
        ("critical", True, "passed"),
        ("warning", False, "warned"),
        ("critical", False, "stopped"),
    ],
)
def test_the_state_of_a_gate_follows_from_its_rows(settings, severity, is_passed, state):
    add_result(settings, "other", is_passed=True)
    add_result(settings, severity, is_passed=is_passed)
    assert pointer.read_gates(settings, DAY)["core"]["state"] == state


def test_the_link_is_relative_so_that_a_home_can_be_moved(settings, tmp_path):
    make_versions(settings, 1)
    pointer.swap_link(settings.home, pointer.list_versions(settings.home)[0].path)
    link = settings.home.marts / "current.duckdb"
    assert not link.readlink().is_absolute()
    settings.home.root.rename(tmp_path / "moved")
    assert (tmp_path / "moved" / "marts" / "current.duckdb").exists()


def test_versions_are_listed_newest_first_whatever_the_clock_said(settings):
    make_versions(settings, 2, 1)
    (settings.home.marts / "marts_20250101T000000Z_000010.duckdb").touch()
    (settings.home.marts / "marts_notes.duckdb").touch()
    assert [version.number for version in pointer.list_versions(settings.home)] == [10, 2, 1]


@pytest.mark.parametrize(
    ("keep", "left"),
    [(3, [4, 3, 2]), (1, [4, 3]), (9, [4, 3, 2, 1])],
    ids=["as many as asked", "never less than two", "no more than there are"],
)
def test_old_versions_go(settings, keep, left):
    make_versions(settings, 1, 2, 3, 4)
    pointer.remove_old_versions(settings.home, keep)
    assert [version.number for version in pointer.list_versions(settings.home)] == left


def test_the_current_version_stays_however_old(settings):
    make_versions(settings, 1, 2, 3, 4)
    pointer.swap_link(settings.home, settings.home.marts / "marts_20260305T000000Z_000001.duckdb")
    pointer.remove_old_versions(settings.home, 2)
    assert [version.number for version in pointer.list_versions(settings.home)] == [4, 3, 1]
