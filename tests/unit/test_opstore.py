"""Outcome rows: one per key however often a step runs, and none lost when it fails.

What the store does is shown on SQLite and on a real PostgreSQL.
"""

from __future__ import annotations

import contextlib
import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from leadloop import opstore
from leadloop.settings import Settings, load_settings


def read_steps(store: Settings) -> list[dict]:
    return opstore.read(store, sa.select(opstore.step_outcomes))


def test_the_migrations_make_exactly_the_tables_the_code_knows(store: Settings):
    read_steps(store)
    engine = sa.create_engine(store.operations_url)
    seen = sa.inspect(engine)
    for table in opstore.metadata.tables.values():
        wanted = {(column.name, column.nullable) for column in table.columns}
        made = {(item["name"], item["nullable"]) for item in seen.get_columns(table.name)}
        assert made == wanted, table.name
        key = seen.get_pk_constraint(table.name)["constrained_columns"]
        assert key == [column.name for column in table.primary_key]
    engine.dispose()


def test_a_step_that_ends_well_leaves_a_done_row_with_its_detail(store: Settings):
    with opstore.record_step(store, "daily", "2026-01-31", "collect") as detail:
        detail["rows"] = 7
    (row,) = read_steps(store)
    assert (row["state"], row["detail"]) == ("done", {"rows": 7})
    assert row["started_at"] <= row["ended_at"] <= datetime.now(UTC)


def test_a_step_that_fails_leaves_a_failed_row_and_raises_its_own_error(store: Settings):
    with (
        pytest.raises(ValueError, match="no calls"),
        opstore.record_step(store, "daily", "2026-01-31", "collect"),
    ):
        raise ValueError("no calls")
    (row,) = read_steps(store)
    assert (row["state"], row["detail"]) == ("failed", {"error": "ValueError: no calls"})


def test_a_step_that_runs_twice_leaves_one_row(store: Settings):
    for rows in (1, 2):
        with opstore.record_step(store, "daily", "2026-01-31", "collect") as detail:
            detail["rows"] = rows
    assert [row["detail"] for row in read_steps(store)] == [{"rows": 2}]


@pytest.mark.parametrize("hold", [contextlib.nullcontext, opstore.stay_open], ids=["own", "held"])
def test_a_transaction_that_fails_leaves_nothing_half_written(store: Settings, hold):
    row = {
        "cycle": "daily",
        "period": "2026-01-31",
        "step": "collect",
        "state": "done",
        "started_at": opstore.now(),
        "detail": {},
    }
    nameless = {**row, "step": None}
    with hold(store):
        with pytest.raises(sa.exc.IntegrityError), opstore.transaction(store) as connection:
            opstore.replace(connection, opstore.step_outcomes, [row, nameless])
        assert read_steps(store) == []


def _write_many(environ: dict[str, str], worker: int) -> None:
    settings = load_settings(environ)
    for number in range(25):
        with opstore.record_step(settings, "daily", f"{worker:02d}-{number:02d}", "collect"):
            pass


def test_writers_in_several_processes_queue_and_lose_no_row(store: Settings):
    environ = {
        "LEADLOOP_HOME": str(store.home.root),
        "LEADLOOP_OPERATIONS_URL": store.operations_url,
    }
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_many, args=(environ, number)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert len(read_steps(store)) == 75


def test_who_reads_waits_for_no_writer_and_sees_no_half_of_what_it_writes(store: Settings):
    row = {
        "cycle": "daily",
        "period": "2026-01-31",
        "step": "collect",
        "state": "done",
        "started_at": opstore.now(),
        "detail": {},
    }
    read_steps(store)
    with opstore.transaction(store) as writer:
        opstore.append(writer, opstore.step_outcomes, [row])
        # Behind a writer's lock this would wait for thirty seconds and fail.
        assert read_steps(store) == []
    assert len(read_steps(store)) == 1


def test_a_block_that_stays_open_writes_what_others_see_at_once(store: Settings):
    with opstore.stay_open(store):
        with opstore.record_step(store, "daily", "2026-01-31", "collect"):
            # A thread has no part in the held connection: it reads as another process would.
            with ThreadPoolExecutor(1) as pool:
                (row,) = pool.submit(read_steps, store).result()
            assert row["state"] == "running"
        with opstore.transaction(store) as connection:
            # A write within a write has a connection of its own and sees what was before it.
            assert [row["state"] for row in read_steps(store)] == ["done"]
            opstore.replace(connection, opstore.step_outcomes, [])
    assert [row["state"] for row in read_steps(store)] == ["done"]


def test_a_store_that_cannot_be_opened_is_named_with_the_setting_to_change(tmp_path):
    settings = load_settings(
        {"LEADLOOP_HOME": str(tmp_path), "LEADLOOP_OPERATIONS_URL": f"sqlite:///{tmp_path}"}
    )
    with pytest.raises(opstore.OperationsError, match="LEADLOOP_OPERATIONS_URL") as error:
        read_steps(settings)
    assert str(tmp_path) in str(error.value)


def test_a_server_that_refuses_us_is_named_without_the_password(tmp_path, postgres_url):
    wrong = sa.make_url(postgres_url).set(password="hush-1234")
    environ = {
        "LEADLOOP_HOME": str(tmp_path),
        "LEADLOOP_OPERATIONS_URL": wrong.render_as_string(hide_password=False),
    }
    with pytest.raises(opstore.OperationsError, match="LEADLOOP_OPERATIONS_URL") as error:
        read_steps(load_settings(environ))
    assert str(wrong.port) in str(error.value)
    assert "hush-1234" not in str(error.value)
