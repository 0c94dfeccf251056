"""How sure a number is: 95 % intervals of shares and means, from sums alone.

Pure arithmetic, used by `metrics` for every surface, so that no two places judge differently.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Z95 = 1.959963984540054  # two-sided 95 % of the normal distribution
MINIMUM_SAMPLE = 30


def wilson_interval(k: float, n: float, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of the share k / n; `n` must be positive.

    It stays within 0 and 1, and holds its promise down to small samples.

    >>> [round(edge, 4) for edge in wilson_interval(34, 100)]
    [0.2546, 0.4372]
    >>> [round(edge, 4) for edge in wilson_interval(0, 10)]
    [0.0, 0.2775]
    """
    share = k / n
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    middle = share + z * z / (2 * n)
    scale = 1 + z * z / n
    # At k = 0 or n the edge is exactly 0 or 1; floats would miss it by 1e-17.
    low = 0.0 if k == 0 else (middle - spread) / scale
    high = 1.0 if k == n else (middle + spread) / scale
    return max(0.0, low), min(1.0, high)


def mean_interval(total: float, squares: float, n: int) -> tuple[float, float] | None:
    """Return Student's t interval of the mean total / n, from the sum and the sum of squares.

    None below MINIMUM_SAMPLE: durations are skewed, and a t interval of a few of them lies.

    >>> mean_interval(total=600, squares=12_000, n=5) is None
    True
    """
    if n < MINIMUM_SAMPLE:
        return None
    mean = total / n
    variance = max(0.0, (squares - total * mean) / (n - 1))
    half = t_quantile(n - 1) * math.sqrt(variance / n)
    return mean - half, mean + half


def t_quantile(degrees: int) -> float:
    """Return the two-sided 95 % point of Student's t, exact to 1e-5 from 29 degrees on.

    >>> round(t_quantile(29), 5)
    2.04523
    """
    # Cornish-Fisher expansion about the normal (Abramowitz and Stegun 26.7.5).
    z, v = Z95, float(degrees)
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / v + second / v**2 + third / v**3 + fourth / v**4


def widen_for_choices(choices: int) -> float:
    """Return the z of a 95 % promise that holds for the most striking of many comparisons.

    Whoever picks the worst of twenty agents has looked twenty times (Bonferroni).

    >>> round(widen_for_choices(1), 6)
    1.959964
    >>> round(widen_for_choices(20), 3)
    3.023
    """
    return NormalDist().inv_cdf(1 - 0.025 / max(1, choices))


def share_change_interval(
    now: tuple[float, float], before: tuple[float, float], z: float = Z95
) -> tuple[float, float]:
    """Return Newcombe's interval of the difference of two shares, each given as (k, n).

    A change whose interval holds 0 is inside the noise band.

    >>> low, high = share_change_interval((34, 100), (30, 100))
    >>> low < 0 < high
    True
    """
    (k1, n1), (k2, n2) = now, before
    (low1, high1), (low2, high2) = wilson_interval(k1, n1, z), wilson_interval(k2, n2, z)
    p1, p2 = k1 / n1, k2 / n2
    low = p1 - p2 - math.hypot(p1 - low1, high2 - p2)
    high = p1 - p2 + math.hypot(high1 - p1, p2 - low2)
    return low, high


def mean_change_interval(
    now: tuple[float, float, float], before: tuple[float, float, float], z: float = Z95
) -> tuple[float, float]:
    """Return the interval of the difference of two means, each given as (value, low, high).

    The edges given are those of 95 %; another `z` widens what follows from them.
    """
    (value1, low1, high1), (value2, low2, high2) = now, before
    half = math.hypot((high1 - low1) / 2, (high2 - low2) / 2) * z / Z95
    return value1 - value2 - half, value1 - value2 + half


def count_change_interval(
    now: float, before: float, dispersion: float = 1.0
) -> tuple[float, float]:
    """Return the interval of the difference of two counts, wider where counts vary more.

    >>> low, high = count_change_interval(2000, 2050)
    >>> low < 0 < high
    True
    """
    half = Z95 * math.sqrt(dispersion * (now + before))
    return now - before - half, now - before + half


def estimate_dispersion(pairs: Sequence[tuple[float, float]]) -> float:
    """Return how many times more than Poisson the counts of such pairs differ, at least 1.

    Pairs are counts that would be equal but for noise, such as a day and a week before it.

    >>> estimate_dispersion([(100, 100), (110, 100)])
    1.0
    >>> estimate_dispersion([(1000, 600), (600, 1000)])
    100.0
    """
    scores = [(a - b) ** 2 / (a + b) for a, b in pairs if a + b > 0]
    return max(1.0, sum(scores) / len(scores)) if scores else 1.0


def share_band(
    earlier: Sequence[tuple[float, float]], n: float, dispersion: float = 1.0
) -> tuple[float, float]:
    """Return where the share of `n` more lies in 95 of 100 cases if nothing changed.

    `earlier` are (k, n) of like days. Both count: a small n scatters more, and few earlier days
    say less of the level.

    >>> [round(edge, 3) for edge in share_band([(300, 1000)], n=100)]
    [0.215, 0.401]
    """
    k0, n0 = sum(k for k, _ in earlier), sum(n for _, n in earlier)
    # The variances of both shares add up to that of one sample of this size.
    size = 1 / (dispersion * (1 / n + 1 / n0))
    return wilson_interval(k0 / n0 * size, size)


def estimate_share_dispersion(groups: Sequence[Sequence[tuple[float, float]]]) -> float:
    """Return how many times more than binomial the shares within such groups differ, at least 1.

    Each group holds (k, n) of days that would have one share but for noise (Pearson's chi-square
    by its degrees of freedom).

    >>> estimate_share_dispersion([[(30, 100), (30, 100)]])
    1.0
    >>> round(estimate_share_dispersion([[(10, 100), (50, 100)]]), 1)
    38.1
    """
    total, degrees = 0.0, 0
    for group in groups:
        share = sum(k for k, _ in group) / max(1.0, sum(n for _, n in group))
        if len(group) < 2 or not 0 < share < 1:
            continue
        total += sum((k - n * share) ** 2 / (n * share * (1 - share)) for k, n in group)
        degrees += len(group) - 1
    return max(1.0, total / degrees) if degrees else 1.0
