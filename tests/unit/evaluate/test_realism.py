"""The page of realism shows both sides, and what is too far is seen."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.errors import UsageError
from leadloop.evaluate.realism.company import gini, list_cohort
from leadloop.evaluate.realism.made import Made
from leadloop.evaluate.realism.page import draw, list_rows, write_realism
from leadloop.evaluate.realism.statistic import Statistic
from leadloop.evaluate.realism.talks import compare_hours
from leadloop.simulate.make import make_world
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script

NEAR = Statistic(
    "talk <seconds>", "通话", "a set (CC BY 4.0)", ("10%", "90%"), (10.0, 40.0), (20.0, 20.0),
    1000, 50, "difference", 0.04, 0.05,
)  # fmt: skip


def test_the_page_shows_both_sides_with_source_sizes_and_verdict(tmp_path):
    far = Statistic("x", "x", "s", ("a",), (1.0,), (2.0,), 5, 6, "difference", 0.5, 0.1)
    write_realism(tmp_path / "realism.html", "clean 2026-03-02+150", [NEAR, far])
    page = (tmp_path / "realism.html").read_text(encoding="utf-8")
    assert "talk &lt;seconds&gt;" in page
    assert "a set (CC BY 4.0)" in page
    assert "n 1,000 / 50" in page
    assert page.count('class="good"') == page.count('class="bad"') == 1
    assert "What is not grounded" in page


def test_a_curve_is_drawn_to_the_scale_of_both():
    # Highest value 40 at the upper edge (8), 10 at a quarter of the 104 between the edges.
    assert draw(NEAR) == {"made": "8.0,86.0 312.0,8.0", "real": "8.0,60.0 312.0,60.0"}


def test_the_row_says_what_was_compared_with_what():
    (row,) = list_rows("clean", [NEAR], 7)
    assert (row.name, row.value, row.n, row.seed) == ("realism: talk <seconds>", 0.04, 1000, 7)
    sides = "at 90%: made 40, real 20"
    assert row.note == f"difference; at most 0.05; {sides}; a set (CC BY 4.0), n 50"


def test_gini_of_one_who_has_all_and_of_equals():
    # For n people one of whom has everything it is (n - 1) / n.
    assert gini(np.array([0.0, 0.0, 0.0, 8.0])) == pytest.approx(0.75)
    assert gini(np.array([2.0, 2.0])) == pytest.approx(0.0)


def test_only_who_became_a_customer_here_is_followed():
    lines = pd.DataFrame(
        [("K1", "ledger_basic"), ("K1", "printer"), ("K1", "renewal"), ("K2", "printer"),
         ("K1", "ledger_basic"), ("K3", "ledger_chain")],
        columns=["customer_id", "product_id"],
    )  # fmt: skip
    # K2 was one before; the second plan of K1 and the renewal are no orders of supplies.
    followed = list_cohort(lines)
    assert sorted(zip(followed.customer_id, followed.product_id, strict=True)) == [
        ("K1", "ledger_basic"), ("K1", "printer"), ("K3", "ledger_chain"),
    ]  # fmt: skip


def test_hours_turned_upside_down_are_seen(tmp_path):
    make_world(Script(3, choose_scale("small", 1500, 0.0), "2026-03-02", 12), tmp_path / "w")
    made = Made(tmp_path / "w")
    assert compare_hours(made).holds
    calls = made.calls
    upside_down = calls.start_time.str[11:13].isin(["10", "11", "15"])
    calls["human"] = np.where(upside_down, False, calls.human | ~upside_down)
    assert not compare_hours(made).holds


def test_without_the_real_sets_the_command_says_where_it_looked(tmp_path, monkeypatch):
    make_world(Script(3, choose_scale("small", 40, 0.0), "2026-03-02", 2), tmp_path / "w")
    monkeypatch.delenv("LEADLOOP_EVALUATION_DATA", raising=False)
    result = CliRunner().invoke(app, ["evaluate", "realism", str(tmp_path / "w")])
    assert isinstance(result.exception, UsageError)
    assert "LEADLOOP_EVALUATION_DATA" in str(result.exception)
