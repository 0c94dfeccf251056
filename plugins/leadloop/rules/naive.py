"""The bare words of a rule: the value decides, each breaking window is a message.

No sample, no interval, no windows in a row, no cooldown: what a rule would send if nobody guarded
it. A baseline means the mean of the days before less (or plus) three standard deviations.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque
from datetime import timedelta
from typing import TYPE_CHECKING

from leadloop.rules.episodes import Episode, Judgement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.rules.chances import Kind
    from leadloop.rules.readings import Instance, Reading
    from leadloop.rules.schema import Rule

SIGMAS = 3
LEAST_WINDOWS = 5


def find_naive(rule: Rule, kind: Kind, readings: Sequence[Reading]) -> list[Episode]:
    """Return one episode for each window whose bare value breaks the rule, oldest first."""
    earlier: dict[tuple[Instance, int], deque[Reading]] = defaultdict(deque)
    found: list[Episode] = []
    for reading in readings:
        before = earlier[reading.instance, reading.hour if rule.grain == "hour" else 0]
        limit = _limit(rule, kind, reading, before)
        value = _value(kind, reading)
        if limit is not None and (value > limit if rule.when.is_high else value < limit):
            judged = Judgement(reading, "broken", threshold=limit)
            found.append(Episode(reading.instance, (judged,), cleared=reading.period))
        before.append(reading)
    return found


def _limit(rule: Rule, kind: Kind, reading: Reading, before: deque[Reading]) -> float | None:
    """Return the number the value is held against; None while nothing is known."""
    if rule.when.limit is not None:
        return rule.when.limit
    if (drop := rule.when.drop_vs) is not None:
        days, least = drop.days, 1
    else:
        assert rule.when.baseline is not None  # noqa: S101
        days, least = rule.when.baseline.lookback * 7, LEAST_WINDOWS
    first = reading.day - timedelta(days=days)
    while before and before[0].day < first:
        before.popleft()
    if len(before) < least:
        return None
    if drop is not None:
        base = float(len(before)) if kind == "count" else float(sum(item.n for item in before))
        return (1 - drop.pct / 100) * sum(item.k for item in before) / base
    values = [_value(kind, item) for item in before]
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / (len(values) - 1))
    return mean + (SIGMAS if rule.when.is_high else -SIGMAS) * deviation


def _value(kind: Kind, reading: Reading) -> float:
    return reading.k if kind == "count" else reading.k / reading.n
