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


def test_the_six_maps_are_shipped():
    assert {path.stem for path in MAPS} >= {
        "anonbank",
        "bank_marketing",
        "generic_cn_cdr",
        "generic_orders",
        "generic_transcript",
        "seretod",
    }
