"""Periods: keys, days, deadlines and minimum counts, worked out by hand from a calendar."""

from datetime import UTC, date, datetime

import pytest

from leadloop import periods
from leadloop.errors import UsageError
from leadloop.settings import Company

MONDAY = Company(tenant_id="t", name="T")
SUNDAY = Company(tenant_id="t", name="T", timezone="Asia/Jerusalem", week_start="sunday")


@pytest.mark.parametrize(
    ("day", "monday_week", "sunday_week"),
    [
        pytest.param(date(2026, 1, 7), "2026-01-05", "2026-01-04", id="a Wednesday"),
        pytest.param(date(2026, 1, 5), "2026-01-05", "2026-01-04", id="a Monday"),
        pytest.param(date(2026, 1, 11), "2026-01-05", "2026-01-11", id="a Sunday"),
        pytest.param(date(2026, 1, 10), "2026-01-05", "2026-01-04", id="a Saturday"),
        pytest.param(date(2026, 1, 1), "2025-12-29", "2025-12-28", id="across the year's end"),
    ],
)
def test_a_week_is_named_by_the_first_day_of_the_company_s_week(day, monday_week, sunday_week):
    assert periods.key_of("weekly", day, MONDAY) == monday_week
    assert periods.key_of("weekly", day, SUNDAY) == sunday_week


def test_a_week_has_seven_days_and_a_month_all_of_its_own():
    assert periods.days_of("weekly", "2026-02-23") == [
        "2026-02-23",
        "2026-02-24",
        "2026-02-25",
        "2026-02-26",
        "2026-02-27",
        "2026-02-28",
        "2026-03-01",
    ]
    assert len(periods.days_of("monthly", "2028-02")) == 29
    assert periods.days_of("monthly", "2026-12")[-1] == "2026-12-31"
    assert periods.days_of("daily", "2026-01-05") == ["2026-01-05"]


def test_the_deadline_is_that_many_hours_after_the_period_s_end_in_the_company_s_zone():
    # The week of Monday 5 January ends on Monday the 12th at 00:00; 36 hours later is Tuesday noon,
    # which is 04:00 in UTC (Shanghai is 8 hours ahead).
    weekly = periods.deadline_of("weekly", "2026-01-05", MONDAY)
    assert weekly.astimezone(UTC) == datetime(2026, 1, 13, 4, tzinfo=UTC)
    monthly = periods.deadline_of("monthly", "2026-01", MONDAY)
    assert monthly.astimezone(UTC) == datetime(2026, 2, 2, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cycle", "key", "days"),
    [
        pytest.param("weekly", "2026-01-05", 5, id="a week"),
        pytest.param("monthly", "2026-02", 20, id="28 days"),
        pytest.param("monthly", "2026-01", 23, id="31 days, 22.1 rounded up"),
    ],
)
def test_a_month_needs_the_same_share_of_days_as_a_week(cycle, key, days):
    assert periods.minimum_days(cycle, key, MONDAY) == days


def test_recent_periods_are_those_whose_deadline_has_passed():
    deadline = periods.deadline_of("weekly", "2026-01-05", MONDAY)
    before = deadline.replace(hour=11, minute=59)
    assert periods.recent_keys("weekly", before, MONDAY, 2) == ["2025-12-22", "2025-12-29"]
    assert periods.recent_keys("weekly", deadline, MONDAY, 2) == ["2025-12-29", "2026-01-05"]
    assert periods.recent_keys("monthly", deadline, MONDAY, 1) == ["2025-12"]


def test_the_period_before_ends_the_day_before():
    assert periods.previous_key("monthly", "2026-01", MONDAY) == "2025-12"
    assert periods.previous_key("weekly", "2026-01-04", SUNDAY) == "2025-12-28"


def test_a_month_may_be_named_by_any_of_its_days():
    assert periods.first_day("monthly", "2026-01-17") == date(2026, 1, 1)
    assert periods.first_day("monthly", "2026-01") == date(2026, 1, 1)


@pytest.mark.parametrize("text", ["2026-1-5x", "05.01.2026", "2026-02-30", ""])
def test_a_day_that_is_none_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="wanted YYYY-MM-DD such as 2026-01-31"):
        periods.parse_day(text)
