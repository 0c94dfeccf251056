"""Workdays, holidays and business time: expected values are counted on a calendar by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadloop import transform
from leadloop.settings import OpeningHours

FIFTH = datetime(2026, 1, 5, 2, tzinfo=UTC)
LUNCH = OpeningHours(workday=("09:00-12:00", "13:00-18:00"))
BETWEEN = """
with moments as (
    select timestamptz '{begin}' as begin_at, timestamptz '{end}' as end_at
),
open_hours as (select * from {{{{ ref('dim_open_hours') }}}})
select {{{{ business_seconds('moments.begin_at', 'first', 'moments.end_at', 'last') }}}} as seconds
from moments
{{{{ open_hours_at('moments', 'begin_at', 'open_hours', 'first') }}}}
{{{{ open_hours_at('moments', 'end_at', 'open_hours', 'last') }}}}
"""


def build(landing, *, at: datetime = FIFTH, own: list[dict[str, Any]] | None = None, **changes):
    """Build the calendar of one call for a company with these settings; return its landing."""
    company = landing.settings.company.model_copy(update=changes)
    landing = replace(landing, settings=replace(landing.settings, company=company))
    landing.wipe()
    landing.land("2026-01-05", "calls", [landing.call("a", at)])
    if own:
        landing.land("2026-01-05", "calendar", own, table="business_calendar")
    transform.prepare(landing.settings, "2026-01-05")
    models = ["--select", "+dim_dates", "+dim_open_hours", "--indirect-selection", "empty"]
    transform.run_dbt(landing.settings, ["build", *models, "--full-refresh"])
    return landing


# The home is shared: whoever builds another calendar comes after those who read this one.
@pytest.fixture(scope="module")
def lunching(shared_landing):
    """The calendar of a company that closes from twelve to one."""
    return build(shared_landing, opening_hours=LUNCH)


def count_seconds(landing, begin: str, end: str) -> float | None:
    """Return the business seconds between two moments, by the macros of the models."""
    query = BETWEEN.format(begin=begin, end=end)
    compiled = transform.run_dbt(landing.settings, ["compile", "--inline", query])
    [row] = landing.read(compiled[0].node.compiled_code)
    return row["seconds"]


def read_day(landing, day: str) -> dict[str, Any]:
    columns = "is_workday, day_kind, holiday_name, is_announced, open_seconds"
    [row] = landing.read(f"select {columns} from marts_build.dim_dates where date_day = '{day}'")
    return row


def test_business_minutes_know_nights_weekends_holidays_and_make_up_days(lunching):
    hour = 3600
    counted = {
        # 17:00 to 18:00 on Monday, 09:00 to 10:00 on Tuesday.
        ("2026-01-05 17:00:00+08", "2026-01-06 10:00:00+08"): 2 * hour,
        ("2026-01-05 20:00:00+08", "2026-01-06 08:59:00+08"): 0,
        ("2026-01-05 11:30:00+08", "2026-01-05 13:30:00+08"): hour,
        # Friday afternoon to Monday morning: the weekend is not open.
        ("2026-01-09 17:00:00+08", "2026-01-12 10:00:00+08"): 2 * hour,
        # Friday 17:00 to the Tuesday after Spring Festival, 10:00: an hour of Friday, eight of the
        # Saturday that is worked for the festival, nine days of nothing, an hour of Tuesday.
        ("2026-02-13 17:00:00+08", "2026-02-24 10:00:00+08"): 10 * hour,
        # Moments in another zone are the same moments: 10:00 to 11:30 in Shanghai.
        ("2026-01-05 02:00:00+00", "2026-01-04 22:30:00-05"): 1.5 * hour,
        ("2026-01-06 10:00:00+08", "2026-01-05 17:00:00+08"): -2 * hour,
    }
    assert {key: count_seconds(lunching, *key) for key in counted} == counted


def test_before_the_calendar_begins_business_time_is_not_known(lunching):
    assert count_seconds(lunching, "2019-01-01 10:00:00+08", "2026-01-05 10:00:00+08") is None


def test_a_make_up_saturday_is_a_workday_and_a_festival_monday_is_none(lunching):
    assert read_day(lunching, "2026-02-14") == {
        "is_workday": True,
        "day_kind": "workday",
        "holiday_name": "春节调休",
        "is_announced": True,
        "open_seconds": 8 * 3600,
    }
    assert read_day(lunching, "2026-02-16") == {
        "is_workday": False,
        "day_kind": "holiday",
        "holiday_name": "春节",
        "is_announced": True,
        "open_seconds": 0,
    }
    # 365 days, 104 of them weekends: 261 weekdays, 19 of them holidays, and 6 make-up days.
    [year] = lunching.read("select count(*) as n from marts_build.dim_dates where is_workday")
    assert year == {"n": 248}


def test_business_days_between_two_dates_are_counted_from_their_rows(lunching):
    rows = lunching.read(
        "select date_day::varchar as day, earlier_workday_count as n from marts_build.dim_dates "
        "where date_day in ('2026-02-13', '2026-02-25') order by all"
    )
    # Friday 13, Saturday 14 (make-up), Tuesday 24; Wednesday 25 is not counted any more.
    assert rows[1]["n"] - rows[0]["n"] == 3


def test_elsewhere_clocks_change_at_night_and_festivals_of_china_are_workdays(shared_landing):
    always = OpeningHours(sunday=("00:00-24:00",))
    landing = build(
        shared_landing, timezone="Europe/Berlin", holiday_calendar="none", opening_hours=always
    )
    # No holidays of China either.
    assert read_day(landing, "2026-02-16")["is_workday"]
    spring = count_seconds(landing, "2026-03-28 12:00:00+00", "2026-03-29 23:00:00+00")
    assert spring == 23 * 3600
    assert count_seconds(landing, "2026-10-24 12:00:00+00", "2026-10-26 01:00:00+00") == 25 * 3600


def test_a_year_without_a_notice_has_no_make_up_days_and_says_so(shared_landing):
    landing = build(shared_landing, at=datetime(2027, 1, 5, 2, tzinfo=UTC))
    assert read_day(landing, "2027-02-08") == {
        "is_workday": False,
        "day_kind": "holiday",
        "holiday_name": "春节",
        "is_announced": False,
        "open_seconds": 0,
    }
    made_up = landing.read(
        "select date_day from marts_build.dim_dates "
        "where calendar_year = 2027 and is_workday and weekday_number > 5"
    )
    assert made_up == []
    assert not read_day(landing, "2027-03-01")["is_announced"]


def test_the_calendar_of_the_company_goes_before_that_of_the_country(shared_landing):
    at = datetime(2026, 1, 2, tzinfo=UTC)

    def day(key: str, told: datetime, **columns: Any) -> dict[str, Any]:
        return shared_landing.state(key, told, calendar_date=date.fromisoformat(key), **columns)

    landing = build(
        shared_landing,
        own=[
            day("2026-02-14", at, is_workday=False, holiday_name="厂休"),
            day("2026-02-15", at, is_workday=True, open_ranges="10:00-12:00, 11:00-13:30"),
            # Told again later: the newest version counts.
            day("2026-02-16", at, is_workday=True),
            day("2026-02-16", at.replace(hour=5), is_workday=False, holiday_name="春节"),
        ],
    )
    assert read_day(landing, "2026-02-14")["day_kind"] == "holiday"
    assert read_day(landing, "2026-02-15")["open_seconds"] == 3.5 * 3600
    assert not read_day(landing, "2026-02-16")["is_workday"]
