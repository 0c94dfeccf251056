"""The calendar of China as announced: the seed that the models, the doctor and made worlds read."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache

from leadloop.settings import PROJECT_ROOT

CALENDAR = PROJECT_ROOT / "dbt_project" / "seeds" / "calendar_days.csv"


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """A day that differs from its weekday: a holiday, or a weekend day worked for one."""

    calendar_date: date
    is_workday: bool
    is_announced: bool


@cache
def read_calendar() -> dict[date, CalendarDay]:
    """Return the days of the seed by their date."""
    with CALENDAR.open(encoding="utf-8") as file:
        days = [
            CalendarDay(
                date.fromisoformat(row["calendar_date"]),
                row["is_workday"] == "true",
                row["is_announced"] == "true",
            )
            for row in csv.DictReader(file)
        ]
    return {day.calendar_date: day for day in days}


def find_last_announced() -> date:
    """Return the last day of the last year whose arrangement was announced."""
    years = [day.calendar_date.year for day in read_calendar().values() if day.is_announced]
    return date(max(years), 12, 31)
