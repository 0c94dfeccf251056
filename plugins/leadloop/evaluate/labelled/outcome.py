"""Who becomes a customer or leaves: a logistic regression and boosted trees on a user's table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.errors import UsageError
from leadloop.evaluate.labelled.figures import calibration_error, drawn_row
from leadloop.evaluate.scoreboard import Row, share_row

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from leadloop.evaluate.labelled.files import Split

TOP = 0.1
MOST_KINDS = 30
TRUE = ("1", "1.0", "yes", "true", "y")


def score_outcome(name: str, split: Split, label: str, dropped: Sequence[str]) -> list[Row]:
    """Return AUC, Brier score, calibration and lift of the surest tenth of both models.

    Columns in `dropped` are not learned from; names of many kinds (ids) are left out.
    """
    truth = {side: read_label(getattr(split, side), label) for side in ("train", "test")}
    learned, judged, left_out = encode(split, [label, *dropped])
    note = "; ".join(filter(None, (split.note, f"left out: {left_out}" if left_out else "")))
    rows = [
        share_row(
            (name, split.name, "base_rate"),
            int(truth["test"].sum()),
            len(truth["test"]),
            None,
            note,
        )
    ]
    for kind, model in make_models().items():
        model.fit(learned, truth["train"])
        probability = model.predict_proba(judged)[:, 1]
        rows += _describe(f"{name} ({kind})", split.name, truth["test"], probability)
    return rows


def make_models() -> dict[str, Any]:
    """Return what is compared: the product's kind of model, and its usual rival."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return {
        "logistic": make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000)),
        "boosted": HistGradientBoostingClassifier(random_state=0),
    }


def read_label(rows: pd.DataFrame, label: str) -> Any:
    """Return which rows are positive; raise UsageError where only one kind occurs."""
    import numpy as np

    values = rows[label].astype(str).str.strip().str.lower()
    if values.nunique() != 2 or not values.isin(TRUE).any():
        seen = ", ".join(sorted(values.unique())[:5])
        message = f"Column {label} holds {seen}; wanted two kinds, one of them {', '.join(TRUE)}."
        raise UsageError(message)
    return np.asarray(values.isin(TRUE))


def encode(split: Split, dropped: Sequence[str]) -> tuple[Any, Any, str]:
    """Return both sides as numbers, and the columns that were left out.

    Names become a column each (those of the learning side), what is missing the median.
    """
    import pandas as pd

    names = [name for name in split.train.columns if name not in dropped]
    words = [name for name in names if not pd.api.types.is_numeric_dtype(split.train[name])]
    many = [name for name in words if split.train[name].nunique() > MOST_KINDS]
    kept = [name for name in names if name not in many]
    chosen = [name for name in words if name not in many]
    sides = [
        pd.get_dummies(side[kept], columns=chosen, dtype=float)
        for side in (split.train, split.test)
    ]
    learned = sides[0].fillna(sides[0].median())
    judged = sides[1].reindex(columns=learned.columns, fill_value=0.0).fillna(sides[0].median())
    if learned.empty or not len(learned.columns):
        message = f"No column of {', '.join(map(str, split.train.columns))} is left to learn from."
        raise UsageError(message)
    return learned.to_numpy(float), judged.to_numpy(float), ", ".join(many)


def _describe(name: str, set_: str, truth: Any, probability: Any) -> list[Row]:
    import numpy as np

    from leadloop.scoring.judgement import compute_auc

    number = truth.astype(float)

    def lift(rows: Any) -> float:
        top = np.argsort(-probability[rows], kind="stable")[: max(1, int(TOP * len(rows)))]
        return float(number[rows][top].mean() / max(number[rows].mean(), 1e-12))

    figures = {
        "auc": lambda rows: compute_auc(truth[rows], probability[rows]),
        "brier": lambda rows: float(((probability - number)[rows] ** 2).mean()),
        "calibration_error": lambda rows: calibration_error(probability[rows], number[rows]),
        "lift_top_tenth": lift,
    }
    return [
        drawn_row((name, set_, metric), len(truth), figure) for metric, figure in figures.items()
    ]
