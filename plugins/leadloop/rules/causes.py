"""Where an alert's change comes from: the one place that carries it, in share and in money.

The alert's windows are held against the same hours of the four weeks before, split by every
dimension the metric has (`leadloop.decompose`). A place is named only if it carries far more of the
change than of the calls, and more surely than picking among so many places would.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from leadloop.decompose import split_change
from leadloop.errors import UsageError
from leadloop.intervals import widen_for_choices
from leadloop.rules.readings import ALIASES, close_of, render_where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from leadloop.decompose import Part, Sums
    from leadloop.metrics import Metrics
    from leadloop.rules.episodes import Episode
    from leadloop.rules.readings import Reading
    from leadloop.rules.schema import Rule

WEEKS = 4
# Not places where a cause could sit: time itself, and what the rows are.
NO_PLACES = {"day", "month", "weekday", "direction", "source_system"}
LEAST_SHARE = 0.25
# Share of the change beyond the share of the calls: an even fall has none anywhere.
LEAST_LIFT = 0.15
MOST_CAUSES = 3
Slot = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """An alert's windows and those they are held against, by (day, hour) or (day, None)."""

    now: frozenset[Slot]
    before: frozenset[Slot]

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last day of either."""
        days = [day for day, _ in self.now | self.before]
        return min(days), max(days)


@dataclass(frozen=True, slots=True)
class Change:
    """What an alert changed: k and n before and now, its causes, and what it may cost.

    `money` is an estimate: what is missing, or too much, times the company's own value of one.
    None where the company set no value (`metric_values` of company.yml).
    """

    k0: float
    n0: float
    k1: float
    n1: float
    money: float | None
    causes: tuple[dict[str, Any], ...]

    @property
    def usual(self) -> float | None:
        """The rate before, if there were calls."""
        return self.k0 / self.n0 if self.n0 else None


def explain(metrics: Metrics, rule: Rule, episode: Episode, value: float | None) -> Change:
    """Return what changed and where; `value` is what one unit of the metric is worth."""
    compared = compare(rule, episode)
    totals = _sum(metrics, rule, episode, compared, None)
    (k0, n0), (k1, n1) = totals[0].get((), (0.0, 0.0)), totals[1].get((), (0.0, 0.0))
    if not n0 or not n1 or metrics.catalog.definition(rule.metric).kind == "count":
        return Change(k0, n0, k1, n1, None, ())
    change = k1 / n1 - k0 / n0
    scale = None if value is None else (1 if rule.when.is_high else -1) * n1 * value
    money = None if scale is None else round(max(0.0, change * scale), 2)
    found = [
        (dimension, part)
        for dimension in list_dimensions(metrics, rule)
        for part in split_change(*_sum(metrics, rule, episode, compared, dimension))
    ]
    whole = split_change({(): (k0, n0)}, {(): (k1, n1)})[0]
    is_share = metrics.catalog.definition(rule.metric).kind == "share"
    z = widen_for_choices(len(found)) if is_share else None
    named = [item for item in found if _stands_out(item[1], whole, z)]
    named.sort(key=lambda item: -_lift(item[1], whole))
    here = dict(episode.instance)
    causes = [
        _describe({**here, dimension: part.group}, part, change, scale)
        for dimension, part in named[:MOST_CAUSES]
    ]
    if not causes and change:
        causes = [_describe(here, whole, change, scale)]
    return Change(k0, n0, k1, n1, money, tuple(causes))


def compare(rule: Rule, episode: Episode) -> Comparison:
    """Return the alert's last seven days of windows, and the same ones in earlier weeks.

    Of a week or a month that is the last window alone: an alert that stays is explained by what it
    is now. Windows that fired before are no part of what was usual.
    """
    periods = [item.reading for item in episode.windows]
    first = periods[-1].day - timedelta(days=6)
    is_short = rule.grain in ("hour", "day")
    recent = [item for item in periods if item.day >= first] if is_short else periods[-1:]
    now = {slot for reading in recent for slot in _list_slots(rule, reading)}
    fired = {slot for reading in periods for slot in _list_slots(rule, reading)}
    step = 28 if rule.grain == "month" else 7
    before = {
        ((date.fromisoformat(day) - timedelta(days=step * number)).isoformat(), hour)
        for day, hour in now
        for number in range(1, WEEKS + 1)
    }
    return Comparison(frozenset(now), frozenset(before - fired))


def _list_slots(rule: Rule, reading: Reading) -> list[Slot]:
    """Return the hour of an hourly window, the days of any other."""
    if rule.grain == "hour":
        return [(reading.day.isoformat(), reading.hour)]
    length = (close_of(rule, reading.period) - reading.day).days
    return [
        ((reading.day + timedelta(days=number)).isoformat(), None) for number in range(length + 1)
    ]


def list_dimensions(metrics: Metrics, rule: Rule) -> list[str]:
    """Return the dimensions by which this rule's numbers can be split further."""
    taken = {ALIASES.get(name, name) for name in rule.by} | NO_PLACES
    if rule.grain == "hour":
        taken |= {"dial_hour"}
    known = metrics.catalog.dimensions(rule.metric)
    return [name for name in known if name not in taken and _can_split(metrics, rule, name)]


