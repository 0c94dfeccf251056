"""Figures of predictions, with intervals by bootstrap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.evaluate.scoreboard import Row

if TYPE_CHECKING:
    from collections.abc import Callable

DRAWS, SEED, BINS = 300, 20260302, 10


def drawn_row(
    place: tuple[str, str, str], n: int, figure: Callable[[Any], float], note: str = ""
) -> Row:
    """Return a figure of all rows, with the middle 95 % of what it is on drawn ones.

    `figure` takes the numbers of rows, `n` of them, some more than once.
    """
    import numpy as np

    draw = np.random.default_rng(SEED)
    values = [figure(draw.integers(0, n, n)) for _ in range(DRAWS)]
    low, high = np.nanquantile(values, [0.025, 0.975])
    return Row(*place, figure(np.arange(n)), float(low), float(high), n, note=note)


def calibration_error(probability: Any, right: Any) -> float:
    """Return the mean distance of what was said and what came, over ten bins of equal size.

    >>> import numpy as np
    >>> round(calibration_error(np.full(10, 0.7), np.array([1] * 5 + [0] * 5)), 3)
    0.2
    """
    import numpy as np

    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if part.size]
    told = np.concatenate([np.full(part.size, probability[part].mean()) for part in parts])
    came = np.concatenate([np.full(part.size, right[part].mean()) for part in parts])
    if np.ptp(probability) == 0:
        return float(abs(probability.mean() - right.mean()))
    return float(np.abs(told - came).mean())


def coverage_at(precision: float, score: Any, right: Any) -> float:
    """Return the largest share of rows, surest first, that is right so often.

    >>> import numpy as np
    >>> coverage_at(0.75, np.array([0.9, 0.8, 0.7, 0.6]), np.array([1, 1, 0, 1]))
    1.0
    """
    import numpy as np

    order = np.argsort(-score, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    good = np.flatnonzero(share >= precision)
    return float((good[-1] + 1) / len(order)) if len(good) else 0.0
