"""How sure one can be: posteriors of a rate, a mean or a count, and what is usual for it.

Pure arithmetic on columns; numpy and scipy are loaded inside. Shares are beta-binomial, means
Student's t, counts gamma-Poisson where they are compared with other counts. `evaluate` decides
what follows from a chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = NDArray["np.float64"]
    import numpy as np

# A ratio of two sums is judged by naive rules alone (readings.find_misfits).
Kind = Literal["share", "mean", "count", "ratio"]
# Jeffreys' prior: it claims least about a share or a rate, and few calls keep it wide.
PRIOR = 0.5
# Only the side that could break needs an exact tail; above this z nothing is ever selected.
EXACT_BELOW = -0.5
DROP_NODES = 64


@dataclass(frozen=True, slots=True)
class Numbers:
    """Columns of windows: k of n, and the standard error where they are means."""

    k: Column
    n: Column
    error: Column

    @property
    def value(self) -> Column:
        """The number of each window; a count is its own."""
        import numpy as np

        return np.asarray(self.k / np.maximum(self.n, 1))


@dataclass(frozen=True, slots=True)
class Usual:
    """What was usual for each window: its mean, and how uncertain that mean itself is.

    `variance` is in units of p(1 - p) for shares, and the mean's own variance otherwise.
    """

    mean: Column
    variance: Column


def chance_below(kind: Kind, now: Numbers, limit: float) -> Column:
    """Return the posterior chance that each true number lies below the limit.

    >>> import numpy as np
    >>> now = Numbers(np.array([40.0, 80.0, 3.0]), np.array([400.0, 400.0, 30.0]), np.zeros(3))
    >>> [round(float(chance), 3) for chance in chance_below("share", now, 0.20)]
    [1.0, 0.495, 0.923]
    """
    import numpy as np
    from scipy import special

    if kind == "share":
        edge = min(max(limit, 0.0), 1.0)
        return np.asarray(special.betainc(now.k + PRIOR, now.n - now.k + PRIOR, edge))
    if kind == "count":
        # A count is complete: held against a fixed limit it is a fact, not a sample.
        return np.where(now.k < limit, 1.0, 0.0)
    return _below(limit - now.value, now.error, now.n)


def chance_dropped(kind: Kind, now: Numbers, before: Numbers, share: float) -> Column:
    """Return the chance that each number lies below `share` of what it was before.

    For counts `before.n` says how many windows the sum `before.k` is of.
    """
    import numpy as np
    from scipy import special

    if kind == "count":
        # Two gamma rates: the share of the first in their sum is beta-distributed.
        ratio = share / np.maximum(before.n, 1)
        return np.asarray(special.betainc(now.k + PRIOR, before.k + PRIOR, ratio / (1 + ratio)))
    if kind == "mean":
        error = np.hypot(now.error, share * before.error)
        return _below(share * before.value - now.value, error, now.n)
    nodes = (np.arange(DROP_NODES) + 0.5) / DROP_NODES
    a, b = before.k + PRIOR, before.n - before.k + PRIOR
    rates = share * special.betaincinv(a[:, None], b[:, None], nodes[None, :])
    now_a, now_b = now.k + PRIOR, now.n - now.k + PRIOR
    return np.asarray(special.betainc(now_a[:, None], now_b[:, None], rates).mean(axis=1))


def tail_below(kind: Kind, now: Numbers, usual: Usual, dispersion: float) -> Column:
    """Return the chance to see as little as each window shows, if all is as usual.

    `dispersion`: for shares the correlation of calls in a window, so that a window of many calls
    is never surer than windows are like each other; otherwise the factor on the variance.
    """
    import numpy as np
    from scipy import special

    if kind != "share":
        spread = now.error**2 if kind == "mean" else np.maximum(np.abs(usual.mean), 1.0)
        value = now.value if kind == "mean" else now.k
        deviation = np.sqrt(np.maximum(dispersion * (spread + usual.variance), 1e-12))
        return np.asarray(special.ndtr((value - usual.mean) / deviation))
    p = np.clip(usual.mean, 1e-6, 1 - 1e-6)
    rho = np.clip(dispersion + usual.variance, 1e-9, 0.9)
    deviation = np.sqrt(now.n * p * (1 - p) * (1 + (now.n - 1) * rho))
    z = (now.k + 0.5 - now.n * p) / np.maximum(deviation, 1e-9)
    tail = np.asarray(special.ndtr(z))
    exact = z < EXACT_BELOW
    size = 1 / rho[exact] - 1
    tail[exact] = _beta_binomial_tail(
        now.k[exact], now.n[exact], p[exact] * size, (1 - p[exact]) * size
    )
    return tail


def mirror(kind: Kind, now: Numbers, usual: Usual) -> tuple[Numbers, Usual]:
    """Return the same windows seen from above, so that too much looks like too little."""
    if kind == "share":
        return Numbers(now.n - now.k, now.n, now.error), Usual(1 - usual.mean, usual.variance)
    return Numbers(-now.k, now.n, now.error), Usual(-usual.mean, usual.variance)


def select(tails: Column, fdr: float) -> NDArray[np.bool_]:
    """Return which of many are real with a false discovery rate of `fdr` (Benjamini-Hochberg).

    Few at a time are no shelter: one series alone would pass at `fdr` every day. Callers add the
    windows of the days before.

    >>> import numpy as np
    >>> select(np.array([0.001, 0.2, 0.04, 0.9]), 0.1).tolist()
    [True, False, True, False]
    """
    import numpy as np

    order = np.argsort(tails, kind="stable")
    limits = fdr * np.arange(1, tails.size + 1) / max(1, tails.size)
    below = np.flatnonzero(tails[order] <= limits)
    chosen = np.zeros(tails.size, dtype=bool)
    if below.size:
        chosen[order[: below[-1] + 1]] = True
    return chosen


def _below(distance: Column, error: Column, n: Column) -> Column:
    import numpy as np
    from scipy import special

    safe = np.maximum(error, 1e-12)
    return np.asarray(special.stdtr(np.maximum(n - 1, 1), distance / safe))


def _beta_binomial_tail(k: Column, n: Column, a: Column, b: Column) -> Column:
    """Return P(X <= k) term by term, all windows in one flat column."""
    import numpy as np
    from scipy.special import betaln, gammaln

    if not k.size:
        return k
    terms = np.floor(k).astype(np.int64) + 1
    row = np.repeat(np.arange(k.size), terms)
    first = np.repeat(np.cumsum(terms) - terms, terms)
    x = (np.arange(row.size) - first).astype(np.float64)
    choose = gammaln(n[row] + 1) - gammaln(x + 1) - gammaln(n[row] - x + 1)
    log = choose + betaln(x + a[row], n[row] - x + b[row]) - betaln(a, b)[row]
    return np.minimum(np.bincount(row, weights=np.exp(log), minlength=k.size), 1.0)
