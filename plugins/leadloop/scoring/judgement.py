"""How good probabilities are on customers whose end is known, with intervals by bootstrap.

Three questions: does the order help (AUC), are the probabilities right (Brier score, calibration),
and is it more than guessing the base rate of everybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

DRAWS = 500
BINS = 5
SURE = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """One figure with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Bin:
    """Customers with like probabilities: what was said of them and what came."""

    count: int
    predicted: float
    observed: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a model is worth on one snapshot; gains above 0 mean better than the rival."""

    customers: int
    churned: int
    auc: Estimate
    brier: Estimate
    brier_naive: float
    gain: Estimate
    chance_better: float
    miscalibration: Estimate
    bins: tuple[Bin, ...]

    @property
    def is_better(self) -> bool:
        """Whether the gain is more than luck."""
        return self.chance_better > SURE


def judge(
    is_churned: NDArray[np.bool_],
    probability: NDArray[np.float64],
    rival: NDArray[np.float64],
    generator: np.random.Generator,
) -> Judgement:
    """Return the worth of probabilities against those of a rival (a base rate, a champion)."""
    import numpy as np

    size = is_churned.size
    truth = is_churned.astype(np.float64)
    draws = generator.integers(0, size, (DRAWS, size))
    gains = (rival - truth) ** 2 - (probability - truth) ** 2
    drawn_gains = gains[draws].mean(axis=1)

    def estimate(figure: Callable[[NDArray[np.int64]], float]) -> Estimate:
        values = [figure(draw) for draw in draws]
        low, high = np.nanquantile(values, [0.025, 0.975])
        return Estimate(figure(np.arange(size)), float(low), float(high))

    return Judgement(
        customers=size,
        churned=int(is_churned.sum()),
        auc=estimate(lambda rows: compute_auc(is_churned[rows], probability[rows])),
        brier=estimate(lambda rows: float(((probability - truth)[rows] ** 2).mean())),
        brier_naive=float(((rival - truth) ** 2).mean()),
        gain=Estimate(float(gains.mean()), *map(float, np.quantile(drawn_gains, [0.025, 0.975]))),
        chance_better=float((drawn_gains > 0).mean()),
        miscalibration=estimate(lambda rows: float((probability - truth)[rows].mean())),
        bins=_fill_bins(truth, probability),
    )


def compute_auc(is_churned: NDArray[np.bool_], probability: NDArray[np.float64]) -> float:
    """Return the chance that one who left was given more than one who stayed; ties count half.

    >>> import numpy as np
    >>> compute_auc(np.array([True, False, False]), np.array([0.5, 0.1, 0.5]))
    0.75
    """
    import numpy as np

    left = int(is_churned.sum())
    stayed = is_churned.size - left
    if not left or not stayed:
        return float("nan")
    _, place, count = np.unique(probability, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2.0)[place]
    return float((ranks[is_churned].sum() - left * (left + 1) / 2) / (left * stayed))


def _fill_bins(truth: NDArray[np.float64], probability: NDArray[np.float64]) -> tuple[Bin, ...]:
    import numpy as np

    order = np.argsort(probability, kind="stable")
    return tuple(
        Bin(int(part.size), float(probability[part].mean()), float(truth[part].mean()))
        for part in np.array_split(order, BINS)
        if part.size
    )
