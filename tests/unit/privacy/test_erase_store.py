"""The person in the operations store, on SQLite and on a real PostgreSQL."""

import pytest
import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.privacy.erase_store import erase_operations
from leadloop.privacy.person import Plan
from leadloop.privacy.redaction import Redactor

HASH = "ab" * 32


@pytest.fixture
def redactor():
    identity = {"phone_hash": [HASH], "customer_id": ["7"]}
    return Redactor(Plan("0a", "phone", "t", "2026-01-05T00:00:00+00:00", identity=identity))


@pytest.fixture
def filled(store):
    moment = opstore.now()
    proof = {
        "proof_id": "p1", "action_id": "a1", "stage": "send", "verdict": "deny",
        "reason": "do not call", "evaluated_at": moment,
    }  # fmt: skip
    drawn = {"experiment": "e", "action_type": "t", "arm": "treat", "assigned_at": moment}
    with opstore.transaction(store) as connection:
        opstore.append(
            connection,
            ledger.proofs,
            [
                proof | {"detail": {"phone_hash": HASH, "share": 0.5, "list": ["x", HASH]}},
                proof | {"proof_id": "p2", "detail": {"phone_hash": "cd" * 32}},
            ],
        )
        opstore.append(
            connection,
            ledger.assignments,
            [
                drawn | {"unit_id": "7", "hash": "1" * 16},
                drawn | {"unit_id": "77", "hash": "2" * 16},
            ],
        )
    return store


def read(store, table):
    with opstore.transaction(store) as connection:
        return connection.execute(sa.select(table).order_by(*table.primary_key)).mappings().all()


def test_the_person_becomes_a_tombstone_and_others_stay(filled, redactor):
    assert erase_operations(filled, redactor, "stone") == {"assignments": 1, "proofs": 1}
    first, second = read(filled, ledger.proofs)
    assert first["detail"] == {"phone_hash": "stone", "share": 0.5, "list": ["x", "stone"]}
    assert (first["verdict"], first["reason"]) == ("deny", "do not call")
    assert second["detail"] == {"phone_hash": "cd" * 32}
    drawn = [(row["unit_id"], row["hash"], row["arm"]) for row in read(filled, ledger.assignments)]
    # The draw is a keyed hash of the unit, so it goes with it.
    assert sorted(drawn) == [("77", "2" * 16, "treat"), ("stone", "stone", "treat")]


def test_a_second_run_finds_nothing(filled, redactor):
    erase_operations(filled, redactor, "stone")
    assert erase_operations(filled, redactor, "other stone") == {}


def test_proofs_refuse_changes_again_afterwards(filled, redactor):
    erase_operations(filled, redactor, "stone")
    with (
        pytest.raises(sa.exc.DatabaseError, match="append-only"),
        opstore.transaction(filled) as connection,
    ):
        connection.execute(sa.delete(ledger.proofs))


def test_the_proof_of_an_erasure_refuses_changes(store):
    row = {
        "erasure_id": "1", "asked_for": "phone", "asked_by": "t", "asked_at": opstore.now(),
        "finished_at": opstore.now(), "removed": {}, "notes": [],
    }  # fmt: skip
    from leadloop.privacy.erased import erasures

    opstore.append(store, erasures, [row])
    for change in (sa.update(erasures).values(asked_by="x"), sa.delete(erasures)):
        with (
            pytest.raises(sa.exc.DatabaseError, match="erasures are append-only"),
            opstore.transaction(store) as connection,
        ):
            connection.execute(change)


# A file under the home is SQLite's way alone.
@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_no_page_of_the_file_keeps_the_person(filled, redactor):
    path = filled.home.operations
    files = [path.with_name(path.name + ending) for ending in ("", "-wal", "-shm")]

    def holds():
        return any(HASH.encode() in file.read_bytes() for file in files if file.exists())

    assert holds()
    erase_operations(filled, redactor, "stone")
    assert not holds()
