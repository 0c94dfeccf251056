"""Which loads the landing gate judges."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadloop import contract, opstore, transform, warehouse
from leadloop.quality.scope import find_loads, open_scope

DAY, NEXT = "2026-03-05", "2026-03-06"


@pytest.fixture
def land(settings):
    """Land an empty file of a load; return its path below landing."""

    def work(day: str, batch: str, table: str = "call") -> str:
        path = warehouse.landing_path(settings.home, (table, day, day, day, batch))
        path.parent.mkdir(parents=True, exist_ok=True)
        schema = contract.arrow_schema(contract.TABLES[table])
        pq.write_table(pa.table({name: [] for name in schema.names}, schema=schema), path)
        return str(path.relative_to(settings.home.landing))

    return work


def hold(settings, day: str) -> None:
    row = {"load_date": day, "is_held": True, "day": day, "batches": [], "gated_at": opstore.now()}
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.load_gates, [row])


def test_a_days_own_load_is_judged_also_when_nothing_landed(settings):
    assert find_loads(settings, (DAY, DAY)).loads == (DAY,)


def test_every_pending_load_is_judged(settings, land):
    land("2026-03-01", "b1")
    land("2026-03-02", "b2", "utterance")
    assert find_loads(settings, (DAY, DAY)).loads == ("2026-03-01", "2026-03-02", DAY)


def test_a_load_that_is_published_is_not_judged_again(settings, land):
    file = land("2026-03-01", "b1")
    transform.mark_built(settings, DAY)
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute(
            "insert into raw.built_batches values ('b1', 'call', '2026-03-01', ?, now())", [file]
        )
    assert find_loads(settings, (DAY, DAY)).loads == (DAY,)


def test_a_held_load_is_left_out_but_on_its_own_day(settings, land):
    land(DAY, "b1")
    hold(settings, DAY)
    assert find_loads(settings, (NEXT, NEXT)).loads == (NEXT,)
    assert find_loads(settings, (DAY, DAY)).loads == (DAY,)


def test_the_batches_of_a_load_are_known(settings, land):
    land(DAY, "b2")
    land(DAY, "b1", "utterance")
    land(NEXT, "b3")
    assert find_loads(settings, (DAY, DAY)).list_batches(DAY) == ["b1", "b2"]


def test_earlier_same_weekdays_are_opened_and_other_history_is_not(settings, land):
    for day in ("2026-02-26", "2026-02-27", DAY):
        file = land(day, f"b-{day}")
        transform.mark_built(settings, DAY)
        with warehouse.open_warehouse(settings.home) as connection:
            connection.execute(
                "insert into raw.built_batches values ('b', 'call', ?, ?, now())", [day, file]
            )
    with open_scope(settings, "landing", (DAY, DAY)) as (connection, _):
        (view,) = warehouse.read_rows(
            connection, "select sql from duckdb_views() where view_name = 'landed_weeks'"
        )
    assert "load_date=2026-02-26" in view["sql"]
    assert "load_date=2026-02-27" not in view["sql"]


def test_core_is_judged_against_the_later_of_day_and_today(settings):
    with open_scope(settings, "core", ("2999-01-01", "2999-01-01")) as (_, scope):
        assert scope.parameters == {"latest": "2999-01-01"}
    with open_scope(settings, "core", ("1999-01-01", "1999-01-01")) as (_, scope):
        assert scope.parameters["latest"] > "2025"
