"""Which days people work in China: holidays, and the weekend days that are worked for them.

config/calendars/cn.csv holds what the State Council announced; other years know weekends alone.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from leadloop.settings import PROJECT_ROOT

WORKDAY, SATURDAY, SUNDAY, HOLIDAY = range(4)
CALENDAR = PROJECT_ROOT / "config" / "calendars" / "cn.csv"


@dataclass(frozen=True, slots=True)
class DayOf:
    """One day of a world: its number from 0, its date, and what kind of day it is."""

    number: int
    date: str
    weekday: int
    kind: int


@cache
def _announced() -> dict[str, bool]:
    with CALENDAR.open(encoding="utf-8") as file:
        return {row["date"]: row["is_workday"] == "true" for row in csv.DictReader(file)}


def list_days(first_day: str, count: int) -> list[DayOf]:
    """Return the days of a world; a worked weekend day (调休) is a workday."""
    first = date.fromisoformat(first_day)
    return [_describe(number, first + timedelta(days=number)) for number in range(count)]


def _describe(number: int, moment: date) -> DayOf:
    text, weekday = moment.isoformat(), moment.weekday()
    worked = _announced().get(text)
    if worked is None:
        kind = {5: SATURDAY, 6: SUNDAY}.get(weekday, WORKDAY)
    else:
        kind = WORKDAY if worked else HOLIDAY
    return DayOf(number, text, weekday, kind)
