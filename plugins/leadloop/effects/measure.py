"""Measures the actions whose time is over, and says beforehand what can be shown at all.

One row for each experiment (an action on its own is one): written when the action is sent, as
"cannot be measured: not yet", and replaced once the marts reach the end of its window.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.action_types import (
    Payload,
    PayloadError,
    RetentionPackage,
    find_type,
    first_outcome_day,
    last_outcome_day,
    read_payload,
)
from leadloop.effects.outcomes import OUTCOMES, read_arms
from leadloop.effects.verdict import NO_HOLDOUT, PENDING, Question, Verdict, describe_power, judge
from leadloop.ledger import actions, assignments, effects

if TYPE_CHECKING:
    from leadloop.effects.estimate import Arm
    from leadloop.settings import Settings

# Rows that come late still count for so many days; then the verdict stays as it is.
SETTLE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is measured together: a name, the actions, and the days that count."""

    name: str
    action_ids: tuple[str, ...]
    metric: str
    first: date
    last: date
    share: float

    @property
    def horizon_days(self) -> int:
        """How many days count."""
        return (self.last - self.first).days + 1


def measure_due(settings: Settings, day: str) -> dict[str, int]:
    """Write the effect of every experiment as far as a day knows; count the verdicts written."""
    known_until = date.fromisoformat(day)
    written: Counter[str] = Counter()
    for experiment in list_experiments(settings):
        row = opstore.find(settings, effects, experiment.name)
        is_pending = row is None or row["reason"].startswith(PENDING)
        if not is_pending and experiment.last + timedelta(days=SETTLE_DAYS) < known_until:
            continue
        verdict, counts = _judge(settings, experiment, known_until)
        if row is not None and _is_same(row, verdict, counts):
            continue
        _write(settings, experiment, verdict, counts)
        written[verdict.word] += 1
    return dict(written)


def list_experiments(settings: Settings) -> list[Experiment]:
    """Return what was sent or held out, grouped by experiment, in the order of names."""
    query = sa.select(actions).where(actions.c.state.in_(("sent", "holdout")))
    grouped: dict[str, list[tuple[dict[str, Any], Payload]]] = defaultdict(list)
    for row in opstore.read(settings, query.order_by(actions.c.action_id)):
        try:
            payload = read_payload(row["type"], row["payload"])
        except PayloadError:
            continue
        grouped[payload.experiment or row["action_id"]].append((row, payload))
    return [_make_experiment(name, members) for name, members in sorted(grouped.items())]


def _make_experiment(name: str, members: list[tuple[dict[str, Any], Payload]]) -> Experiment:
    row, payload = members[0]
    metric = payload.metric if isinstance(payload, RetentionPackage) else find_type(row["type"])
    return Experiment(
        name=name,
        action_ids=tuple(row["action_id"] for row, _ in members),
        metric=metric if isinstance(metric, str) else metric.metric,
        first=min(first_outcome_day(payload) for _, payload in members),
        last=max(last_outcome_day(row["type"], payload) for row, payload in members),
        share=payload.holdout,
    )


def _judge(
    settings: Settings, experiment: Experiment, known_until: date
) -> tuple[Verdict, tuple[int, int]]:
    query = sa.select(assignments).where(assignments.c.experiment == experiment.name)
    arms = {row["unit_id"]: row["arm"] for row in opstore.read(settings, query)}
    held = sum(arm == "holdout" for arm in arms.values())
    counts = (len(arms) - held, held)
    if not held:
        return Verdict("cannot be measured", NO_HOLDOUT), counts
    if experiment.last > known_until:
        until = f"the window ends on {experiment.last}. {describe_power(*counts)}"
        return Verdict("cannot be measured", PENDING + until), counts
    outcome = OUTCOMES[experiment.metric]
    days = (experiment.first, experiment.last)
    sums: dict[str, Arm] | None = read_arms(settings, outcome, arms, days)
    if sums is None:
        reason = f"{outcome.mart} is not published."
        return Verdict("cannot be measured", reason), counts
    question = Question(outcome.kind, outcome.is_higher_better, experiment.share)
    return judge(question, sums["treat"], sums["holdout"]), counts


def _is_same(row: dict[str, Any], verdict: Verdict, counts: tuple[int, int]) -> bool:
    value = verdict.estimate.value if verdict.estimate else None
    seen = (row["verdict"], row["reason"], row["value"], row["n_treat"], row["n_holdout"])
    return seen == (verdict.word, verdict.reason, value, *counts)


def _write(
    settings: Settings, experiment: Experiment, verdict: Verdict, counts: tuple[int, int]
) -> None:
    estimate = verdict.estimate
    row = {
        "effect_id": experiment.name,
        "action_id": experiment.action_ids[0] if len(experiment.action_ids) == 1 else None,
        "experiment": experiment.name,
        "metric": experiment.metric,
        "horizon_days": experiment.horizon_days,
        "n_treat": counts[0],
        "n_holdout": counts[1],
        "value": estimate.value if estimate else None,
        "low": estimate.low if estimate else None,
        "high": estimate.high if estimate else None,
        "verdict": verdict.word,
        "reason": verdict.reason,
        "measured_at": opstore.now(),
    }
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, effects, [row])
