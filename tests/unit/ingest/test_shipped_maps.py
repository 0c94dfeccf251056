"""Every shipped map holds what its own examples say."""

from __future__ import annotations

import pytest

from leadloop.ingest.maps import check_map, read_map
from leadloop.settings import PROJECT_ROOT

MAPS = sorted((PROJECT_ROOT / "config" / "maps").glob("*.yml"))


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_the_examples_of_a_shipped_map_hold(path):
    assert check_map(path) == []


@pytest.mark.parametrize("path", MAPS, ids=lambda path: path.stem)
def test_a_shipped_map_is_named_like_its_file(path):
    assert read_map(path).name == path.stem


def test_the_page_lists_every_shipped_map_with_its_table():
    text = (PROJECT_ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    lines = text.partition("## Shipped maps")[2].partition("\n## ")[0].splitlines()
    listed = {}
    for line in lines:
        if line.startswith("| `"):
            names, tables = (cell.split(", ") for cell in line.strip("|").split(" | ")[:2])
            pairs = zip(names, tables, strict=True)
            listed |= {name.strip(" `"): table.strip() for name, table in pairs}
    assert listed == {path.stem: read_map(path).table for path in MAPS}
