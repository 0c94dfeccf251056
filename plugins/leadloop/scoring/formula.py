"""Terms of the churn model, and probabilities from them; plain numbers, no library's objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from leadloop.scoring.registry import Model

TERMS = (
    "talks_log",
    "talks_before_log",
    "talk_trend",
    "talk_age_log",
    "reach_share",
    "orders_log",
    "order_age_log",
    "order_amount_log",
    "known_days_log",
    "rivals_log",
)
RIVAL_TERMS = ("rivals_log",)


def list_terms(*, knows_rivals: bool) -> tuple[str, ...]:
    """Return the terms that the data can fill; what nobody listened to is no zero."""
    return tuple(term for term in TERMS if knows_rivals or term not in RIVAL_TERMS)


def compute_terms(features: pa.Table, terms: tuple[str, ...]) -> NDArray[np.float64]:
    """Return one row a customer, one column a term."""
    import numpy as np

    def column(name: str) -> NDArray[np.float64]:
        return np.asarray(features.column(name), dtype=np.float64)

    talks, before = column("talk_count"), column("previous_talk_count")
    known = {
        "talks_log": np.log1p(talks),
        "talks_before_log": np.log1p(before),
        "talk_trend": np.log((talks + 1.0) / (before + 1.0)),
        "talk_age_log": np.log1p(column("talk_age")),
        "reach_share": (talks + 1.0) / (column("dial_count") + 2.0),
        "orders_log": np.log1p(column("order_count")),
        "order_age_log": np.log1p(column("order_age")),
        "order_amount_log": np.log1p(column("order_amount")),
        "known_days_log": np.log1p(column("known_days")),
        "rivals_log": np.log1p(column("rival_count")),
    }
    return np.column_stack([known[term] for term in terms])


def predict(model: Model, features: pa.Table) -> NDArray[np.float64]:
    """Return the probability of leaving of each row."""
    import numpy as np

    terms = compute_terms(features, model.terms)
    scaled = (terms - np.array(model.means)) / np.array(model.scales)
    logit = scaled @ np.array(model.weights) + model.intercept
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0))))
