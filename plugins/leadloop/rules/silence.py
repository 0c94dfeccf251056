"""Where numbers that used to come have stopped: the no-data policy `alert`."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

from leadloop.rules.episodes import Episode, Judgement
from leadloop.rules.readings import Reading

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from leadloop.rules.readings import Instance, Span
    from leadloop.rules.schema import Rule

# The same weekday, one and two weeks before: a Sunday without calls is no silence.
COMPARED = (7, 14)
EVERYWHERE: Instance = ()


def find_silences(rule: Rule, readings: Sequence[Reading], span: Span) -> list[Episode]:
    """Return instances with no row on days on which they had enough one and two weeks before.

    If all are silent it is one alert about everything: a file is missing, not a channel.
    Weeks and months are never judged so: they would be late by half of themselves.
    """
    if rule.grain not in ("hour", "day"):
        return []
    sums: dict[date, dict[Instance, int]] = defaultdict(lambda: defaultdict(int))
    for reading in readings:
        sums[reading.day][reading.instance] += max(reading.n, 1)
    episodes: list[Episode] = []
    running: dict[Instance, list[date]] = {}
    for number in range(max(COMPARED), (span.last - span.first).days + 1):
        day = span.first + timedelta(days=number)
        silent = _silent(rule, sums, day)
        for instance in sorted(running.keys() - silent, key=str):
            episodes.append(_episode(instance, running.pop(instance), day))
        for instance in silent:
            running.setdefault(instance, []).append(day)
    return episodes + [_episode(instance, days, None) for instance, days in running.items()]


def _silent(rule: Rule, sums: dict[date, dict[Instance, int]], day: date) -> set[Instance]:
    earlier = [sums.get(day - timedelta(days=days), {}) for days in COMPARED]
    usual = {
        instance
        for instance in earlier[0]
        if all(found.get(instance, 0) >= rule.min_sample for found in earlier)
    }
    silent = usual - sums.get(day, {}).keys()
    return {EVERYWHERE} if silent and silent == usual and not sums.get(day) else silent


def _episode(instance: Instance, days: list[date], cleared: date | None) -> Episode:
    windows = tuple(Judgement(Reading(day.isoformat(), instance, 0.0, 0), "broken") for day in days)
    return Episode(instance, windows, cleared.isoformat() if cleared else None, kind="no data")
