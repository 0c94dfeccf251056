"""What the integration tests share: homes of other companies, and the real files read apart.

The figures of the real files are worked out here with csv, gzip and json alone: no line of
the product takes part, so that a mistake of the models cannot hide in the expectation.
"""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from leadloop.settings import Settings, load_settings

BANK = """\
tenant_id: bank
name: A bank in Israel
language: en
timezone: Asia/Jerusalem
currency: ILS
phone_region: IL
week_start: sunday
sources:
  - {name: switch, path: "calls_{yyyymmdd}.csv", map: anonbank, required: false}
"""
NOT_REACHED = "0:00:00"


def make_home(root: Path, company: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Point the environment at an empty home of a company; return its settings."""
    config = root / "config"
    config.mkdir(parents=True)
    (config / "company.yml").write_text(company, encoding="utf-8")
    monkeypatch.setenv("LEADLOOP_HOME", str(root / "home"))
    monkeypatch.setenv("LEADLOOP_CONFIG", str(config))
    monkeypatch.setenv("LEADLOOP_PHONE_HASH_KEY", "key of the tests")
    monkeypatch.delenv("LEADLOOP_OPERATIONS_URL", raising=False)
    return load_settings()


def leadloop(*arguments: str) -> str:
    """Run the command line as a user would; return what it printed, fail on a non-zero exit."""
    result = subprocess.run(
        [str(Path(sys.executable).with_name("leadloop")), *arguments],
        capture_output=True,
        text=True,
    )
    shown = result.stdout[-6000:] + result.stderr[-6000:]
    assert result.returncode == 0, f"leadloop {' '.join(arguments)}\n{shown}"
    return result.stdout


@pytest.fixture(scope="session")
def run_leadloop():
    return leadloop


@pytest.fixture(scope="module")
def make_company_home() -> Iterator[Callable[[Path, str], Settings]]:
    """Make a home for a company and point the environment at it until the module ends."""
    with pytest.MonkeyPatch.context() as patch:
        yield lambda root, company: make_home(root, company, patch)


@pytest.fixture(scope="session")
def bank_company() -> str:
    return BANK


@pytest.fixture(scope="session")
def clock_seconds() -> Callable[[str], int]:
    return seconds


@dataclass(frozen=True)
class Switch:
    """Raw rows of the bank's switch log, 1-14 February 1999."""

    rows: list[dict[str, str]]

    @property
    def served(self) -> list[dict[str, str]]:
        """Rows in which an agent began to serve."""
        return [
            row
            for row in self.rows
            if row["outcome"] == "AGENT" and row["ser_start"] != NOT_REACHED
        ]

    def by_day(self, rows: list[dict[str, str]]) -> dict[str, int]:
        """Count rows by ISO date."""
        return dict(Counter(iso_date(row["date"]) for row in rows))


def iso_date(text: str) -> str:
    """Return 990201 as 1999-02-01."""
    return f"19{text[:2]}-{text[2:4]}-{text[4:]}"


def seconds(clock: str) -> int:
    """Return the seconds since midnight of 7:02:47."""
    hours, minutes, rest = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60 + int(rest)


def read_csv(path: Path) -> list[dict[str, str]]:
    """Return the rows of a gzipped CSV file as they are."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def switch(evaluation_data: Path) -> Switch:
    return Switch(read_csv(evaluation_data / "callcentre" / "anonbank_1999-02_a.csv.gz"))


@pytest.fixture(scope="session")
def campaign(evaluation_data: Path) -> list[dict[str, str]]:
    return read_csv(evaluation_data / "conversion" / "bank_marketing.csv.gz")


@pytest.fixture(scope="session")
def dialogues(evaluation_data: Path) -> list[dict]:
    path = evaluation_data / "dialogue" / "seretod_china_mobile_examples.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return [json.loads(line) for line in file]
