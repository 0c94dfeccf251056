"""The demo's last screen: the planted alert with cause, money, proposal, and its own mail."""

from __future__ import annotations

from leadloop import ledger, opstore
from leadloop.actions import outbox
from leadloop.demo_story import describe_alert, describe_story

PLACE = {"channel": "short_video"}


def make_alert(alert_id, **changes):
    now = opstore.now()
    cause = {
        "kind": "rate",
        "place": {**PLACE, "campaign": "spring_retarget"},
        "share": 0.92,
        "money": 1690.0,
        "evidence": {"k0": 212, "n0": 640, "k1": 14, "n1": 160},
    }
    row = {
        "alert_id": alert_id,
        "rule_id": "connect-drop",
        "rule_hash": "abc",
        "mode": "guarded",
        "severity": "critical",
        "metric": "connect_rate",
        "dimensions": PLACE,
        "grain": "day",
        "period": "2026-03-31",
        "k": 31,
        "n": 214,
        "value": 31 / 214,
        "low": 0.104,
        "high": 0.198,
        "threshold": 0.2,
        "expected": 0.331,
        "money": 1840.0,
        "state": "open",
        "cause": [cause],
        "first_seen_at": now,
        "last_seen_at": now,
        "owner": "ops_manager",
    }
    return {**row, **changes}


def tell(settings, alert_id):
    body = {"subject": alert_id, "text": alert_id}
    row = {"channel": "mail", "body": body, "alert_id": alert_id}
    outbox.queue_message(settings, "mail.ops", alert_id, row)
    outbox.drain(settings)


def test_the_screen_names_what_where_why_how_much_and_what_to_do(settings):
    action = {
        "action_id": "act-1",
        "alert_id": "planted",
        "type": "reschedule_dials",
        "payload": {},
        "target_type": "channel",
        "target_id": "short_video",
        "mode": "approve",
        "state": "proposed",
        "proposed_at": opstore.now(),
        "gate": {"allowed": 162, "total": 175},
        "idempotency_key": "k",
    }
    opstore.append(settings, ledger.alerts, [make_alert("planted")])
    opstore.append(settings, ledger.actions, [action])
    tell(settings, "planted")
    # A later mail about something else is not the alert's.
    tell(settings, "other")
    text = "\n".join(describe_story(settings))
    assert "14.5% (10.4%-19.8%, n 214), 通常 usually 33.1%" in text
    assert "1,840 CNY" in text
    assert "campaign=spring_retarget" in text
    assert "33.1% -> 8.8% (92% of the change)" in text
    assert "162 of 175 allowed): leadloop actions approve act-1" in text
    mails = [line for line in text.splitlines() if "邮件" in line]
    assert len(mails) == 1
    assert mails[0].endswith(f"{outbox.make_key('planted')}.eml")


def test_a_silence_is_told_without_a_number(settings):
    silence = {"value": None, "low": None, "high": None, "k": None, "n": None, "money": None}
    opstore.append(settings, ledger.alerts, [make_alert("quiet", cause=[], **silence)])
    text = "\n".join(describe_story(settings))
    assert "没有数据 · no data since 2026-03-31: 抖音短视频 (channel=short_video)" in text


def test_an_alert_without_an_interval_shows_none(settings):
    alert = {
        **make_alert("count", low=None, high=None),
        "label": {"zh": "量", "en": "Count"},
    }
    assert "14.5% (n 214)" in describe_alert(alert, {}, "CNY")


def test_without_an_alert_the_screen_says_so(settings):
    assert describe_story(settings) == ["  没有预警 · no alert"]
