"""Learns who leaves: a logistic regression on dated snapshots, judged on a later one.

The judgement is honest twice over: it is made on the latest matured snapshot, with models fitted
on earlier snapshots alone, and no customer is judged by a model that saw that customer (weekly
snapshots overlap, and so do their labels). Neighbours: `features`, `judgement`, `card`.
"""

from __future__ import annotations

import hashlib
import json
import warnings
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from leadloop.scoring.formula import compute_terms
from leadloop.scoring.registry import Model

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from leadloop.scoring.plan import ChurnPlan, ModelPlan

FOLDS = 5
# Strength of the ridge; features are standardised, so that one value serves all of them.
INVERSE_RIDGE = 1.0


@dataclass(frozen=True, slots=True)
class Examples:
    """Snapshots of customers whose label is known, in the order of date and customer."""

    features: pa.Table
    is_churned: NDArray[np.bool_]
    is_latest: NDArray[np.bool_]

    @property
    def base_rate(self) -> float:
        """Share of those who left among the earlier snapshots: the naive guess."""
        return float(self.is_churned[~self.is_latest].mean())


def list_snapshots(plan: ChurnPlan, first_day: date, day: date) -> list[date]:
    """Return the days of matured snapshots with whole windows before them, oldest first.

    >>> from leadloop.scoring.plan import ChurnPlan
    >>> days = list_snapshots(ChurnPlan(), date(2026, 3, 2), date(2026, 7, 15))
    >>> days[0].isoformat(), days[-1].isoformat(), len(days)
    ('2026-05-02', '2026-05-09', 2)
    """
    latest = day - timedelta(days=plan.model.maturity_days)
    earliest = first_day + timedelta(days=plan.lookback_days)
    step = timedelta(days=plan.model.snapshot_every_days)
    found = []
    while latest >= earliest:
        found.append(latest)
        latest -= step
    return found[::-1]


def split_examples(features: pa.Table, labels: pa.Table) -> Examples:
    """Return the examples, with those of the latest snapshot told apart."""
    import numpy as np

    days = np.asarray(features.column("snapshot_date"), dtype="datetime64[D]")
    return Examples(
        features=features,
        is_churned=np.asarray(labels.column("is_churned"), dtype=bool),
        is_latest=days == days.max(),
    )


def find_gap(examples: Examples, plan: ModelPlan) -> str | None:
    """Return what is missing to learn anything, in words; None when there is enough."""
    for name, chosen in (("latest", examples.is_latest), ("earlier", ~examples.is_latest)):
        customers, left = int(chosen.sum()), int(examples.is_churned[chosen].sum())
        if customers < plan.minimum_customers:
            return (
                f"{customers} customers in {name} snapshots; wanted {plan.minimum_customers} "
                "(config/churn.yml, minimum_customers)"
            )
        if min(left, customers - left) < plan.minimum_churned:
            return (
                f"{left} of {customers} customers of {name} snapshots left; wanted at least "
                f"{plan.minimum_churned} of either kind (config/churn.yml, minimum_churned)"
            )
    return None


def fit_model(examples: Examples, terms: Sequence[str], trained_on: str) -> Model:
    """Return the model learned from all examples; the same examples give the same version."""
    import numpy as np

    every = np.ones(examples.is_churned.size, dtype=bool)
    means, scales, weights, intercept = _fit(examples, tuple(terms), every)
    numbers = [*means, *scales, *weights, intercept]
    content = json.dumps([list(terms), [round(number, 9) for number in numbers]])
    digest = hashlib.sha256(content.encode()).hexdigest()[:8]
    return Model(f"{trained_on}-{digest}", tuple(terms), means, scales, weights, intercept)


def predict_unseen(examples: Examples, terms: Sequence[str]) -> NDArray[np.float64]:
    """Return the probability of each customer of the latest snapshot, by models new to him."""
    import numpy as np

    from leadloop.scoring.formula import predict

    folds = _list_folds(examples.features)
    latest = np.flatnonzero(examples.is_latest)
    found = np.empty(latest.size)
    for fold in range(FOLDS):
        others = ~examples.is_latest & (folds != fold)
        model = Model("fold", tuple(terms), *_fit(examples, tuple(terms), others))
        own = folds[latest] == fold
        found[own] = predict(model, examples.features.take(latest[own]))
    return found


def _list_folds(features: pa.Table) -> NDArray[np.int64]:
    import numpy as np

    names = features.column("customer_id").to_pylist()
    return np.array([hashlib.sha256(name.encode()).digest()[0] % FOLDS for name in names])


def _fit(
    examples: Examples, terms: tuple[str, ...], chosen: NDArray[np.bool_]
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...], float]:
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    rows = np.flatnonzero(chosen)
    values = compute_terms(examples.features.take(rows), terms)
    means, scales = values.mean(axis=0), values.std(axis=0)
    # A term that never varies teaches nothing; dividing by 1 leaves it at 0.
    scales = np.where(scales > 1e-9, scales, 1.0)
    model = LogisticRegression(C=INVERSE_RIDGE, max_iter=1000)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit((values - means) / scales, examples.is_churned[rows])
    return (
        tuple(map(float, means)),
        tuple(map(float, scales)),
        tuple(map(float, model.coef_[0])),
        float(model.intercept_[0]),
    )
