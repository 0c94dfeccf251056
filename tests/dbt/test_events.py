"""Events through the models: corrected, moved, withdrawn, sent twice; nothing touches a date."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

MODELS = ("fct_payments", "fct_subscription_terms")
FIVE = datetime(2026, 1, 5, 2, tzinfo=UTC)
PAYMENTS = "intermediate.int_payments__newest_kept"


def pay(landing, key: str, at: datetime, **changes):
    columns = {"payment_id": key, "order_id": "o", "paid_at": at, "amount": 100.0}
    return landing.event(key, at, **(columns | changes))


def read_payments(landing):
    return landing.read(
        "select payment_id, event_date::varchar as day, amount::integer as amount, is_deleted "
        f"from {PAYMENTS} order by payment_id"
    )


def test_a_corrected_event_replaces_the_first_and_moves_whole_to_its_new_day(landing):
    landing.land("2026-01-05", "one", [pay(landing, "p", FIVE), pay(landing, "q", FIVE)], "payment")
    landing.build("2026-01-05")
    later = FIVE + timedelta(days=2)
    landing.land("2026-01-07", "two", [pay(landing, "p", later, amount=90.0)], "payment")
    outcome = landing.build("2026-01-07")
    assert read_payments(landing) == [
        {"payment_id": "p", "day": "2026-01-07", "amount": 90, "is_deleted": False},
        {"payment_id": "q", "day": "2026-01-05", "amount": 100, "is_deleted": False},
    ]
    # Neither the day it left nor the one it came to is rebuilt for it: only the run's own.
    assert outcome["touched_dates"] == 1


def test_an_older_version_that_comes_late_changes_nothing(landing):
    landing.land("2026-01-05", "one", [pay(landing, "p", FIVE, amount=90.0)], "payment")
    landing.build("2026-01-05")
    stale = pay(landing, "p", FIVE, extracted_at=FIVE - timedelta(days=1))
    landing.land("2026-01-06", "two", [stale], "payment")
    landing.build("2026-01-06")
    assert [row["amount"] for row in read_payments(landing)] == [90]


def test_a_withdrawn_event_stays_with_its_mark(landing):
    landing.land("2026-01-05", "one", [pay(landing, "p", FIVE)], "payment")
    landing.build("2026-01-05")
    gone = pay(landing, "p", FIVE, is_deleted=True, ingested_at=FIVE + timedelta(days=9))
    landing.land("2026-01-06", "two", [gone], "payment")
    landing.build("2026-01-06")
    assert [row["is_deleted"] for row in read_payments(landing)] == [True]


def test_a_renewal_told_of_a_term_that_began_a_year_ago_touches_no_old_date(landing):
    term = {"subscription_id": "s", "term_no": 1, "due_on": FIVE.date()}
    old = datetime(2025, 1, 5, 2, tzinfo=UTC)
    first = landing.event("s/1", old, started_on=old.date(), **term)
    landing.land("2026-01-05", "one", [first], "subscription")
    landing.build("2026-01-05")
    renewed = {"renewed_on": FIVE.date(), "extracted_at": FIVE + timedelta(days=1)}
    again = landing.event("s/1", old, started_on=old.date(), **term, **renewed)
    landing.land("2026-01-06", "two", [again], "subscription")
    outcome = landing.build("2026-01-06")
    assert (outcome["first_date"], outcome["touched_dates"]) == ("2026-01-06", 1)
    rows = landing.read(
        "select term_no, renewed_on::varchar as renewed "
        "from intermediate.int_subscriptions__newest_kept"
    )
    assert rows == [{"term_no": 1, "renewed": "2026-01-05"}]


def test_a_day_without_events_leaves_their_models_alone(landing):
    landing.land("2026-01-05", "one", [pay(landing, "p", FIVE)], "payment")
    landing.build("2026-01-05")
    landing.land("2026-01-06", "calls", [landing.call("a", FIVE + timedelta(days=1))])
    outcome = landing.build("2026-01-06")
    assert not outcome["has_events"]
    assert not [name for name in outcome["per_model"] if name.startswith("int_payments")]
    assert [row["payment_id"] for row in read_payments(landing)] == ["p"]


@pytest.mark.parametrize("publish", [True, False], ids=["published", "killed before publishing"])
def test_a_build_done_again_or_from_landing_gives_the_same_events(landing, publish):
    landing.land("2026-01-05", "one", [pay(landing, "p", FIVE)], "payment")
    landing.build("2026-01-05")
    corrected = pay(landing, "p", FIVE, amount=80.0, extracted_at=FIVE + timedelta(days=3))
    landing.land("2026-01-06", "two", [corrected, pay(landing, "q", FIVE)], "payment")
    landing.build("2026-01-06", publish=publish)
    before = landing.content()[f"warehouse.{PAYMENTS}"]
    landing.build("2026-01-06")
    assert landing.content()[f"warehouse.{PAYMENTS}"] == before
    assert landing.rebuild("2026-01-06")[f"warehouse.{PAYMENTS}"] == before
