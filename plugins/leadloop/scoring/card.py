"""The model card: what a training saw, how it was judged, what it must not be used for."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from leadloop.scoring.judgement import Estimate, Judgement
    from leadloop.scoring.plan import ChurnPlan
    from leadloop.scoring.registry import Entry, Model

USE = (
    "Order the customers whom somebody calls about how things are going. Not for prices, credit "
    "or refusing service; a customer who objects to profiling is left out by the action's gate."
)
LIMITS = (
    "A probability is of silence (no two-way call, no order), not of its reason. It was judged on "
    "one snapshot of this company and says nothing of another, nor of a season not yet seen. The "
    "windows in which earlier snapshots' customers left overlap the judged one in time: other "
    "customers, but days that they share."
)


def make_card(
    model: Model, entry: Entry, plan: ChurnPlan, seen: tuple[Judgement, Sequence[date], str]
) -> dict[str, Any]:
    """Return the card as data; `seen` is the judgement, the snapshots, and who the rival was."""
    judgement, snapshots, rival = seen
    return {
        "model": "churn",
        "version": model.version,
        "kind": "logistic regression on standardised terms",
        "trained_on": entry.trained_on,
        "is_champion": entry.is_champion,
        "reason": entry.reason,
        "label": (
            f"no two-way call and no order in {plan.model.label_days} days, "
            f"counted from {plan.model.gap_days} days after the snapshot"
        ),
        "snapshots": [day.isoformat() for day in snapshots],
        "judged_on": snapshots[-1].isoformat(),
        "judged_against": rival,
        "judgement": asdict(judgement),
        "weights": dict(zip(model.terms, model.weights, strict=True)),
        "intercept": model.intercept,
        "use": USE,
        "limits": LIMITS,
    }


def render_card(card: dict[str, Any], judgement: Judgement) -> str:
    """Return the card as Markdown."""
    weights = sorted(card["weights"].items(), key=lambda item: -abs(item[1]))
    lines = [
        f"# Churn model {card['version']}",
        "",
        f"- Leaving means: {card['label']}.",
        f"- Learned from snapshots {card['snapshots'][0]} to {card['snapshots'][-1]}, every one of "
        "them matured.",
        f"- Judged on {judgement.customers} customers of {card['judged_on']}, of whom "
        f"{judgement.churned} left, by models fitted on earlier snapshots of other customers.",
        f"- {'Champion' if card['is_champion'] else 'Not in use'}: {card['reason']}",
        "",
        "| figure | value | 95 % interval |",
        "|---|---|---|",
        _row("AUC (0.5 is chance)", judgement.auc),
        _row("Brier score", judgement.brier),
        f"| Brier score of {card['judged_against']} | {judgement.brier_naive:.4f} | |",
        _row("Gain over it", judgement.gain),
        _row("Mean error of the probabilities", judgement.miscalibration),
        "",
        "| customers | said | came |",
        "|---|---|---|",
        *(f"| {b.count} | {b.predicted:.1%} | {b.observed:.1%} |" for b in judgement.bins),
        "",
        "| term | weight (per standard deviation) |",
        "|---|---|",
        *(f"| {name} | {weight:+.3f} |" for name, weight in weights),
        "",
        f"**Use.** {card['use']}",
        "",
        f"**Limits.** {card['limits']}",
    ]
    return "\n".join(lines) + "\n"


def _row(name: str, estimate: Estimate) -> str:
    return f"| {name} | {estimate.value:.4f} | {estimate.low:.4f} to {estimate.high:.4f} |"
