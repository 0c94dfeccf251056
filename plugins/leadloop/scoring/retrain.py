"""When a model is trained, and whether it takes the place of the one in force."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from leadloop.scoring import registry
from leadloop.scoring.features import read_features, read_first_day, read_labels
from leadloop.scoring.formula import list_terms, predict

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from leadloop.scoring.plan import ChurnPlan
    from leadloop.scoring.registry import Entry, Model
    from leadloop.scoring.training import Examples
    from leadloop.settings import Home

# A model needs snapshots to learn from and a later one to be judged on.
FEWEST_SNAPSHOTS = 3
SEED = 20


def is_due(home: Home, day: str) -> bool:
    """Return whether a training is due: none yet this month, and no model of a later day."""
    entries = registry.list_entries(home)
    if any(entry.trained_on >= day for entry in entries):
        return False
    known = [entry for entry in entries if entry.version]
    return not known or known[-1].trained_on[:7] < day[:7]


def train(
    connection: duckdb.DuckDBPyConnection, home: Home, plan: ChurnPlan, day: str, knows_rivals: bool
) -> Entry | None:
    """Train on the matured snapshots and note it; None, and no note, where too little is there."""
    from leadloop.scoring.training import find_gap, fit_model, list_snapshots, split_examples

    first = read_first_day(connection)
    snapshots = list_snapshots(plan, first, date.fromisoformat(day)) if first else []
    if len(snapshots) < FEWEST_SNAPSHOTS:
        return None
    features = read_features(connection, plan, snapshots)
    if not features.num_rows:
        return None
    examples = split_examples(features, read_labels(connection, plan, features))
    if find_gap(examples, plan.model):
        return None
    terms = list_terms(knows_rivals=knows_rivals)
    model = fit_model(examples, terms, day)
    champion = registry.find_champion(home, day)
    return _note(home, model, champion, (examples, snapshots, plan))


def _note(
    home: Home,
    model: Model,
    champion: Model | None,
    data: tuple[Examples, Sequence[date], ChurnPlan],
) -> Entry:
    """Judge a model against the one in force (else the base rate) and write both down."""
    import numpy as np

    from leadloop.scoring.card import make_card, render_card
    from leadloop.scoring.judgement import judge
    from leadloop.scoring.training import predict_unseen

    examples, snapshots, plan = data
    truth = examples.is_churned[examples.is_latest]
    rival, name = _find_rival(champion, examples)
    own = predict_unseen(examples, model.terms)
    seen = judge(truth, own, rival, np.random.default_rng(SEED))
    reason = (
        f"Brier score {seen.brier.value:.4f} against {seen.brier_naive:.4f} of {name}; better in "
        f"{seen.chance_better:.1%} of bootstrap draws (wanted more than 95 %)."
    )
    day = model.version.rpartition("-")[0]
    entry = registry.Entry(day, model.version, seen.is_better, reason)
    card = make_card(model, entry, plan, (seen, snapshots, name))
    registry.keep_training(home, entry, model, card, render_card(card, seen))
    return entry


def _find_rival(champion: Model | None, examples: Examples) -> tuple[NDArray[np.float64], str]:
    import numpy as np

    latest: pa.Table = examples.features.take(np.flatnonzero(examples.is_latest))
    if champion is None:
        return np.full(latest.num_rows, examples.base_rate), "the base rate"
    return predict(champion, latest), f"model {champion.version}"
