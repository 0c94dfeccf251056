"""The list of what users ask for is complete, and what it names is there."""

from __future__ import annotations

import re

import pytest

from leadloop.settings import PROJECT_ROOT

# The numbers of the asks that were collected, and of what no compared system has.
WANTED = [*(str(number) for number in range(1, 27)), *(f"U{number}" for number in range(1, 16))]
PAGE = (PROJECT_ROOT / "docs" / "asks.md").read_text(encoding="utf-8")
UNIT_TESTS = "".join(
    path.read_text(encoding="utf-8")
    for path in (PROJECT_ROOT / "dbt_project").rglob("*__unit_tests.yml")
)
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in PAGE.splitlines()[8:]]


def test_every_ask_is_listed_once_and_in_order():
    assert [row[0] for row in ROWS] == WANTED


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_an_ask_names_a_test_a_page_or_the_work_that_brings_it(row):
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row[2])
    pages = re.findall(r"\]\(([^)]+)\)", row[2])
    letters = re.findall(r"(?:^|[:;] )[^;]*?\b([C-F])\b(?:$|;)", row[2])
    units = re.findall(r"`(\w+)` of `(\w+)`", row[2])
    assert tests or pages or letters or units, row
    for name, model in units:
        assert f"- name: {name}\n    model: {model}\n" in UNIT_TESTS, f"no unit test {name}"
    for path, name in tests:
        code = (PROJECT_ROOT / path).read_text(encoding="utf-8")
        assert re.search(rf"^\s*def {name}\(", code, re.M), f"{path} has no {name}"
    for page in pages:
        assert (PROJECT_ROOT / "docs" / page).exists(), page
