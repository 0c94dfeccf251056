"""The ledger: one of several deciders wins, a key is written once, proofs are never changed.

Every test runs on SQLite and on a real PostgreSQL.
"""

from __future__ import annotations

import multiprocessing
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from leadloop import ledger, migrations, opstore
from leadloop.settings import Settings, load_settings

MOMENT = datetime(2026, 1, 31, 2, 30, tzinfo=UTC)


def make_action(action_id: str = "a1", **changes: object) -> dict:
    return {
        "action_id": action_id,
        "alert_id": "alert-1",
        "type": "reschedule_dials",
        "payload": {"hours": [10, 11]},
        "target_type": "campaign",
        "target_id": "spring",
        "mode": "approve",
        "state": "proposed",
        "proposed_at": MOMENT,
        "gate": {},
        "idempotency_key": f"key of {action_id}",
        **changes,
    }


def make_proof(proof_id: str = "p1") -> dict:
    return {
        "proof_id": proof_id,
        "action_id": "a1",
        "stage": "plan",
        "verdict": "deny",
        "reason": "21:00 is a forbidden hour",
        "evaluated_at": MOMENT,
        "detail": {"hour": 21},
    }


def read_tables(engine: sa.Engine) -> dict[str, object]:
    seen = sa.inspect(engine)
    return {
        name: (
            {
                (item["name"], item["nullable"], item["type"].compile(engine.dialect))
                for item in seen.get_columns(name)
            },
            seen.get_pk_constraint(name)["constrained_columns"],
            {tuple(item["column_names"]) for item in seen.get_unique_constraints(name)},
            {item["name"] for item in seen.get_indexes(name) if not item["unique"]},
        )
        for name in seen.get_table_names()
        if name != "alembic_version"
    }


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(store: Settings):
    opstore.read(store, sa.select(ledger.alerts))
    engine = sa.create_engine(store.operations_url)
    migrated = read_tables(engine)
    opstore.metadata.drop_all(engine)
    assert read_tables(engine) == {}
    opstore.metadata.create_all(engine)
    assert migrated == read_tables(engine)
    assert {table.name for table in ledger.TABLES} < set(migrated)
    engine.dispose()


def test_a_store_of_the_first_version_keeps_its_rows_when_it_grows(store: Settings):
    engine = opstore._engine(store.operations_url)
    migrations.upgrade(engine, "0001")
    row = {
        "load_date": "2026-01-31",
        "is_held": True,
        "day": "2026-01-31",
        "batches": ["b1"],
        "gated_at": MOMENT,
    }
    with engine.begin() as connection:
        assert not sa.inspect(connection).has_table("alerts")
        opstore.append(connection, opstore.load_gates, [row])
    assert opstore.read(store, sa.select(opstore.load_gates)) == [row]
    assert opstore.read(store, sa.select(ledger.actions)) == []


def test_a_row_comes_back_as_it_went_in_with_times_in_utc(store: Settings):
    assert opstore.append(store, ledger.actions, [make_action(cost=1.5)]) == 1
    found = opstore.find(store, ledger.actions, "a1")
    empty = ("approver", "decided_at", "decided_by", "expires_at", "outcome_window_end")
    assert found == make_action(cost=1.5) | dict.fromkeys(empty)


def test_a_key_that_is_not_there_finds_nothing(store: Settings):
    assert opstore.find(store, ledger.actions, "a1") is None


def test_appending_a_key_twice_is_refused_and_leaves_the_first_row(store: Settings):
    opstore.append(store, ledger.actions, [make_action()])
    with pytest.raises(sa.exc.IntegrityError):
        opstore.append(store, ledger.actions, [make_action("a2"), make_action(state="sent")])
    (row,) = opstore.read(store, sa.select(ledger.actions))
    assert (row["action_id"], row["state"]) == ("a1", "proposed")


@pytest.mark.parametrize(
    ("again", "is_new"),
    [
        pytest.param(make_action(state="sent"), False, id="the same key"),
        pytest.param(make_action("a2", idempotency_key="key of a1"), False, id="unique column"),
        pytest.param(make_action("a2"), True, id="another key"),
    ],
)
def test_insert_new_adds_only_what_is_not_there(store: Settings, again, is_new):
    assert opstore.insert_new(store, ledger.actions, make_action())
    assert opstore.insert_new(store, ledger.actions, again) is is_new
    rows = opstore.read(store, sa.select(ledger.actions))
    assert [row["state"] for row in rows] == ["proposed"] * (1 + is_new)


