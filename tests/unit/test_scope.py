"""The scope of a run, without dbt: files, dates, months and what is pending."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadloop import contract, scope, touched, warehouse
from leadloop.errors import UsageError
from leadloop.warehouse import LandingFile, landing_path


def land(settings, load_date: str, batch: str, days: list[str | None]) -> None:
    """Write calls of the given local days (None: no day) into one landing file."""
    rows: list[dict[str, Any]] = [
        {
            "source_system": "dialler",
            "source_pk": f"{batch}-{line}",
            "event_date": date.fromisoformat(day) if day else None,
            "event_month": date.fromisoformat(day).replace(day=1) if day else None,
            "ingested_at": datetime(2026, 1, 9, tzinfo=UTC),
            "source_line": line,
        }
        for line, day in enumerate(days)
    ]
    dates = sorted(day for day in days if day)
    first, last = (dates[0], dates[-1]) if dates else ("", "")
    path = landing_path(settings.home, ("call", load_date, first, last, batch))
    path.parent.mkdir(parents=True, exist_ok=True)
    schema = contract.arrow_schema(contract.CALL)
    full = [{name: row.get(name) for name in schema.names} for row in rows]
    pq.write_table(pa.Table.from_pylist(full, schema=schema), path)


def read(settings, sql: str) -> list[Any]:
    with warehouse.open_warehouse(settings.home) as connection:
        return [value for (value,) in connection.execute(sql).fetchall()]


def pretend_core(settings) -> None:
    """Lay empty core tables, as a first build would leave them."""
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("create schema if not exists intermediate")
        columns = "varchar as dial_id, null::date as scope_date, null::date as dial_date"
        for name in scope.CORE_TABLES:
            connection.execute(
                f"create table intermediate.{name} as select null::{columns}, "
                "null::date as dial_month, null::varchar as transcript_id, "
                "null::varchar as order_id where false"
            )


def test_the_first_scope_is_full_and_holds_every_date_and_the_day_itself(settings):
    land(settings, "2026-01-05", "b1", ["2026-01-03", "2026-01-05"])
    outcome = scope.prepare(settings, "2026-01-06")
    assert outcome == {
        "pending_files": 1,
        "has_history": True,
        "has_events": True,
        "touched_dates": 3,
        "first_date": "2026-01-03",
        "last_date": "2026-01-06",
        "is_full": True,
    }


def test_an_empty_landing_still_gives_views_of_the_whole_contract(settings):
    scope.prepare(settings, "2026-01-06")
    names = read(settings, "select column_name from (describe raw.calls)")
    assert names == [column.name for column in contract.CALL.all_columns] + ["load_date"]
    assert read(settings, "select count(*) from raw.utterances") == [0]


def test_a_published_scope_is_closed_and_the_next_day_is_about_its_own_files(settings):
    land(settings, "2026-01-05", "b1", ["2026-01-05"])
    scope.prepare(settings, "2026-01-05")
    pretend_core(settings)
    scope.mark_built(settings, "2026-01-05")
    land(settings, "2026-01-06", "b2", ["2026-01-06", "2026-01-06"])
    outcome = scope.prepare(settings, "2026-01-06")
    assert outcome["is_full"] is False
    assert (outcome["pending_files"], outcome["touched_dates"]) == (1, 1)
    assert read(settings, "select count(*) from raw.calls") == [2]


def test_a_scope_that_was_not_published_is_still_open_the_next_day(settings):
    pretend_core(settings)
    land(settings, "2026-01-05", "b1", ["2026-01-02"])
    scope.prepare(settings, "2026-01-05")
    outcome = scope.prepare(settings, "2026-01-06")
    assert outcome["pending_files"] == 1
    dates = read(settings, "select event_date::varchar from raw.touched_dates order by all")
    assert dates == ["2026-01-02", "2026-01-05", "2026-01-06"]


def test_a_full_scope_stays_full_until_it_is_published(settings):
    pretend_core(settings)
    assert scope.prepare(settings, "2026-01-05", full=True)["is_full"]
    assert scope.prepare(settings, "2026-01-05")["is_full"]
    assert scope.is_full(settings)
    scope.mark_built(settings, "2026-01-05")
    assert not scope.prepare(settings, "2026-01-05")["is_full"]


def test_a_built_file_that_is_gone_makes_the_next_scope_full(settings):
    pretend_core(settings)
    land(settings, "2026-01-05", "b1", ["2026-01-05"])
    scope.prepare(settings, "2026-01-05")
    scope.mark_built(settings, "2026-01-05")
    for file in warehouse.list_landing(settings.home, "call"):
        file.path.unlink()
    assert scope.prepare(settings, "2026-01-06")["is_full"]
    assert read(settings, "select count(*) from raw.built_batches") == [0]


def test_a_row_without_a_day_is_kept_under_the_date_of_its_load(settings):
    pretend_core(settings)
    land(settings, "2026-01-05", "b1", [None])
    scope.prepare(settings, "2026-01-07")
    dates = read(settings, "select event_date::varchar from raw.touched_dates order by all")
    assert dates == ["2026-01-05", "2026-01-07"]


def test_a_period_is_noted_once(settings):
    scope.report_period(settings, "weekly", "2026-01-05")
    scope.report_period(settings, "weekly", "2026-01-05")
    scope.report_period(settings, "monthly", "2026-01")
    found = read(settings, "select period_start_date::varchar from raw.reported_periods order by 1")
    assert found == ["2026-01-01", "2026-01-05"]


def test_what_is_not_a_day_is_refused(settings):
    with pytest.raises(UsageError, match="wanted YYYY-MM-DD"):
        scope.prepare(settings, "yesterday")


@pytest.mark.parametrize(
    ("first", "last", "load_date", "matters"),
    [
        pytest.param("2026-01-05", "2026-01-05", "2026-01-05", True, id="the date itself"),
        pytest.param("2026-01-01", "2026-01-09", "2026-01-09", True, id="a span across it"),
        pytest.param("2026-01-06", "2026-01-09", "2026-01-09", False, id="a span after it"),
        pytest.param("2026-01-01", "2026-01-04", "2026-01-04", False, id="a span before it"),
        pytest.param("", "", "2026-01-05", True, id="undated rows of its load"),
        pytest.param("", "", "2026-01-06", False, id="undated rows of another load"),
        pytest.param("2026-01-01", "2026-01-01", "2026-01-05", True, id="a mixed file of its load"),
    ],
)
def test_a_file_matters_when_it_may_hold_a_row_kept_under_the_date(
    tmp_path, first, last, load_date, matters
):
    file = LandingFile(tmp_path, "call", load_date, first, last, "b")
    assert touched.may_hold(file, ["2026-01-05"]) is matters
