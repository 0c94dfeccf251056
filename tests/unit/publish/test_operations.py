"""The ledger in the warehouse: every row, with its types, from either kind of store."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pyarrow as pa
import pytest
import sqlalchemy as sa

from leadloop import ledger, opstore, published, warehouse
from leadloop.publish.errors import PublishError
from leadloop.publish.operations import copy_ledger, publish_day, read_table

MOMENT = datetime(2026, 1, 31, 2, 30, tzinfo=UTC)
PROOF = {
    "proof_id": "p1",
    "action_id": "a1",
    "stage": "send",
    "verdict": "deny",
    "reason": "已拒绝来电",
    "evaluated_at": MOMENT,
    "detail": {"phone_hash": "ab12"},
}
ACTION = {
    "action_id": "a1",
    "type": "smart_redial",
    "payload": {},
    "target_type": "campaign",
    "target_id": "spring",
    "mode": "auto",
    "state": "sent",
    "proposed_at": MOMENT,
    "gate": {},
    "idempotency_key": "k1",
}
EFFECT = {
    "effect_id": "a1",
    "action_id": "a1",
    "metric": "connect_rate",
    "horizon_days": 7,
    "n_treat": 900,
    "n_holdout": 100,
    "value": 0.031,
    "verdict": "no effect shown",
    "reason": "the interval holds zero",
    "measured_at": MOMENT,
}


def read(settings, query: str) -> list[dict]:
    with warehouse.open_warehouse(settings.home) as connection:
        return warehouse.read_rows(connection, query)


def test_an_empty_ledger_is_copied_as_empty_tables_with_their_types(store):
    copied = [table.name for table in (*ledger.TABLES, published.metric_restatements)]
    assert copy_ledger(store) == dict.fromkeys(copied, 0)
    types = read(
        store,
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = 'operations' and table_name = 'effects'",
    )
    by_name = {row["column_name"]: row["data_type"] for row in types}
    assert by_name["effect_id"] == "VARCHAR"
    assert by_name["n_treat"] == "BIGINT"
    assert by_name["value"] == "DOUBLE"
    assert by_name["measured_at"] == "TIMESTAMP WITH TIME ZONE"


def test_rows_arrive_with_their_values_and_moments(store):
    opstore.append(store, ledger.effects, [EFFECT])
    assert copy_ledger(store)["effects"] == 1
    (row,) = read(store, "select * from operations.effects")
    empty = {"experiment": None, "low": None, "high": None}
    assert row == EFFECT | empty


def test_json_arrives_as_its_text(store):
    alert = {
        **{name: name for name in ("rule_id", "rule_hash", "mode", "severity", "metric", "grain")},
        "alert_id": "x",
        "period": "2026-01-31",
        "dimensions": {"channel": "抖音"},
        "threshold": 0.2,
        "state": "open",
        "cause": [],
        "first_seen_at": MOMENT,
        "last_seen_at": MOMENT,
        "owner": "ops_manager",
    }
    opstore.append(store, ledger.alerts, [alert])
    copy_ledger(store)
    (row,) = read(store, "select dimensions, cause from operations.alerts")
    assert json.loads(row["dimensions"]) == {"channel": "抖音"}
    assert row["cause"] == "[]"


def test_what_was_sent_to_whom_stays_in_the_store(store):
    opstore.append(store, ledger.actions, [ACTION])
    copy_ledger(store)
    names = {row["column_name"] for row in read(store, "from duckdb_columns()")}
    assert not names & {"payload", "body", "target", "detail", "unit_id"}


@pytest.mark.parametrize(
    ("payload", "experiment"),
    [
        pytest.param({"experiment": "spring"}, "spring", id="shared with other actions"),
        pytest.param({"experiment": None}, None, id="none given"),
        pytest.param({}, None, id="not of this type"),
    ],
)
def test_the_experiment_of_an_action_is_taken_out_of_its_payload(store, payload, experiment):
    opstore.append(store, ledger.actions, [{**ACTION, "payload": payload}])
    copy_ledger(store)
    assert read(store, "select experiment from operations.actions") == [{"experiment": experiment}]


def test_judgements_of_people_are_copied_as_counts(store):
    others = [
        PROOF | {"proof_id": "p2", "reason": "another person"},
        PROOF | {"proof_id": "p3", "stage": "plan"},
        PROOF | {"proof_id": "p4", "rule_id": "cn-hours"},
    ]
    opstore.append(store, ledger.proofs, [PROOF, *others])
    copy_ledger(store)
    rows = read(store, "select stage, verdict, rule_id, proof_count from operations.proofs")
    found = {(row["stage"], row["verdict"], row["rule_id"], row["proof_count"]) for row in rows}
    assert found == {
        ("send", "deny", None, 2),
        ("plan", "deny", None, 1),
        ("send", "deny", "cn-hours", 1),
    }


def test_units_are_copied_as_counts_of_their_arm(store):
    arms = ["treat"] * 3 + ["holdout"]
    drawn = {"experiment": "spring", "action_type": "sms", "assigned_at": MOMENT, "hash": "0f"}
    rows = [{**drawn, "unit_id": str(number), "arm": arm} for number, arm in enumerate(arms)]
    opstore.append(store, ledger.assignments, rows)
    assert copy_ledger(store)["assignments"] == 2
    counts = read(store, "select arm, unit_count from operations.assignments order by arm")
    assert counts == [{"arm": "holdout", "unit_count": 1}, {"arm": "treat", "unit_count": 3}]


def test_copying_again_replaces_what_was_copied(store):
    opstore.append(store, ledger.effects, [EFFECT])
    copy_ledger(store)
    opstore.append(store, ledger.effects, [{**EFFECT, "effect_id": "a2"}])
    assert copy_ledger(store)["effects"] == 2
    rows = read(store, "select effect_id from operations.effects order by effect_id")
    assert [row["effect_id"] for row in rows] == ["a1", "a2"]


def test_many_rows_are_read_in_batches(settings):
    many = [{**EFFECT, "effect_id": f"{number:06d}"} for number in range(50_001)]
    with opstore.transaction(settings) as store:
        store.execute(ledger.effects.insert(), many)
        table = read_table(store, sa.select(ledger.effects).order_by(ledger.effects.c.effect_id))
    assert table.schema.field("measured_at").type == pa.timestamp("us", tz="UTC")
    assert table.column("effect_id").to_pylist() == [row["effect_id"] for row in many]


def test_marts_that_no_gate_has_judged_are_not_published_with_the_ledger(settings):
    with opstore.record_step(settings, "daily", "2026-01-31", "build_marts"):
        pass
    with pytest.raises(PublishError, match="gate_marts has not passed"):
        publish_day(settings, "2026-01-31")
    assert not settings.home.marts.exists()


def test_of_the_numbers_restated_only_totals_are_copied(store):
    restated = {
        "metric": "dials", "grain": "day", "period": "2026-01-05", "old_n": 3, "new_n": 4,
        "old_as_of": "2026-01-05", "new_as_of": "2026-01-06", "old_snapshot_id": "1",
        "new_snapshot_id": "2", "cause": "late_rows", "detail": {}, "restated_at": MOMENT,
    }  # fmt: skip
    rows = [
        {**restated, "restatement_id": "total", "dims": "{}"},
        {**restated, "restatement_id": "part", "dims": '{"channel": "web"}'},
    ]
    opstore.append(store, published.metric_restatements, rows)
    assert copy_ledger(store)["metric_restatements"] == 1
    (row,) = read(store, "select restatement_id, new_n from operations.metric_restatements")
    assert row == {"restatement_id": "total", "new_n": 4}
