"""Decision records: what was seen, what was missing, what became of the last period."""

import pytest
import sqlalchemy as sa

from leadloop import decisions, opstore
from leadloop.warehouse import open_warehouse


@pytest.fixture
def publish_weeks(settings):
    """Publish a weekly summary with those rows: (week, direction, dials, answered, won)."""

    def publish(*rows):
        home = settings.home
        with open_warehouse(home) as connection:
            connection.execute(
                "create or replace table marts_build.rpt_dials_weekly (week_start_date date, "
                "direction text, dial_count bigint, answered_count bigint, won_count bigint)"
            )
            for row in rows:
                connection.execute(
                    "insert into marts_build.rpt_dials_weekly values (?, ?, ?, ?, ?)", list(row)
                )
        home.marts.mkdir(exist_ok=True)
        link = home.marts / "current.duckdb"
        link.unlink(missing_ok=True)
        link.symlink_to(home.marts_build)

    return publish


def cover(settings, since, day):
    with opstore.record_step(settings, "daily", day, "publish") as detail:
        detail["since"] = since


def read_record(settings, period):
    records = opstore.decision_records
    (row,) = opstore.read(settings, sa.select(records).where(records.c.period == period))
    return row


def test_the_record_holds_the_numbers_and_names_the_missing_days(settings, publish_weeks):
    publish_weeks(("2026-01-05", "outbound", 700, 210, 14), ("2026-01-12", "outbound", 9, 9, 9))
    cover(settings, "2026-01-05", "2026-01-08")
    cover(settings, "2026-01-11", "2026-01-11")
    decisions.decide_period(settings, "weekly", "2026-01-05")
    record = read_record(settings, "2026-01-05")
    assert record["seen"]["missing_days"] == ["2026-01-09", "2026-01-10"]
    assert record["seen"]["directions"] == {
        "outbound": {"dial_count": 700, "answered_count": 210, "won_count": 14}
    }
    assert record["decided"] == (
        "No action: the summary of 5 of 7 days (missing: 2026-01-09 to 2026-01-10) is published "
        "and watched."
    )
    assert record["decided_by"] == "leadloop"
    assert record["last_period_review"] == "No record of 2025-12-29 to review."


def test_the_next_record_says_what_came_of_the_last_one(settings, publish_weeks):
    publish_weeks(
        ("2026-01-05", "outbound", 700, 210, 14), ("2026-01-12", "outbound", 650, 260, 20)
    )
    cover(settings, "2026-01-05", "2026-01-18")
    decisions.decide_period(settings, "weekly", "2026-01-05")
    decisions.decide_period(settings, "weekly", "2026-01-12")
    assert read_record(settings, "2026-01-12")["last_period_review"] == (
        "2026-01-05 decided: No action: the summary of 7 of 7 days is published and watched. Since "
        "then outbound: dial_count 700 -> 650, answered_count 210 -> 260, won_count 14 -> 20."
    )


def test_deciding_twice_leaves_one_record(settings, publish_weeks):
    publish_weeks(("2026-01-05", "outbound", 700, 210, 14))
    cover(settings, "2026-01-05", "2026-01-11")
    decisions.decide_period(settings, "weekly", "2026-01-05")
    decisions.decide_period(settings, "weekly", "2026-01-05")
    assert read_record(settings, "2026-01-05")["period"] == "2026-01-05"


def test_a_closed_week_is_recorded_as_quiet_and_is_no_mistake(settings, publish_weeks):
    publish_weeks(("2026-01-05", "outbound", 700, 210, 14))
    cover(settings, "2026-01-12", "2026-01-18")
    decisions.decide_period(settings, "weekly", "2026-01-12")
    assert read_record(settings, "2026-01-12")["decided"] == "No action: no dials in 7 of 7 days."


def test_a_week_without_any_day_is_recorded_as_such(settings, publish_weeks):
    publish_weeks()
    decisions.decide_period(settings, "weekly", "2026-01-12")
    assert read_record(settings, "2026-01-12")["decided"] == (
        "No action: no dials in 0 of 7 days (missing: 2026-01-12 to 2026-01-18)."
    )
