"""Signs of buying: what a later day tells of an earlier one, built by day or from landing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MODELS = ("fct_buying_signals",)
FIVE = datetime(2026, 1, 5, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def ask(landing, key: str, at: datetime):
    columns = {"event_id": key, "lead_id": "L1", "channel": "web", "topic": "售后"}
    return landing.event(key, at, occurred_at=at, **columns)


def read_signals(landing):
    rows = landing.read(
        "select signalled_at, response_seconds, is_answered, is_open "
        "from marts_build.fct_buying_signals"
    )
    return [(row.pop("signalled_at").astimezone(UTC), *row.values()) for row in rows]


def test_a_signal_is_answered_by_a_dial_of_the_next_day_however_it_is_built(landing):
    asks = [ask(landing, "q1", FIVE), ask(landing, "q2", FIVE + HOUR)]
    landing.land("2026-01-05", "asks", asks, "inquiry_event")
    landing.build("2026-01-05")
    assert read_signals(landing) == [(FIVE + HOUR, None, False, True)]
    landing.land("2026-01-06", "calls", [landing.call("a", FIVE + 24 * HOUR, lead_id="L1")])
    landing.build("2026-01-06")
    answered = [(FIVE + HOUR, 23 * 3600, True, False)]
    assert read_signals(landing) == answered
    landing.build("2026-01-06", full=True)
    assert read_signals(landing) == answered
