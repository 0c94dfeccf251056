"""What a metric query gives: a number with its evidence, and the rules by which it is judged.

Kept apart from `metrics.py` (which asks MetricFlow and the marts) so that it needs neither.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from leadloop.intervals import MINIMUM_SAMPLE, mean_interval, wilson_interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

State = Literal["ok", "not available", "too few"]
Kind = Literal["count", "share", "mean", "ratio"]


@dataclass(frozen=True, slots=True)
class Definition:
    """What a metric is called and means; `parts` are the metrics it is divided from."""

    name: str
    kind: Kind
    label: str
    unit: str
    description: str
    parts: tuple[str, ...]
    meta: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def formula(self) -> str:
        """The definition in one line."""
        if self.kind == "count":
            return self.name
        return f"{self.name} = {self.parts[0]} / {self.parts[1]}"


@dataclass(frozen=True, slots=True)
class MetricValue:
    """One number with its evidence: value = k / n, between low and high with 95 %.

    Shares have Wilson intervals, means Student's t intervals; a count is complete and has none, and
    a ratio of two sums (revenue by cost) has none either, as its base is no sample: `n` is that
    base in whole units.
    "not available" is no number at all; "too few" is one that nobody should act on (n < 30).
    """

    metric: str
    dimensions: dict[str, Any]
    k: float | None
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    state: State


def judge(
    definition: Definition, dimensions: dict[str, Any], sums_by_part: Mapping[str, Any]
) -> MetricValue:
    """Return the value of a metric from the sums of its parts.

    No sum, or a base of nothing, is "not available" and never 0.
    """
    name = definition.name
    sums = [sums_by_part[part] for part in definition.parts]
    nothing = MetricValue(name, dimensions, None, None, None, None, None, "not available")
    if sums[0] is None or (len(sums) > 1 and not sums[1]):
        return nothing
    k = float(sums[0])
    if definition.kind == "count":
        return MetricValue(name, dimensions, k, int(k), k, None, None, "ok")
    n = int(sums[1])
    if definition.kind == "ratio":
        base = float(sums[1])
        return MetricValue(name, dimensions, k, n, k / base, None, None, "ok")
    state: State = "ok" if n >= MINIMUM_SAMPLE else "too few"
    low, high = _interval(k, n, sums[2:])
    return MetricValue(name, dimensions, k, n, k / n, low, high, state)


def _interval(k: float, n: int, squares: Sequence[Any]) -> tuple[float | None, float | None]:
    if not squares:
        return wilson_interval(k, n)
    if squares[0] is None:
        return None, None
    return mean_interval(k, float(squares[0]), n) or (None, None)
