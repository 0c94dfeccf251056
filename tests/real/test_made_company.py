"""The made company beside real ones: what was taken from them comes out of its files again."""

from __future__ import annotations

import pytest

from leadloop.evaluate.realism.company import compare_company
from leadloop.evaluate.realism.made import Made
from leadloop.evaluate.realism.talks import compare_talks
from leadloop.simulate.make import make_world
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script

FIRST, DAYS = "2026-03-02", 150
# What the real side must be for the comparison to mean anything: figures of the sets' papers and
# pages, or counted by hand in their files.
KNOWN = {
    "talk seconds, not sold": (22_022, 163.0),
    "talk seconds, sold": (2_755, 453.0),
    "days from lead to deal": (350, None),
    # Fader, Hardie and Lee (2005): r .2426, alpha 4.4136, a .7929, b 2.4259.
    "orders a week of one who comes again": (2_357, 0.2426 / 4.4136),
    "chance to stop after an order": (2_357, 0.7929 / (0.7929 + 2.4259)),
    # 336 of 2,480 after a failure, 1,876 of 21,474 who were never called before.
    "sales by result of the talk before, first talk 1": (24_777, (336 / 2480) / (1876 / 21474)),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory, evaluation_data):
    folder = tmp_path_factory.mktemp("made") / "world"
    make_world(Script(5, choose_scale("small", transcribed=0.03), FIRST, DAYS), folder)
    made = Made(folder)
    found = [*compare_talks(made, evaluation_data), *compare_company(made, evaluation_data)]
    return {item.name: item for item in found}


def test_every_statistic_is_as_close_as_it_has_to_be(compared):
    far = {
        name: (item.distance, item.tolerance) for name, item in compared.items() if not item.holds
    }
    assert far == {}
    assert len(compared) == 17


def test_talks_have_the_distribution_they_were_fitted_to(compared):
    for sold in ("sold", "not sold"):
        assert compared[f"talk seconds, {sold}"].distance < 0.05


def test_the_real_side_is_what_its_source_says(compared):
    for name, (count, value) in KNOWN.items():
        item = compared[name]
        assert item.n_real == count
        middle = item.real[len(item.real) // 2]
        assert value is None or middle == pytest.approx(value, rel=0.01)


def test_both_sides_have_cases_enough_to_compare(compared):
    assert all(item.n_made >= 20 and item.n_real >= 20 for item in compared.values())
    assert all(len(item.made) == len(item.real) == len(item.places) for item in compared.values())
