"""Orders through the models: paid later, moved, withdrawn, and a company that has none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

MODELS = ("fct_orders", "fct_dials")
FIVE = datetime(2026, 1, 5, 2, tzinfo=UTC)


def test_an_order_paid_later_is_one_order_that_is_paid(landing):
    landing.land("2026-01-05", "calls", [landing.call("a", FIVE)])
    landing.land("2026-01-05", "one", [landing.order("o", FIVE)])
    landing.build("2026-01-05")
    later = FIVE + timedelta(days=2)
    paid = landing.order(
        "o", FIVE, paid_at=later, row_hash="o-2", ingested_at=later, extracted_at=later
    )
    landing.land("2026-01-07", "two", [paid])
    landing.build("2026-01-07")
    rows = landing.read(
        "select order_id, order_date::varchar as day, is_paid, order_amount, currency "
        "from marts_build.fct_orders"
    )
    assert rows == [
        {
            "order_id": "orders:o",
            "day": "2026-01-05",
            "is_paid": True,
            "order_amount": Decimal("365.0000"),
            "currency": "CNY",
        }
    ]


def test_an_order_moved_to_another_day_leaves_the_first(landing):
    landing.land("2026-01-05", "one", [landing.order("o", FIVE)])
    landing.build("2026-01-05")
    later = FIVE + timedelta(days=3)
    moved = landing.order("o", later, row_hash="o-2")
    landing.land("2026-01-08", "two", [moved])
    landing.build("2026-01-08")
    days = landing.read("select order_date::varchar as day from marts_build.fct_orders")
    assert days == [{"day": "2026-01-08"}]


def test_a_rebuild_from_landing_gives_the_same_orders(landing):
    landing.land("2026-01-05", "one", [landing.order("o", FIVE), landing.order("p", FIVE)])
    landing.build("2026-01-05")
    gone = landing.order(
        "p", FIVE, is_deleted=True, row_hash="p-2", ingested_at=FIVE + timedelta(days=9)
    )
    landing.land("2026-01-06", "two", [gone])
    landing.build("2026-01-06")
    before = landing.content()
    assert [row[0] for row in before["marts_build.main.fct_orders"]] == ["orders:o"]
    after = landing.rebuild("2026-01-06")
    assert after["marts_build.main.fct_orders"] == before["marts_build.main.fct_orders"]


def test_a_company_without_orders_has_an_empty_table_and_all_else(landing):
    landing.land("2026-01-05", "calls", [landing.call("a", FIVE)])
    landing.build("2026-01-05")
    assert landing.read("select count(*) as n from marts_build.fct_orders") == [{"n": 0}]
    assert landing.read("select count(*) as n from marts_build.fct_dials") == [{"n": 1}]
