"""The list of capabilities is complete, and the marts and metrics that it names are there."""

from __future__ import annotations

import re

import pytest
import yaml

from leadloop.settings import PROJECT_ROOT

MODELS = PROJECT_ROOT / "dbt_project" / "models"
PAGE = (PROJECT_ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.split("|")[1:-1]]
    for line in PAGE.splitlines()
    if line.startswith("| C")
]
MARTS = {path.stem for path in (MODELS / "marts").rglob("*.sql")}
METRICS = {
    metric["name"]
    for path in (MODELS / "semantic").rglob("*.yml")
    for metric in yaml.safe_load(path.read_text(encoding="utf-8")).get("metrics") or []
}


def test_every_capability_is_listed_once_and_in_order():
    assert [row[0] for row in ROWS] == [f"C{number:02}" for number in range(1, 46)]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_a_capability_names_is_there(row):
    named = set(re.findall(r"`((?:fct|dim|rpt)_\w+)`", row[2]))
    assert named <= MARTS, f"docs/capabilities.md, {row[0]}: no mart {sorted(named - MARTS)}"
    metrics = {name.strip() for name in row[3].split(",") if name.strip()}
    unknown = sorted(metrics - METRICS)
    assert not unknown, f"docs/capabilities.md, {row[0]}: no metric {unknown}"
