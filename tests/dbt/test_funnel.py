"""Leads through the funnel: their stages, merges and corrections, and a rebuild that agrees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

MODELS = ("fct_leads_funnel", "fct_funnel_daily")
FIVE = datetime(2026, 1, 5, 2, tzinfo=UTC)
DAY = timedelta(days=1)
STAMPS = ("dialled_at", "connected_at", "intent_at", "quoted_at", "won_at", "paid_at")


def lead(landing, key: str, exported: datetime, **columns):
    known = {"lead_id": key, "created_at": FIVE, "channel_id": "web"}
    return landing.state(key, exported, **(known | columns))


def stage(landing, key: str, name: str, at: datetime, **columns):
    columns = {"entity_type": "lead", "entity_id": key, "stage": name, "occurred_at": at} | columns
    return landing.event(f"{key}/{name}", at, event_id=f"{key}/{name}", **columns)


def read_lead(landing, key: str) -> dict:
    (row,) = landing.read(f"select * from marts_build.fct_leads_funnel where lead_id = '{key}'")
    return row


def read_stamps(landing, key: str) -> list[datetime | None]:
    row = read_lead(landing, key)
    return [row[name] and row[name].astimezone(UTC) for name in STAMPS]


def test_a_lead_reaches_its_stages_by_dials_words_of_the_crm_and_orders(landing):
    dials = [
        landing.call("a", FIVE, lead_id="L1"),
        landing.call("b", FIVE + DAY, lead_id="L1", outcome="human_callback"),
    ]
    landing.land("2026-01-09", "calls", dials)
    landing.land("2026-01-09", "leads", [lead(landing, "L1", FIVE)])
    events = [
        stage(landing, "L1", "意向", FIVE + 2 * DAY),
        stage(landing, "L1", "已报价", FIVE + 3 * DAY),
    ]
    landing.land("2026-01-09", "stages", events, "funnel_event")
    paid = landing.order("o", FIVE + 4 * DAY, lead_id="L1", paid_at=FIVE + 5 * DAY)
    landing.land("2026-01-09", "orders", [paid])
    landing.build("2026-01-09")
    assert read_stamps(landing, "L1") == [FIVE + number * DAY for number in range(6)]


def test_a_deal_without_a_quote_had_interest_and_a_quote_when_it_was_made_at_the_latest(landing):
    landing.land(
        "2026-01-05", "calls", [landing.call("a", FIVE, lead_id="L1", outcome="human_won")]
    )
    landing.build("2026-01-05")
    assert read_stamps(landing, "L1") == [FIVE, FIVE, FIVE, FIVE, FIVE, None]


def test_interest_that_a_lead_brings_along_counts_from_when_it_was_reached(landing):
    landing.land("2026-01-05", "stages", [stage(landing, "L1", "意向", FIVE)], "funnel_event")
    late = landing.call("a", FIVE + DAY, lead_id="L1", outcome="human_other")
    landing.land("2026-01-06", "calls", [late])
    landing.build("2026-01-06")
    assert read_stamps(landing, "L1")[1:3] == [FIVE + DAY, FIVE + DAY]


def test_who_buys_without_being_reached_is_a_deal_outside_the_funnel(landing):
    landing.land("2026-01-05", "calls", [landing.call("a", FIVE, lead_id="L1")])
    landing.land("2026-01-05", "orders", [landing.order("o", FIVE + DAY, lead_id="L1")])
    landing.build("2026-01-06")
    row = read_lead(landing, "L1")
    assert (row["won_at"], row["is_won_outside"], row["order_count"]) == (None, True, 1)


def test_a_number_without_a_lead_is_one_and_a_customer_is_none(landing):
    calls = [
        landing.call("a", FIVE, phone_hash="h1"),
        landing.call("b", FIVE, phone_hash="h2", customer_id="K1"),
        landing.call("c", FIVE, phone_hash="h3", direction="inbound", outcome="served"),
    ]
    landing.land("2026-01-05", "calls", calls)
    landing.build("2026-01-05")
    rows = landing.read("select lead_id, is_in_crm from marts_build.fct_leads_funnel")
    assert rows == [{"lead_id": "phone:h1", "is_in_crm": False}]


def test_a_lead_that_had_bought_before_it_came_in_is_a_customer_known_before(landing):
    landing.land("2026-01-05", "orders", [landing.order("o", FIVE - 9 * DAY, lead_id="L1")])
    landing.land("2026-01-05", "calls", [landing.call("a", FIVE, lead_id="L1")])
    landing.build("2026-01-05")
    assert read_lead(landing, "L1")["is_known_customer"]
    assert landing.read("select * from marts_build.fct_funnel_daily") == []


@pytest.mark.parametrize("full", [False, True], ids=["day by day", "from landing"])
def test_a_merged_lead_gives_its_dials_and_stages_to_the_one_that_lives_on(landing, full):
    landing.land("2026-01-05", "leads", [lead(landing, "L1", FIVE), lead(landing, "L2", FIVE)])
    dials = [
        landing.call("a", FIVE, lead_id="L1", outcome="human_other"),
        landing.call("b", FIVE + timedelta(hours=1), lead_id="L2"),
    ]
    landing.land("2026-01-05", "calls", dials)
    landing.build("2026-01-05")
    assert (read_lead(landing, "L1")["dial_count"], read_lead(landing, "L2")["dial_count"]) == (
        1,
        1,
    )
    merged = lead(landing, "L1", FIVE + DAY, merged_into_lead_id="L2")
    landing.land("2026-01-06", "merged", [merged])
    landing.build("2026-01-06", full=full)
    first, second = read_lead(landing, "L1"), read_lead(landing, "L2")
    assert (first["is_merged"], first["dial_count"]) == (True, 0)
    assert (second["dial_count"], second["connected_count"]) == (2, 1)
    assert read_stamps(landing, "L2")[:2] == [FIVE, FIVE]


@pytest.mark.parametrize("full", [False, True], ids=["day by day", "from landing"])
def test_a_call_and_an_order_corrected_to_another_lead_leave_the_first(landing, full):
    landing.land("2026-01-05", "calls", [landing.call("a", FIVE, lead_id="L1")])
    landing.land("2026-01-05", "orders", [landing.order("o", FIVE, lead_id="L1")])
    landing.build("2026-01-05")
    newer = {"row_hash": "2", "extracted_at": FIVE + 3 * DAY}
    landing.land("2026-01-06", "calls2", [landing.call("a", FIVE, lead_id="L2", **newer)])
    landing.land("2026-01-06", "orders2", [landing.order("o", FIVE, lead_id="L2", **newer)])
    landing.build("2026-01-06", full=full)
    rows = landing.read(
        "select lead_id, dial_count, order_count from marts_build.fct_leads_funnel "
        "where dial_count > 0 or order_count > 0"
    )
    assert rows == [{"lead_id": "L2", "dial_count": 1, "order_count": 1}]


def test_how_well_a_lead_matches_is_its_weight_of_each_wanted_kind_of_tag(landing):
    tags = [
        landing.state(
            f"L1/{tag}", FIVE, lead_id="L1", tag=tag, tag_type=kind, weight=weight, valid_from=FIVE
        )
        for tag, kind, weight in (
            ("电商", "行业", 0.9),
            ("餐饮", "行业", 0.4),
            ("价格敏感", "痛点", 0.7),
            ("老板", "角色", 1.0),
        )
    ]
    landing.land("2026-01-05", "tags", tags, "lead_tag")
    landing.land("2026-01-05", "leads", [lead(landing, "L1", FIVE), lead(landing, "L2", FIVE)])
    landing.build("2026-01-05")
    # The better industry, .9, and the pain point, .7, of one each: (.9 + .7) / 2.
    assert read_lead(landing, "L1")["match_rate"] == pytest.approx(0.8)
    assert read_lead(landing, "L2")["match_rate"] is None
