"""BG/NBD: how often customers without a contract order again, and who is still one.

Fader, Hardie and Lee (2005), "Counting your customers" the easy way, Marketing Science 24:275-284.
While alive a customer orders as a Poisson process whose rate is gamma (r, alpha) between
customers; after each order he leaves with a chance that is beta (a, b). It needs no labels, only
for each customer `x` repeat orders, `tx` the time of the last one and `observed` the time watched,
both since the first order and in one unit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Column = NDArray[np.float64]

TRIES = ((1.0, 1.0, 1.0, 1.0), (0.3, 5.0, 0.8, 2.5), (0.5, 10.0, 0.5, 5.0))


@dataclass(frozen=True, slots=True)
class Fit:
    """Parameters (alpha in the unit of time), the log-likelihood and how many customers."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    n: int


def fit(x: Column, tx: Column, observed: Column) -> Fit:
    """Return the most likely parameters; equal histories are summed first.

    Raises ValueError where nobody ordered again: nothing can be learned then.
    """
    import numpy as np
    from scipy.optimize import minimize

    if not len(x) or not np.max(x) > 0:
        message = "Nobody ordered again: a BG/NBD needs repeat orders."
        raise ValueError(message)
    seen, counts = np.unique(np.column_stack([x, tx, observed]), axis=0, return_counts=True)
    columns = tuple(seen.T)

    def loss(logs: Column) -> float:
        return -float(counts @ log_likelihood(np.exp(logs), columns)) / len(x)

    results = [
        minimize(loss, np.log(start), method="L-BFGS-B", bounds=[(-12.0, 12.0)] * 4)
        for start in TRIES
    ]
    best = min(results, key=lambda result: float(result.fun))
    best = minimize(loss, best.x, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12})
    r, alpha, a, b = np.exp(best.x).tolist()
    return Fit(r, alpha, a, b, -float(best.fun) * len(x), len(x))


def log_likelihood(parameters: Column, columns: tuple[Column, ...]) -> Column:
    """Return the log-likelihood of each customer's (x, tx, observed) under (r, alpha, a, b)."""
    import numpy as np
    from scipy.special import gammaln

    r, alpha, a, b = parameters
    x, tx, observed = columns
    base = gammaln(r + x) - gammaln(r) + r * np.log(alpha)
    base += gammaln(a + b) + gammaln(b + x) - gammaln(b) - gammaln(a + b + x)
    alive = -(r + x) * np.log(alpha + observed)
    again = x > 0
    # One who never ordered again cannot have left: he leaves after an order alone.
    gone = np.where(
        again,
        np.log(a) - np.log(np.where(again, b + x - 1, 1.0)) - (r + x) * np.log(alpha + tx),
        -np.inf,
    )
    return np.asarray(base + np.logaddexp(alive, gone))


def p_alive(found: Fit, x: Column, tx: Column, observed: Column) -> Column:
    """Return the chance that each customer is still one."""
    import numpy as np

    return np.asarray(1 / (1 + _odds_gone(found, x, tx, observed)))


def expect_orders(found: Fit, columns: tuple[Column, ...], ahead: float) -> Column:
    """Return the orders expected of each customer in the time ahead."""
    import numpy as np
    from scipy.special import hyp2f1

    x, tx, observed = columns
    r, alpha, a, b = found.r, found.alpha, found.a, found.b
    z = ahead / (alpha + observed + ahead)
    # Euler's form: the plain one overflows for those who ordered often.
    p, q, c = r + x, b + x, a + b + x - 1
    series = (1 - z) ** (c - p - q) * hyp2f1(c - p, c - q, c, z)
    still = 1 - ((alpha + observed) / (alpha + observed + ahead)) ** p * series
    return np.asarray(c / (a - 1) * still / (1 + _odds_gone(found, x, tx, observed)))


def _odds_gone(found: Fit, x: Column, tx: Column, observed: Column) -> Column:
    import numpy as np

    odds = np.exp((found.r + x) * np.log((found.alpha + observed) / (found.alpha + tx)))
    return np.asarray(np.where(x > 0, found.a / np.maximum(found.b + x - 1, 1e-12) * odds, 0.0))


def summarise(customer: NDArray[np.str_], moment: Column, until: float) -> tuple[Column, ...]:
    """Return (x, tx, observed) of every customer who ordered up to `until`.

    Several orders at one moment are one; `moment` is the time of each in the unit of the model.
    """
    import numpy as np

    inside = moment <= until
    pairs = np.unique(
        np.array(
            list(zip(customer[inside].tolist(), moment[inside].tolist(), strict=True)),
            dtype=[("customer", object), ("moment", float)],
        )
    )
    _, first, counts = np.unique(pairs["customer"], return_index=True, return_counts=True)
    begin, end = pairs["moment"][first], pairs["moment"][first + counts - 1]
    return np.asarray(counts - 1.0), np.asarray(end - begin), np.asarray(until - begin)
