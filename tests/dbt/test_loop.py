"""The loop as a whole: ledger rows become published marts, and empty ones say nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadloop import ledger, opstore, pointer, warehouse
from leadloop.publish.marts import hash_marts, list_versions, publish_day
from leadloop.publish.operations import publish_day as publish_operations
from leadloop.transform import TransformError

DAY = "2026-01-05"
RAISED = datetime(2026, 1, 6, 0, 0, tzinfo=UTC)


def hours(number: float) -> datetime:
    return RAISED + timedelta(hours=number)


def alert(alert_id: str, **changes: object) -> dict:
    return {
        "alert_id": alert_id,
        "rule_id": "low-connect",
        "rule_hash": "0f",
        "mode": "guarded",
        "severity": "critical",
        "metric": "connect_rate",
        "dimensions": {"channel": "douyin"},
        "grain": "hour",
        "period": "2026-01-05T14",
        "k": 10,
        "n": 100,
        "value": 0.1,
        "low": 0.05,
        "high": 0.18,
        "threshold": 0.2,
        "money": 1234.5,
        "state": "open",
        "cause": [{"kind": "rate", "place": {"campaign": "spring_retarget"}, "share": 0.9}],
        "first_seen_at": RAISED,
        "last_seen_at": RAISED,
        "owner": "ops_manager",
        **changes,
    }


def action(action_id: str, alert_id: str | None, **changes: object) -> dict:
    return {
        "action_id": action_id,
        "alert_id": alert_id,
        "type": "reschedule_dials",
        "payload": {"hours": [10]},
        "target_type": "campaign",
        "target_id": "spring_retarget",
        "mode": "approve",
        "state": "sent",
        "proposed_at": RAISED,
        "decided_at": hours(1),
        "gate": {"verdict": "allow"},
        "idempotency_key": action_id,
        **changes,
    }


def write_whole_loop(settings) -> None:
    message = {
        "message_id": "m1",
        "action_id": "x",
        "channel": "webhook",
        "target": "dialler",
        "dedupe_key": "x",
        "body": {},
        "state": "sent",
        "attempts": 1,
        "created_at": hours(1),
        "sent_at": hours(2),
    }
    effect = {
        "effect_id": "x",
        "action_id": "x",
        "experiment": "x",
        "metric": "connect_rate",
        "horizon_days": 7,
        "value": 0.05,
        "verdict": "proven",
        "reason": "the interval lies above zero",
        "measured_at": hours(170),
    }
    acknowledged = {"state": "acknowledged", "acknowledged_at": hours(1), "acknowledged_by": "li"}
    with opstore.transaction(settings) as store:
        opstore.append(store, ledger.alerts, [alert("a", **acknowledged), alert("b", cause=[])])
        opstore.append(store, ledger.actions, [action("x", "a"), action("y", "b", state="holdout")])
        opstore.append(store, ledger.outbox, [message])
        opstore.append(store, ledger.effects, [effect])


def read_marts(settings, query: str) -> list[dict]:
    with warehouse.open_marts(settings.home) as connection:
        return warehouse.read_rows(connection, query)


@pytest.fixture
def published(landing):
    """Settings of a home whose day is published, before anything was decided on it."""
    settings = landing.settings
    landing.land(DAY, "calls", [landing.call("a", datetime(2026, 1, 5, 2, tzinfo=UTC))])
    landing.build(DAY, publish=False)
    with opstore.record_step(settings, "daily", DAY, "gate_marts"):
        pass
    publish_day(settings, DAY)
    return settings


def test_a_company_without_alerts_has_empty_marts_and_no_rate_of_zero(published):
    detail = publish_operations(published, DAY)
    assert set(detail["copied"].values()) == {0}
    for mart in ("fct_alerts", "fct_actions", "fct_effects", "rpt_loop"):
        assert read_marts(published, f"select * from {mart}") == []
    assert read_marts(published, "select count(*) as dials from fct_dials") == [{"dials": 1}]


def test_a_signal_that_went_all_the_way_is_told_step_by_step(published):
    write_whole_loop(published)
    publish_operations(published, DAY)
    (loop,) = read_marts(published, "select * exclude (raised_month) from rpt_loop")
    assert loop == {
        "rule_id": "low-connect",
        "raised_count": 2,
        "explained_count": 1,
        "acknowledged_count": 1,
        "acted_count": 1,
        "measured_count": 1,
        "effective_count": 1,
        "explained_rate": 0.5,
        "acknowledged_rate": 0.5,
        "acted_rate": 0.5,
        "measured_rate": 1.0,
        "effective_rate": 1.0,
        "acknowledge_hours": 1.0,
        "act_hours": 2.0,
        "measure_hours": 168.0,
    }
    chain = read_marts(
        published,
        "select alerts.first_cause_place, alerts.money_amount::double as money, alerts.currency, "
        "actions.action_id, effects.verdict from fct_alerts as alerts "
        "join fct_actions as actions using (alert_id) "
        "join fct_effects as effects using (action_id)",
    )
    assert chain == [
        {
            "first_cause_place": '{"campaign":"spring_retarget"}',
            "money": 1234.5,
            "currency": "CNY",
            "action_id": "x",
            "verdict": "proven",
        }
    ]


def test_publishing_the_ledger_twice_changes_no_row(published):
    write_whole_loop(published)
    publish_operations(published, DAY)
    publish_operations(published, DAY)
    new, old, _ = list_versions(published.home)
    assert new.is_current
    assert hash_marts(new.path) == hash_marts(old.path)
    content = pointer.read_pointer(published.home)
    assert (content["cycle"], content["day"], content["data_until"]) == ("daily", DAY, DAY)


def test_what_is_pending_for_the_next_day_stays_pending(published, landing):
    landing.land("2026-01-06", "more", [landing.call("b", datetime(2026, 1, 6, 2, tzinfo=UTC))])
    from leadloop import transform

    transform.build_layer(published, "core", "2026-01-06")
    publish_operations(published, DAY)
    assert landing.read("select batch_id from raw.pending_batches") == [{"batch_id": "more"}]
    assert landing.read("select count(*) as files from raw.built_batches") == [{"files": 1}]


def test_an_action_without_its_alert_stops_before_anything_is_published(published):
    opstore.append(published, ledger.actions, [action("x", "an alert that never was")])
    before = list_versions(published.home)
    with pytest.raises(TransformError, match="relationships"):
        publish_operations(published, DAY)
    assert list_versions(published.home) == before
