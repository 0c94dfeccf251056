"""How much better those with an action fared than those without: differences with intervals.

Pure arithmetic on sums. Shares get Newcombe's interval, means the normal one. Who was drawn into
an arm stays in it, whatever happened afterwards (intention to treat).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

from leadloop.intervals import Z95, share_change_interval

POWER_Z = 0.8416212335729143  # one-sided 80 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm as sums: units, the sum of their outcomes, the sum of the squares."""

    n: int
    total: float
    squares: float

    @property
    def mean(self) -> float:
        """The mean outcome; 0 without units."""
        return self.total / self.n if self.n else 0.0

    @property
    def variance(self) -> float:
        """The variance of one unit's outcome."""
        if self.n < 2:
            return 0.0
        return max(0.0, (self.squares - self.total * self.mean) / (self.n - 1))


@dataclass(frozen=True, slots=True)
class Estimate:
    """A difference, treated less held out, with its 95 % interval."""

    value: float
    low: float
    high: float


def compare_shares(treat: Arm, holdout: Arm) -> Estimate:
    """Return the difference of two shares; both arms must have units.

    >>> seen = compare_shares(Arm(200, 90, 90), Arm(100, 30, 30))
    >>> [round(edge, 3) for edge in (seen.value, seen.low, seen.high)]
    [0.15, 0.033, 0.257]
    """
    low, high = share_change_interval((treat.total, treat.n), (holdout.total, holdout.n))
    return Estimate(treat.mean - holdout.mean, low, high)


def compare_means(treat: Arm, holdout: Arm) -> Estimate:
    """Return the difference of two means; both arms must have at least two units.

    >>> compare_means(Arm(100, 500, 2599), Arm(100, 400, 1699))
    Estimate(value=1.0, low=0.72281..., high=1.27718...)
    """
    value = treat.mean - holdout.mean
    half = Z95 * math.sqrt(treat.variance / treat.n + holdout.variance / holdout.n)
    return Estimate(value, value - half, value + half)


def smallest_effect(n_treat: int, n_holdout: int, rate: float = 0.5) -> float:
    """Return the difference of shares that 80 % of such experiments would show.

    Without a rate known beforehand the widest is taken, so the promise is never too good.

    >>> round(smallest_effect(180, 20), 2)
    0.33
    """
    spread = math.sqrt(rate * (1 - rate) * (1 / n_treat + 1 / n_holdout))
    return (Z95 + POWER_Z) * spread


def ratio_chance(n_treat: int, n_holdout: int, share: float) -> float:
    """Return how likely a split at least as far from the share is, if the draw was fair.

    >>> ratio_chance(900, 100, 0.1)
    1.0
    >>> ratio_chance(980, 20, 0.1) < 0.001
    True
    """
    total = n_treat + n_holdout
    spread = math.sqrt(total * share * (1 - share))
    if spread == 0:
        return 1.0 if n_holdout == round(total * share) else 0.0
    # Half a unit of correction: counts are whole.
    distance = max(0.0, abs(n_holdout - total * share) - 0.5) / spread
    return 2 * (1 - NormalDist().cdf(distance))
