"""What was usual until now: kept window by window, firing windows left out.

Used by `evaluate`, which walks through time and never lets a window see its own future.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from leadloop.rules import chances
from leadloop.rules.chances import Kind, Numbers, Usual

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from leadloop.rules.chances import Column
    from leadloop.rules.readings import Instance, Reading
    from leadloop.rules.schema import Rule

Slot = tuple["Instance", int, int | None]
# Calls of the instance as a whole that an hour's own baseline is worth less than.
BORROWED = 20.0
LEAST_WINDOWS = 3
# Until enough windows were compared: calls of one real call centre's hour are about this alike.
FIRST_CORRELATION = 0.01
LEAST_COMPARED = 20
# A false discovery rate needs enough that was looked at: one series alone fires at it every day.
LEAST_TESTED = 30
# No window counts as further from usual than this: faults must not teach that faults are usual.
FURTHEST = 9.0


@dataclass(frozen=True, slots=True)
class Expected:
    """What is usual for one window: the mean, its uncertainty by chance, and by likeness.

    `base` is what sampling leaves unsure, `clump` how far few earlier windows share one fate.
    """

    mean: float
    base: float
    clump: float


class Past:
    """The windows so far of every instance of one rule."""

    def __init__(self, rule: Rule, kind: Kind) -> None:
        """Begin with no past at all."""
        self._rule = rule
        self._kind = kind
        self._windows: dict[Slot, list[Reading]] = defaultdict(list)
        self._totals: dict[Instance, list[float]] = defaultdict(lambda: [0.0, 0.0])
        self._excess, self._weight, self._compared = 0.0, 0.0, 0
        self._tested: deque[list[float]] = deque()

    @property
    def dispersion(self) -> float:
        """How much more windows vary than chance: correlation of shares, factor for the rest."""
        if self._kind == "share":
            if self._compared < LEAST_COMPARED:
                return FIRST_CORRELATION
            return min(max(self._excess / self._weight, 0.0), 0.2)
        if self._compared < LEAST_COMPARED:
            return 1.0
        return max(1.0, self._excess / self._compared)

    def expect(self, reading: Reading) -> Expected | None:
        """Return what is usual for a window; None while too few earlier ones are known."""
        baseline = self._rule.when.baseline
        if baseline is None:
            return None
        windows = self._windows[self._slot(reading)][-baseline.lookback :]
        if len(windows) < LEAST_WINDOWS:
            return None
        k, n = sum(item.k for item in windows), float(sum(item.n for item in windows))
        if self._kind == "count":
            mean = k / len(windows)
            return Expected(mean, max(mean, 1.0) / len(windows), 0.0)
        clump = sum(float(item.n) ** 2 for item in windows) / n**2
        if self._kind == "mean":
            base = sum((item.n * (item.error or 0.0)) ** 2 for item in windows) / n**2
            return Expected(k / n, base, clump)
        all_k, all_n = self._totals[reading.instance]
        mean = (k + BORROWED * all_k / all_n) / (n + BORROWED)
        return Expected(mean, 1 / (n + BORROWED), clump)

    def sum_before(self, reading: Reading, days: int) -> tuple[float, float, float]:
        """Return k, n and standard error of the windows in the days before, as `Numbers` does."""
        first = reading.day - timedelta(days=days)
        windows = [item for item in self._windows[self._slot(reading)] if item.day >= first]
        k = sum(item.k for item in windows)
        if self._kind == "count":
            return k, float(len(windows)), 0.0
        n = float(sum(item.n for item in windows))
        squares = sum((item.n * (item.error or 0.0)) ** 2 for item in windows)
        return k, n, squares**0.5 / n if n else 0.0

    def select(self, tails: Column, fdr: float) -> list[bool]:
        """Return which windows of this run are real, among all those tested lately."""
        import numpy as np

        earlier = [tail for run in self._tested for tail in run]
        found = chances.select(np.array([*tails, *earlier]), fdr)
        self._tested.append([float(tail) for tail in tails])
        while sum(map(len, self._tested)) - len(self._tested[0]) >= LEAST_TESTED:
            self._tested.popleft()
        return [bool(item) for item in found[: tails.size]]

    def weigh(self, expected: Sequence[Expected]) -> Usual:
        """Return what is usual as columns, at the dispersion known so far."""
        import numpy as np

        likeness = self.dispersion if self._kind == "share" else 0.0
        return Usual(
            np.array([item.mean for item in expected]),
            np.array([item.base * (1 - likeness) + item.clump * likeness for item in expected]),
        )

    def learn(self, readings: Iterable[tuple[Reading, Expected | None, bool]]) -> None:
        """Add judged windows, oldest first, with what was usual and whether they fired.

        All tell how much windows vary, or the rest would look calmer than it is; those that fired
        never become what is usual.
        """
        for reading, expected, is_fired in readings:
            if expected is not None:
                self._compare(reading, expected)
            if is_fired:
                continue
            self._windows[self._slot(reading)].append(reading)
            total = self._totals[reading.instance]
            total[0] += reading.k
            total[1] += reading.n

    def _compare(self, reading: Reading, expected: Expected) -> None:
        """Add one window's distance from its baseline, beyond what chance gives it (moments)."""
        dispersion = self.dispersion
        self._compared += 1
        if self._kind == "share":
            p = min(max(expected.mean, 1e-6), 1 - 1e-6)
            n = float(reading.n)
            by_chance = n + n * n * expected.base
            alike = n * (n - 1) + n * n * expected.clump
            distance = (reading.k - n * p) ** 2 / (p * (1 - p))
            self._excess += min(distance, FURTHEST * (by_chance + alike * dispersion)) - by_chance
            self._weight += alike
            return
        error = reading.error or 0.0
        spread = error**2 if self._kind == "mean" else max(expected.mean, 1.0)
        value = reading.k / reading.n if self._kind == "mean" else reading.k
        if spread + expected.base > 0:
            distance = (value - expected.mean) ** 2 / (spread + expected.base)
            self._excess += min(distance, FURTHEST * dispersion)

    def _slot(self, reading: Reading) -> Slot:
        """Return which windows are alike: the instance's, at that hour, on that weekday."""
        baseline = self._rule.when.baseline
        weekday = None
        if self._rule.grain in ("hour", "day") and baseline and baseline.of == "same_weekday":
            weekday = reading.day.weekday()
        hour = reading.hour if self._rule.grain == "hour" else 0
        return reading.instance, hour, weekday


def make_numbers(readings: Sequence[Reading]) -> Numbers:
    """Return windows as columns."""
    import numpy as np

    return Numbers(
        np.array([item.k for item in readings], dtype=np.float64),
        np.array([item.n for item in readings], dtype=np.float64),
        np.array([item.error or 0.0 for item in readings], dtype=np.float64),
    )
