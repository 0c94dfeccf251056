"""One writer at a time, readers on published files, landing files known by their names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from leadloop import warehouse
from leadloop.settings import Settings


def test_a_landing_path_is_read_back_as_what_it_was_made_of(settings: Settings):
    made = ("call", "2026-02-01", "2026-01-30", "2026-01-31", "ab12")
    path = warehouse.landing_path(settings.home, made)
    path.parent.mkdir(parents=True)
    path.touch()
    (file,) = warehouse.list_landing(settings.home, "call")
    assert (file.table, file.load_date, file.first, file.last, file.batch_id) == made
    assert file.path == path


def test_a_file_overlaps_only_the_days_between_its_first_and_last(settings: Settings):
    file = warehouse.LandingFile(settings.home.root, "call", "d", "2026-01-10", "2026-01-20", "b")
    assert file.overlaps("2026-01-20", "2026-01-25")
    assert file.overlaps("2026-01-01", "2026-01-31")
    assert not file.overlaps("2026-01-21", "2026-01-31")
    assert not file.overlaps("2026-01-01", "2026-01-09")


def test_rows_without_a_day_overlap_no_day(settings: Settings):
    path = warehouse.landing_path(settings.home, ("utterance", "2026-02-01", "", "", "ab12"))
    assert path.name == "undated_ab12.parquet"
    path.parent.mkdir(parents=True)
    path.touch()
    (file,) = warehouse.list_landing(settings.home, "utterance")
    assert (file.first, file.last, file.batch_id) == ("", "", "ab12")
    assert not file.overlaps("0001-01-01", "9999-12-31")


def test_times_come_back_in_utc(settings: Settings):
    with warehouse.open_warehouse(settings.home) as connection:
        rows = warehouse.read_rows(connection, "select timestamptz '2026-01-31 08:00:00+08' as at")
    assert rows[0]["at"].isoformat() == "2026-01-31T00:00:00+00:00"


def test_a_second_writer_waits_then_is_told_who_holds_the_file(settings: Settings):
    code = (
        "import sys; from leadloop.settings import load_settings\n"
        "from leadloop.warehouse import open_warehouse\n"
        "with open_warehouse(load_settings().home):\n"
        "    print('open', flush=True); sys.stdin.read()\n"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with (
        pytest.raises(warehouse.WarehouseError, match=str(holder.pid)),
        warehouse.open_warehouse(settings.home, wait=0.2),
    ):
        pass
    holder.communicate("")
    with warehouse.open_warehouse(settings.home, wait=0.2):
        pass


def test_reading_before_anything_is_published_says_what_to_run(settings: Settings):
    with (
        pytest.raises(warehouse.WarehouseError, match="leadloop run daily"),
        warehouse.open_marts(settings.home),
    ):
        pass


def test_a_mistake_in_a_warehouse_file_is_not_taken_for_a_lock(settings: Settings):
    settings.home.warehouse.parent.mkdir(parents=True)
    settings.home.warehouse.write_bytes(b"not a database at all" * 100)
    with (
        pytest.raises(Exception, match="not a valid DuckDB"),
        warehouse.open_warehouse(settings.home, wait=0.2),
    ):
        pass


def test_a_table_that_is_not_there_is_told_from_other_mistakes():
    wanted = pytest.raises(warehouse.MissingTableError, match="fct_nothing")
    with warehouse.open_memory() as connection, wanted:
        warehouse.read_rows(connection, "select * from fct_nothing")
