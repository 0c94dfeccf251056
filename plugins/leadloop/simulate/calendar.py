"""Which days people work in China: holidays, and the weekend days that are worked for them.

The seed calendar_days, which the models read too, holds what the State Council announced; other
years know weekends alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from leadloop.calendars import read_calendar

WORKDAY, SATURDAY, SUNDAY, HOLIDAY = range(4)


@dataclass(frozen=True, slots=True)
class DayOf:
    """One day of a world: its number from 0, its date, and what kind of day it is."""

    number: int
    date: str
    weekday: int
    kind: int


def list_days(first_day: str, count: int) -> list[DayOf]:
    """Return the days of a world; a worked weekend day (调休) is a workday."""
    first = date.fromisoformat(first_day)
    return [_describe(number, first + timedelta(days=number)) for number in range(count)]


def _describe(number: int, moment: date) -> DayOf:
    text, weekday = moment.isoformat(), moment.weekday()
    told = read_calendar().get(moment)
    if told is None:
        kind = {5: SATURDAY, 6: SUNDAY}.get(weekday, WORKDAY)
    else:
        kind = WORKDAY if told.is_workday else HOLIDAY
    return DayOf(number, text, weekday, kind)
