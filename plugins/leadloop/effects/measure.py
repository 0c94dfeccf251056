"""Measures the actions whose time is over, and says beforehand what can be shown at all.

One row for each experiment (an action on its own is one): written when the action is sent, as
"cannot be measured: not yet", and replaced once the marts reach the end of its window. Of actions
that share an experiment those whose window is over are measured, so that small plans add up: each
unit over the window of the first action that took it up.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
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
from leadloop.effects.outcomes import OUTCOMES, Exposure, read_arms
from leadloop.effects.verdict import NO_HOLDOUT, PENDING, Question, Verdict, describe_power, judge
from leadloop.ledger import actions, assignments, effects, proofs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.settings import Settings

# Rows that come late still count for so many days; then the verdict stays as it is.
SETTLE_DAYS = 7


@dataclass(frozen=True, slots=True)
class Member:
    """One action of an experiment: the days that count for its units, and the share held out."""

    action_id: str
    first: date
    last: date
    share: float


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is measured together: a name, a metric, and the actions in the order of their days."""

    name: str
    metric: str
    members: tuple[Member, ...]

    @property
    def last(self) -> date:
        """The last day that counts for any of its units."""
        return max(member.last for member in self.members)

    @property
    def horizon_days(self) -> int:
        """How many days count for a unit, at most."""
        return max((member.last - member.first).days + 1 for member in self.members)


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


def _make_experiment(name: str, found: list[tuple[dict[str, Any], Payload]]) -> Experiment:
    row, payload = found[0]
    metric = payload.metric if isinstance(payload, RetentionPackage) else find_type(row["type"])
    members = [
        Member(
            action_id=row["action_id"],
            first=first_outcome_day(payload),
            last=last_outcome_day(row["type"], payload),
            share=payload.holdout,
        )
        for row, payload in found
    ]
    return Experiment(
        name=name,
        metric=metric if isinstance(metric, str) else metric.metric,
        members=tuple(sorted(members, key=lambda member: (member.first, member.action_id))),
    )


def list_exposures(settings: Settings, experiment: Experiment) -> list[Exposure]:
    """Return the drawn units of an experiment, each with the days of the action it was first in."""
    query = sa.select(assignments).where(assignments.c.experiment == experiment.name)
    arms = {row["unit_id"]: row["arm"] for row in opstore.read(settings, query)}
    members = {member.action_id: member for member in experiment.members}
    planned = sa.select(proofs.c.action_id, proofs.c.detail).where(
        proofs.c.action_id.in_(members), proofs.c.stage == "plan", proofs.c.verdict == "allow"
    )
    units: dict[str, set[str]] = defaultdict(set)
    for row in opstore.read(settings, planned):
        units[row["action_id"]].add(row["detail"]["unit_id"])
    exposures: dict[str, Exposure] = {}
    for member in experiment.members:
        for unit_id in sorted(units[member.action_id] & arms.keys()):
            found = Exposure(unit_id, arms[unit_id], member.first, member.last, member.share)
            exposures.setdefault(unit_id, found)
    return list(exposures.values())


def _judge(
    settings: Settings, experiment: Experiment, known_until: date
) -> tuple[Verdict, tuple[int, int]]:
    exposures = list_exposures(settings, experiment)
    counts = _count(exposures)
    if not counts[1]:
        return Verdict("cannot be measured", NO_HOLDOUT), counts
    ripe = [item for item in exposures if item.last <= known_until]
    if not ripe:
        ends = min(item.last for item in exposures)
        until = f"the window ends on {ends}. {describe_power(*counts)}"
        return Verdict("cannot be measured", PENDING + until), counts
    outcome = OUTCOMES[experiment.metric]
    sums = read_arms(settings, outcome, ripe)
    if sums is None:
        reason = f"{outcome.mart} is not published."
        return Verdict("cannot be measured", reason), counts
    share = sum(item.share for item in ripe) / len(ripe)
    question = Question(outcome.kind, outcome.is_higher_better, share)
    verdict = judge(question, _count(ripe), (sums["treat"], sums["holdout"]))
    over = sum(member.last <= known_until for member in experiment.members)
    if len(experiment.members) > 1:
        so_far = f" {over} of {len(experiment.members)} actions are over."
        verdict = replace(verdict, reason=verdict.reason + so_far)
    return verdict, _count(ripe)


def _count(exposures: Sequence[Exposure]) -> tuple[int, int]:
    """Return how many are treated and how many held out."""
    held = sum(item.arm == "holdout" for item in exposures)
    return len(exposures) - held, held


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
        "action_id": experiment.members[0].action_id if len(experiment.members) == 1 else None,
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
