"""Files of landing written anew: the right rows go, wherever in the file they stand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from leadloop.privacy.erase_tables import erase_landing, filter_parquet
from leadloop.privacy.person import Plan

NOBODY = {"erasure_id": "e1", "asked_for": "customer", "asked_by": "test", "asked_at": "2026-01-06"}


def write_calls(path, customers):
    rows = pa.table({"call_id": [f"c{n}" for n in range(len(customers))], "customer_id": customers})
    pq.write_table(rows, path, row_group_size=2)


def test_a_person_goes_from_every_group_of_rows_and_nobody_else(tmp_path):
    first, second = tmp_path / "a.parquet", tmp_path / "b.parquet"
    write_calls(first, ["k1", "k2", None, "k1", "k3"])
    write_calls(second, ["k2", "k2", "k1"])
    plan = Plan(
        **NOBODY,
        identity={"customer_id": ["k1"]},
        files={"call": [str(first), str(second), str(tmp_path / "gone.parquet")]},
    )
    assert erase_landing("call", plan) == 2
    assert pq.read_table(first).column("call_id").to_pylist() == ["c1", "c2", "c4"]
    assert pq.read_table(second).column("call_id").to_pylist() == ["c0", "c1"]
    # A second run, as after a kill, finds nothing more to take out.
    assert erase_landing("call", plan) == 2
    assert pq.read_table(first).column("call_id").to_pylist() == ["c1", "c2", "c4"]


def test_rows_are_told_by_their_number_in_the_file(tmp_path):
    path = tmp_path / "a.parquet"
    write_calls(path, ["k1"] * 5)
    firsts = []

    def find(rows, first):
        firsts.append(first)
        return np.array([first + place == 3 for place in range(rows.num_rows)])

    assert filter_parquet(path, find) == 1
    assert firsts == [0, 2, 4]
    assert pq.read_table(path).column("call_id").to_pylist() == ["c0", "c1", "c2", "c4"]
