"""Worlds whose files the tests read with their own eyes, without the code that wrote them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import pytest

from leadloop.simulate.sample import write_sample

MONDAY = "2026-03-02"
DAYS = 120


@dataclass
class Files:
    """The newest version of every call and order, and all transcripts, as read from the files."""

    calls: list[dict[str, str]] = field(default_factory=list)
    orders: list[dict[str, str]] = field(default_factory=list)
    texts: list[dict[str, object]] = field(default_factory=list)


def read_newest(paths: list[Path], key: str, time: str) -> list[dict[str, str]]:
    newest: dict[str, dict[str, str]] = {}
    for path in paths:
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["export_time"] is None or "?" in row[time]:
                    continue  # a broken line
                if row["export_time"] >= newest.get(row[key], row)["export_time"]:
                    newest[row[key]] = row
    return list(newest.values())


def read_files(folder: Path) -> Files:
    return Files(
        calls=read_newest(sorted((folder / "dialler").iterdir()), "call_id", "start_time"),
        orders=read_newest(sorted((folder / "orders").iterdir()), "order_id", "placed_time"),
        texts=[
            json.loads(line)
            for path in sorted((folder / "transcripts").iterdir())
            for line in path.read_text(encoding="utf-8").splitlines()
        ],
    )


@pytest.fixture(scope="session")
def make_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str | None], Files]:
    """Write four months of a world with this fault, and read them."""
    seen: dict[str | None, Files] = {}

    def make(fault: str | None) -> Files:
        if fault not in seen:
            folder = tmp_path_factory.mktemp("world")
            write_sample(folder, first_day=MONDAY, days=DAYS, dials_per_day=800, fault=fault)
            seen[fault] = read_files(folder)
        return seen[fault]

    return make


@pytest.fixture(scope="session")
def clean(make_world: Callable[[str | None], Files]) -> Files:
    """A world without any trouble."""
    return make_world(None)


@pytest.fixture(scope="session")
def troubled(make_world: Callable[[str | None], Files]) -> Files:
    """The demo's trouble: a list of dead numbers, an agent who promises too much."""
    return make_world("dead_numbers_douyin")


@pytest.fixture(scope="session")
def last_days() -> list[str]:
    """The days on which the list is dead."""
    last = date.fromisoformat(MONDAY) + timedelta(days=DAYS - 1)
    return [(last - timedelta(days=back)).isoformat() for back in range(3)]
