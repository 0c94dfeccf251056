"""A stranger's file comes to a report by a few commands, and the numbers are those of the file."""

from __future__ import annotations

import re
import runpy

import pytest

from leadloop.settings import PROJECT_ROOT

TOOL = runpy.run_path(str(PROJECT_ROOT / "tools" / "newcomer_path.py"), run_name="tool")
NAMES = ("yunhu", "ringo", "semicolon")
COUNTED = ("rows", "dials", "answered", "won", "talk_seconds")


def check_walk(found):
    assert len(found.commands) <= 10
    assert len(found.changed) <= 5
    assert {name: found.counts[name] for name in COUNTED} == found.truth


def test_a_file_with_semicolons_and_short_codes_comes_to_a_report(tmp_path):
    found = TOOL["walk"]("semicolon", tmp_path)
    check_walk(found)
    assert (tmp_path / "var" / "out" / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("name", ["yunhu", "ringo"])
def test_every_row_of_the_other_diallers_lands(name, tmp_path):
    found = TOOL["walk"](name, tmp_path, to_report=False)
    assert "300 rows read, 300 would land, 0 duplicate, 0 refused" in found.commands[1][1]
    assert len(found.changed) == 1


@pytest.mark.long
@pytest.mark.parametrize("name", ["yunhu", "ringo"])
def test_the_other_diallers_come_to_a_report_too(name, tmp_path):
    check_walk(TOOL["walk"](name, tmp_path))


def test_the_page_shows_three_walks_that_end_in_the_truth(tmp_path):
    import json

    page = (PROJECT_ROOT / "docs" / "newcomer.md").read_text(encoding="utf-8")
    TOOL["make_files"](tmp_path)
    truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
    for name in NAMES:
        row = re.search(rf"\| \[{name}\].*\|", page)[0]
        _, _, commands, changed, seen, true, _ = (cell.strip() for cell in row.split("|"))
        told = ", ".join(f"{truth[f'{name}.csv'][key]:,}" for key in COUNTED[1:])
        assert seen == true == told
        assert int(commands) <= 10
        assert int(changed) <= 5
        section = page.split(f"## {name}\n")[1].split("\n## ")[0]
        assert section.count("$ leadloop") == int(commands)
        assert len(re.findall(r"^\+ ", section, re.M)) == int(changed)
