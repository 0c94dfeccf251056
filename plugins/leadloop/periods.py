"""Days, weeks and months as keys: which days a period has, when it ends, when it is closed.

A day's key is `YYYY-MM-DD`, a week's is its first day, a month's is `YYYY-MM`. Pure arithmetic;
`cycles` and the DAGs take their keys from here, so that both ends of a rollup agree.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Literal

from leadloop.errors import UsageError

if TYPE_CHECKING:
    from leadloop.settings import Company

Cycle = Literal["daily", "weekly", "monthly", "maintenance"]
_WEEKDAY = {"monday": 0, "sunday": 6}


def parse_day(text: str) -> date:
    """Return the day that a key names."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a local date has no zone
    except ValueError as error:
        message = f"{text!r} is not a day; wanted YYYY-MM-DD such as 2026-01-31."
        raise UsageError(message) from error


def key_of(cycle: Cycle, day: date, company: Company) -> str:
    """Return the key of the cycle's period that contains the day.

    Weeks begin on the company's first weekday: 2026-01-07 (a Wednesday) is in the week
    `2026-01-05` of a Monday company and `2026-01-04` of a Sunday company.
    """
    if cycle == "weekly":
        back = (day.weekday() - _WEEKDAY[company.week_start]) % 7
        return (day - timedelta(days=back)).isoformat()
    if cycle == "monthly":
        return day.strftime("%Y-%m")
    return day.isoformat()


def first_day(cycle: Cycle, key: str) -> date:
    """Return the first day of the period that a key names; a month may be given by any day."""
    if cycle == "monthly":
        return parse_day(f"{key}-01" if len(key) == len("2026-01") else key).replace(day=1)
    return parse_day(key)


def days_of(cycle: Cycle, key: str) -> list[str]:
    """Return the keys of all days of a period, first to last.

    >>> days_of("weekly", "2026-01-05")[-1], len(days_of("monthly", "2026-02"))
    ('2026-01-11', 28)
    """
    first = first_day(cycle, key)
    return days_between(first, _next_start(cycle, first) - timedelta(days=1))


def days_between(first: date, last: date) -> list[str]:
    """Return the keys of the days from first to last, both included."""
    return [(first + timedelta(days=i)).isoformat() for i in range((last - first).days + 1)]


def describe_days(days: list[str]) -> str:
    """Return days in words, days in a row as a range.

    >>> describe_days(["2026-01-05", "2026-01-07", "2026-01-08", "2026-01-09"])
    '2026-01-05, 2026-01-07 to 2026-01-09'
    """
    runs: list[list[str]] = []
    for day in days:
        if runs and parse_day(day) - parse_day(runs[-1][-1]) == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def previous_key(cycle: Cycle, key: str, company: Company) -> str:
    """Return the key of the period before."""
    return key_of(cycle, first_day(cycle, key) - timedelta(days=1), company)


def deadline_of(cycle: Cycle, key: str, company: Company) -> datetime:
    """Return the moment at which a period is closed with the days that are there."""
    end = datetime.combine(_next_start(cycle, first_day(cycle, key)), time(), company.zone)
    return end + timedelta(hours=company.period_deadline_hours)


def minimum_days(cycle: Cycle, key: str, company: Company) -> int:
    """Return how many days a period needs to be reported at its deadline.

    `week_minimum_days` for a week; a month needs the same share of its days (5 of 7 is 20 of 28
    and 23 of 31, rounded up).
    """
    days = len(days_of(cycle, key))
    return -(-company.week_minimum_days * days // 7)


def recent_keys(cycle: Cycle, moment: datetime, company: Company, count: int) -> list[str]:
    """Return the latest `count` periods whose deadline has passed at the moment, oldest first."""
    key = key_of(cycle, moment.astimezone(company.zone).date(), company)
    found: list[str] = []
    while len(found) < count:
        if deadline_of(cycle, key, company) <= moment:
            found.append(key)
        key = previous_key(cycle, key, company)
    return found[::-1]


def _next_start(cycle: Cycle, first: date) -> date:
    if cycle == "weekly":
        return first + timedelta(days=7)
    if cycle == "monthly":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=1)
