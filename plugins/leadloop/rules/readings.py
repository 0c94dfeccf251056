"""What a rule looks at: numbers with their sample, by window and instance, from `metrics` alone.

`find_misfits` says what of a rule the catalogue of metrics cannot answer; `load_readings` asks.
Weeks and months are sums of days, so that a window means the same at every grain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from leadloop.errors import UsageError
from leadloop.intervals import t_quantile
from leadloop.rules.schema import Between

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadloop.metric_values import MetricValue
    from leadloop.metrics import Catalog, Metrics
    from leadloop.rules.loader import Mistake, Place, RuleFile
    from leadloop.rules.schema import Rule

# What people write in a rule, and what the catalogue calls it.
ALIASES = {"hour": "dial_hour"}
GRAINS = {
    "hour": ("day", "dial_hour"),
    "day": ("day",),
    "week": ("day",),
    "month": ("day",),
}
Instance = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One window of one instance: k of n; for a mean the sum k of n, with its standard error.

    `period` is 2026-03-31T14, 2026-03-31, the first day of a week, or 2026-03: text that sorts
    by time. `day` is the local day on which the window begins.
    """

    period: str
    instance: Instance
    k: float
    n: int
    error: float | None = None

    @property
    def day(self) -> date:
        """The local day on which the window begins."""
        return _parse(self.period)[0]

    @property
    def hour(self) -> int:
        """The local hour at which it begins."""
        return _parse(self.period)[1]

    @property
    def begin(self) -> datetime:
        """The local time at which it begins, without a zone."""
        return datetime(self.day.year, self.day.month, self.day.day, self.hour)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Span:
    """The days that are read, both included, and the first weekday of the company's week."""

    first: date
    last: date
    week_start: str = "monday"


def find_misfits(file: RuleFile, catalog: Catalog) -> list[Mistake]:
    """Return what the catalogue cannot answer: an unknown metric, dimension or grain."""
    rule = file.rule
    if rule.metric not in catalog.names:
        seen = f"the catalogue has no metric {rule.metric!r}"
        return [file.mistake(("metric",), seen, f"Known: {', '.join(catalog.names)}")]
    if rule.mode == "guarded" and catalog.definition(rule.metric).kind == "ratio":
        seen = f"{rule.metric} is a ratio of two sums, which chance cannot be told from"
        return [file.mistake(("mode",), seen, "Write mode: naive, or ask for a share or a mean")]
    known = catalog.dimensions(rule.metric)
    places: list[tuple[Place, str]] = [
        *((("by", number), name) for number, name in enumerate(rule.by)),
        *((("where", name), name) for name in rule.where),
    ]
    found = [
        file.mistake(
            place, f"{rule.metric} has no dimension {name!r}", f"Known: {', '.join(known)}"
        )
        for place, name in places
        if ALIASES.get(name, name) not in known
    ]
    if found:
        return found
    if rule.grain not in GRAINS or not _answers(rule, catalog, GRAINS[rule.grain]):
        grains = [grain for grain, needs in GRAINS.items() if _answers(rule, catalog, needs)]
        seen = f"{rule.metric} by these dimensions is not kept by {rule.grain}"
        return [file.mistake(("grain",), seen, f"Known: {', '.join(grains) or 'none'}")]
    return []


def render_where(rule: Rule) -> dict[str, Any]:
    """Return the rule's conditions as a metric query takes them."""
    where: dict[str, Any] = {}
    for name, value in rule.where.items():
        wanted: Any = list(value) if isinstance(value, tuple) else value
        if isinstance(value, Between):
            first, last = value.between
            wanted = {">=": first, "<=": last}
        where[ALIASES.get(name, name)] = wanted
    return where


def load_readings(metrics: Metrics, rule: Rule, span: Span) -> list[Reading]:
    """Return the windows of a rule in the days of the span, oldest first.

    A window whose number is not available is left out: it is no zero.
    """
    names = tuple(ALIASES.get(name, name) for name in rule.by)
    values = metrics.query(
        [rule.metric],
        by=list(dict.fromkeys((*names, *GRAINS[rule.grain]))),
        where=render_where(rule),
        start=span.first.isoformat(),
        end=span.last.isoformat(),
    )
    is_mean = metrics.catalog.definition(rule.metric).kind == "mean"
    return make_readings(rule, values, span, is_mean=is_mean)


def make_readings(
    rule: Rule, values: Sequence[MetricValue], span: Span, *, is_mean: bool
) -> list[Reading]:
    """Return metric values as windows; days are summed to weeks and months that are over."""
    sums: dict[tuple[str, Instance], list[float]] = {}
    for value in values:
        if value.k is None or value.n is None:
            continue
        period = _period(rule, value.dimensions, span)
        if period is None:
            continue
        instance = tuple((name, value.dimensions[ALIASES.get(name, name)]) for name in rule.by)
        spread = _squares(value) if is_mean else 0.0
        here = sums.setdefault((period, instance), [0.0, 0.0, 0.0])
        for position, part in enumerate((value.k, value.n, spread)):
            here[position] += part
    return [
        Reading(period, instance, k, int(n), _error(k, n, squares) if is_mean else None)
        for (period, instance), (k, n, squares) in sorted(sums.items(), key=_by_time)
    ]


def close_of(rule: Rule, period: str) -> date:
    """Return the last local day of a window."""
    if rule.grain == "month":
        year, month = int(period[:4]), int(period[5:7])
        return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    first = date.fromisoformat(period[:10])
    return first + timedelta(days=6) if rule.grain == "week" else first


@lru_cache(maxsize=65536)
def _parse(period: str) -> tuple[date, int]:
    text = period[:10]
    day = date.fromisoformat(text if len(text) == 10 else f"{text}-01")
    return day, int(period[11:13] or 0)


def _period(rule: Rule, dimensions: Mapping[str, Any], span: Span) -> str | None:
    """Return the window that a value belongs to; None while its week or month is not over."""
    day = str(dimensions["day"])
    if rule.grain == "hour":
        return f"{day}T{int(dimensions['dial_hour']):02d}"
    if rule.grain == "day":
        return day
    if rule.grain == "week":
        shift = 0 if span.week_start == "monday" else 1
        moment = date.fromisoformat(day)
        first = moment - timedelta(days=(moment.weekday() + shift) % 7)
        return first.isoformat() if span.first <= first <= span.last - timedelta(days=6) else None
    month = day[:7]
    begin = date.fromisoformat(f"{month}-01")
    return month if span.first <= begin and close_of(rule, month) <= span.last else None


def _answers(rule: Rule, catalog: Catalog, needs: Sequence[str]) -> bool:
    names = {ALIASES.get(name, name) for name in (*rule.by, *rule.where)}
    try:
        catalog.request(rule.metric, {"by": sorted({*names, *needs})})
    except UsageError:
        return False
    return True


def _squares(value: MetricValue) -> float:
    """Return the sum of squares that a mean's interval was made of; nan where it has none."""
    if value.low is None or value.high is None or value.n is None or value.n < 2:
        return math.nan
    k, n = float(value.k or 0.0), value.n
    half = (value.high - value.low) / 2
    return (half / t_quantile(n - 1)) ** 2 * n * (n - 1) + k * k / n


def _error(k: float, n: float, squares: float) -> float | None:
    if n < 2 or math.isnan(squares):
        return None
    return math.sqrt(max(0.0, (squares - k * k / n) / (n - 1)) / n)


def _by_time(item: tuple[tuple[str, Instance], Any]) -> tuple[str, list[str]]:
    (period, instance), _ = item
    return period, [str(value) for _, value in instance]