def _can_split(metrics: Metrics, rule: Rule, name: str) -> bool:
    needs = ["day", *(["dial_hour"] if rule.grain == "hour" else [])]
    by = [*needs, name, *(ALIASES.get(item, item) for item in rule.by)]
    try:
        metrics.catalog.request(rule.metric, {"by": by, "where": render_where(rule)})
    except UsageError:
        return False
    return True


def _sum(
    metrics: Metrics, rule: Rule, episode: Episode, compared: Comparison, dimension: str | None
) -> tuple[dict[Any, Sums], dict[Any, Sums]]:
    """Return k and n before and now, by the values of a dimension (or under the key ())."""
    hours = ["dial_hour"] if rule.grain == "hour" else []
    where = render_where(rule)
    for name, value in episode.instance:
        where[ALIASES.get(name, name)] = value
    by = ["day", *hours, *([dimension] if dimension else [])]
    first, last = compared.span
    sums: tuple[dict[Any, Sums], dict[Any, Sums]] = ({}, {})
    for item in metrics.query([rule.metric], by=by, where=where, start=first, end=last):
        slot = (str(item.dimensions["day"]), item.dimensions["dial_hour"] if hours else None)
        side = sums[0] if slot in compared.before else sums[1] if slot in compared.now else None
        if side is None or item.k is None or item.n is None:
            continue
        group = item.dimensions[dimension] if dimension else ()
        k, n = side.get(group, (0.0, 0.0))
        side[group] = (k + item.k, n + item.n)
    return sums


def _stands_out(part: Part, whole: Part, z: float | None) -> bool:
    """Return whether a place carries the change surely, and far beyond its share of calls.

    Without z (means, whose spread is not kept by place) it must carry twice as much beyond.
    """
    if not whole.total or part.total / whole.total < LEAST_SHARE or part.n1 >= whole.n1:
        return False
    if z is None:
        return _lift(part, whole) >= 2 * LEAST_LIFT
    if _lift(part, whole) < LEAST_LIFT:
        return False
    rest_now = (whole.k1 - part.k1, whole.n1 - part.n1)
    rest_before = (whole.k0 - part.k0, whole.n0 - part.n0)
    distance = _log_odds((part.k1, part.n1)) - _log_odds(rest_now)
    groups = [(part.k1, part.n1), rest_now]
    if part.n0 and rest_before[1] > 0:
        distance -= _log_odds((part.k0, part.n0)) - _log_odds(rest_before)
        groups += [(part.k0, part.n0), rest_before]
    return abs(distance) > z * math.sqrt(_variance(groups))


def _lift(part: Part, whole: Part) -> float:
    return part.total / whole.total - (part.n0 / whole.n0 + part.n1 / whole.n1) / 2


def _log_odds(sums: Sums) -> float:
    k, n = sums
    return math.log((k + 0.5) / (max(n - k, 0.0) + 0.5))


def _variance(groups: Iterable[Sums]) -> float:
    return sum(1 / (k + 0.5) + 1 / (max(n - k, 0.0) + 0.5) for k, n in groups)


def _describe(
    place: Mapping[str, Any], part: Part, change: float, scale: float | None
) -> dict[str, Any]:
    return {
        "kind": "mix" if abs(part.mix) > abs(part.rate) else "rate",
        "place": dict(place),
        "share": round(part.total / change, 4),
        "money": None if scale is None else round(part.total * scale, 2),
        "evidence": {"k0": part.k0, "n0": part.n0, "k1": part.k1, "n1": part.n1},
    }
