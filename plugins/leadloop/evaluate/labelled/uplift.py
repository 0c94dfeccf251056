"""Whom an action moves: two logistic regressions, judged by the Qini curve of a random trial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.evaluate.labelled.figures import drawn_row
from leadloop.evaluate.labelled.outcome import encode, make_models, read_label
from leadloop.evaluate.scoreboard import Row
from leadloop.intervals import share_change_interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.evaluate.labelled.files import Split


def score_uplift(split: Split, columns: tuple[str, str], dropped: Sequence[str]) -> list[Row]:
    """Return the average effect with Newcombe's interval, and Qini of uplift and of response.

    Qini is the area between the curve of the model and that of a random order, in outcomes for
    each row (Radcliffe 2007): 0 is no better than a random order.
    """
    treatment, outcome = columns
    treated = {side: read_label(getattr(split, side), treatment) for side in ("train", "test")}
    came = {side: read_label(getattr(split, side), outcome) for side in ("train", "test")}
    learned, judged, _ = encode(split, [treatment, outcome, *dropped])
    chances = []
    for arm in (True, False):
        chosen = treated["train"] == arm
        model = make_models()["logistic"].fit(learned[chosen], came["train"][chosen])
        chances.append(model.predict_proba(judged)[:, 1])
    arms, happened = treated["test"], came["test"].astype(float)
    whole = _measure(arms, happened)
    rows = [Row("uplift", split.name, "average_effect", *whole, len(arms), note=split.note)]
    orders = {"uplift": chances[0] - chances[1], "uplift (response model)": chances[0]}
    rows += [
        drawn_row((name, split.name, "qini"), len(arms), _qini_of(arms, happened, order))
        for name, order in orders.items()
    ]
    return rows + _list_deciles(split.name, arms, happened, orders["uplift"])


def _qini_of(arms: Any, happened: Any, order: Any) -> Any:
    return lambda rows: qini(arms[rows], happened[rows], order[rows])


def qini(arms: Any, happened: Any, order: Any) -> float:
    """Return the area between the curve of an order and that of chance, in outcomes for each row.

    >>> import numpy as np
    >>> arms = np.array([True, False, True, False])
    >>> qini(arms, np.array([1.0, 0.0, 0.0, 0.0]), np.array([4.0, 3.0, 2.0, 1.0]))
    0.09375
    """
    import numpy as np

    place = np.argsort(-order, kind="stable")
    treated = np.cumsum(arms[place])
    control = np.cumsum(~arms[place])
    gained = np.cumsum(happened[place] * arms[place])
    lost = np.cumsum(happened[place] * ~arms[place])
    scale = np.divide(treated, control, out=np.zeros(len(place)), where=control > 0)
    curve = np.concatenate([[0.0], (gained - lost * scale) / len(place)])
    chance = np.linspace(0.0, curve[-1], len(curve))
    return float(np.trapezoid(curve - chance, dx=1 / len(place)))


def _list_deciles(set_: str, arms: Any, happened: Any, order: Any) -> list[Row]:
    import numpy as np

    parts = np.array_split(np.argsort(-order, kind="stable"), 10)
    return [
        Row(
            "uplift",
            set_,
            f"effect_decile_{number:02d}",
            *_measure(arms[part], happened[part]),
            len(part),
        )
        for number, part in enumerate(parts, 1)
        if 0 < arms[part].sum() < len(part)
    ]


def _measure(arms: Any, happened: Any) -> tuple[float, float, float]:
    """Return the difference of both arms with Newcombe's interval."""
    k0, n0 = float(happened[~arms].sum()), float((~arms).sum())
    k1, n1 = float(happened[arms].sum()), float(arms.sum())
    low, high = share_change_interval((k1, n1), (k0, n0))
    return k1 / n1 - k0 / n0, low, high