def test_a_row_that_is_no_longer_as_expected_is_left_alone(store: Settings):
    opstore.append(store, ledger.actions, [make_action()])
    approve = (ledger.actions, "a1", {"state": "proposed"}, {"state": "approved"})
    assert opstore.compare_and_set(store, *approve)
    assert not opstore.compare_and_set(store, *approve)
    reject = {"state": "rejected", "decided_by": "late"}
    assert not opstore.compare_and_set(store, ledger.actions, "a1", {"state": "proposed"}, reject)
    row = opstore.find(store, ledger.actions, "a1")
    assert (row["state"], row["decided_by"]) == ("approved", None)


def test_an_expected_none_means_the_column_is_empty(store: Settings):
    opstore.append(store, ledger.actions, [make_action(), make_action("a2", decided_by="li")])
    claim = ({"decided_by": None}, {"decided_by": "wang"})
    assert opstore.compare_and_set(store, ledger.actions, "a1", *claim)
    assert not opstore.compare_and_set(store, ledger.actions, "a2", *claim)


def test_a_key_of_several_columns_is_given_by_name_or_refused(store: Settings):
    row = {
        "experiment": "redial",
        "unit_id": "lead-7",
        "action_type": "smart_redial",
        "arm": "holdout",
        "assigned_at": MOMENT,
        "hash": "0f",
    }
    opstore.append(store, ledger.assignments, [row])
    key = {"experiment": "redial", "unit_id": "lead-7"}
    assert opstore.find(store, ledger.assignments, key) == row
    with pytest.raises(opstore.OperationsError, match="experiment, unit_id; seen experiment"):
        opstore.find(store, ledger.assignments, "redial")


def test_several_writes_in_one_transaction_happen_together_or_not_at_all(store: Settings):
    def write_then_fail() -> None:
        with opstore.transaction(store) as connection:
            opstore.append(connection, ledger.actions, [make_action()])
            assert opstore.find(connection, ledger.actions, "a1")
            raise ValueError("the sender died")

    with pytest.raises(ValueError, match="died"):
        write_then_fail()
    assert opstore.find(store, ledger.actions, "a1") is None


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(sa.update(ledger.proofs).values(verdict="allow"), id="update"),
        pytest.param(sa.delete(ledger.proofs), id="delete"),
    ],
)
def test_the_database_refuses_to_change_or_delete_a_proof(store: Settings, change):
    opstore.append(store, ledger.proofs, [make_proof()])
    with (
        pytest.raises(sa.exc.DatabaseError, match="append-only"),
        opstore.transaction(store) as connection,
    ):
        connection.execute(change)
    assert opstore.find(store, ledger.proofs, "p1")["verdict"] == "deny"


def _decide(environ: dict[str, str], name: str, gate, wins) -> None:
    store = load_settings(environ)
    opstore.find(store, ledger.actions, "a0")
    gate.wait()
    for number in range(20):
        change = {"state": "approved", "decided_by": name}
        if opstore.compare_and_set(
            store, ledger.actions, f"a{number}", {"state": "proposed"}, change
        ):
            wins.put((f"a{number}", name))


def test_of_several_processes_that_decide_on_a_row_exactly_one_wins(store: Settings):
    opstore.append(store, ledger.actions, [make_action(f"a{number}") for number in range(20)])
    environ = {
        "LEADLOOP_HOME": str(store.home.root),
        "LEADLOOP_OPERATIONS_URL": store.operations_url,
    }
    context = multiprocessing.get_context("spawn")
    gate, wins = context.Barrier(3), context.Queue()
    deciders = [
        context.Process(target=_decide, args=(environ, name, gate, wins))
        for name in ("board", "cli", "airflow")
    ]
    for decider in deciders:
        decider.start()
    won = dict(wins.get(timeout=60) for _ in range(20))
    for decider in deciders:
        decider.join()
    assert [decider.exitcode for decider in deciders] == [0, 0, 0]
    assert wins.empty()
    rows = opstore.read(store, sa.select(ledger.actions))
    assert {row["action_id"]: row["decided_by"] for row in rows} == won


def _open(environ: dict[str, str], gate) -> None:
    store = load_settings(environ)
    gate.wait()
    opstore.read(store, sa.select(ledger.actions))


def test_services_that_start_together_on_an_empty_store_make_its_tables_once(store: Settings):
    environ = {
        "LEADLOOP_HOME": str(store.home.root),
        "LEADLOOP_OPERATIONS_URL": store.operations_url,
    }
    context = multiprocessing.get_context("spawn")
    gate = context.Barrier(3)
    services = [context.Process(target=_open, args=(environ, gate)) for _ in range(3)]
    for service in services:
        service.start()
    for service in services:
        service.join()
    assert [service.exitcode for service in services] == [0, 0, 0]
