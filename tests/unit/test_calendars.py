"""The seed of the calendar: what each notice says, counted by hand."""

from __future__ import annotations

from collections import Counter
from datetime import date

from leadloop.calendars import find_last_announced, read_calendar


def test_each_year_has_the_holidays_and_make_up_days_of_its_notice():
    days = read_calendar().values()
    off = Counter(day.calendar_date.year for day in days if not day.is_workday)
    made_up = Counter(day.calendar_date.year for day in days if day.is_workday)
    # 2024: 1 + 8 + 3 + 5 + 1 + 3 + 7; 2025: 1 + 8 + 3 + 5 + 3 + 8; 2026: 3 + 9 + 3 + 5 + 3 + 3 + 7.
    # 2027, by the law alone: 1 + 4 + 1 + 2 + 1 + 1 + 3.
    assert off == {2024: 28, 2025: 28, 2026: 33, 2027: 13}
    assert made_up == {2024: 8, 2025: 5, 2026: 6}


def test_a_make_up_day_is_on_a_weekend_and_never_guessed():
    days = read_calendar().values()
    assert all(day.calendar_date.weekday() > 4 for day in days if day.is_workday)
    assert all(day.is_announced for day in days if day.is_workday)


def test_the_last_announced_day_ends_a_year_of_the_seed():
    last = find_last_announced()
    assert last >= date(2026, 12, 31)
    assert any(day.calendar_date.year == last.year for day in read_calendar().values())
