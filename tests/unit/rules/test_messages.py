"""Messages: in both languages, to every connection once, never in quiet hours."""

from datetime import UTC, datetime

import pytest

from leadloop.rules.messages import Words, find_quiet_end, make_messages

WORDS = Words({"channel": {"short_video": {"zh": "抖音", "en": "Douyin"}}})
ALERT = {
    "alert_id": "a1",
    "dimensions": {"channel": "short_video"},
    "value": 0.15,
    "expected": 0.36,
    "k": 15,
    "n": 100,
    "period": "2026-03-31T14",
    "money": 420.0,
    "unit": "share",
    "currency": "CNY",
    "cause": [{"place": {"channel": "short_video", "campaign": "spring"}, "share": 0.82}],
}
NOON = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)


def test_a_message_says_what_where_how_sure_and_why(make_rule):
    rule = make_rule(do=[{"notify": ["mail.ops", "mail.ops", "csv.desk"]}])
    first, second = make_messages(rule, ALERT, WORDS, (NOON, None))
    assert (first["channel"], first["target"]) == ("mail", "mail.ops")
    assert second["target"] == "csv.desk"
    assert first["body"]["subject"] == "规则：抖音 · Made: Douyin"
    text = first["body"]["text"]
    assert "现在 15.0%（15/100），通常 36.0%" in text
    assert "The change sits in Douyin · spring: 82% of it." in text
    assert "Estimated loss 420 CNY" in text
    assert text.endswith(rule.why)
    english = Words(WORDS.names, ("en", "zh"))
    (said, _) = make_messages(rule, ALERT, english, (NOON, None))
    assert said["body"]["subject"] == "Made: Douyin · 规则：抖音"
    assert first["next_attempt_at"] == NOON


def test_a_silence_says_that_no_data_came(make_rule):
    rule = make_rule(do=[{"notify": ["mail.ops"]}])
    alert = {**ALERT, "value": None, "cause": [], "money": None}
    (message,) = make_messages(rule, alert, WORDS, (NOON, None))
    assert "No data came." in message["body"]["text"]


@pytest.mark.parametrize(
    ("local", "until"),
    [
        pytest.param("2026-03-31T20:29", None, id="before they begin"),
        pytest.param("2026-03-31T20:30", "2026-04-01T00:30", id="in the evening until tomorrow"),
        pytest.param("2026-03-31T02:30", "2026-03-31T00:30", id="at night until this morning"),
        pytest.param("2026-03-31T08:30", None, id="when they are over"),
    ],
)
def test_quiet_hours_hold_until_they_end(make_rule, settings, local, until):
    rule = make_rule(quiet_hours="20:30-08:30")
    now = datetime.fromisoformat(local).replace(tzinfo=settings.company.zone)
    expected = datetime.fromisoformat(until).replace(tzinfo=UTC) if until else None
    assert find_quiet_end(rule, settings, now) == expected


def test_quiet_hours_within_a_day(make_rule, settings):
    rule = make_rule(quiet_hours="12:00-13:30")
    now = datetime(2026, 3, 31, 12, 30, tzinfo=settings.company.zone)
    assert find_quiet_end(rule, settings, now) == datetime(2026, 3, 31, 5, 30, tzinfo=UTC)


def test_what_is_held_for_the_same_moment_goes_out_together(make_rule):
    rule = make_rule(do=[{"notify": ["mail.ops"]}])
    later = datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
    (message,) = make_messages(rule, ALERT, WORDS, (NOON, later))
    assert message["next_attempt_at"] == later
    assert message["body"]["data"]["digest"] == "mail.ops/2026-04-01T00:30:00+00:00"
