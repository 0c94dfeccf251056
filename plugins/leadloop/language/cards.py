"""The model card: how the intent classifier does on sentences that it was not fitted to.

Every share comes with its 95 % Wilson interval and beside the naive guess (the most frequent
intent). The sentences are ours, so the card says how well the product knows its own examples;
docs/language.md has the figures on real calls of another trade beside it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leadloop.intervals import wilson_interval
from leadloop.language.classifier import Classifier
from leadloop.language.intents import IntentRules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.language.classifier import Model
    from leadloop.language.intents import Taxonomy


@dataclass(frozen=True, slots=True)
class Sentences:
    """Cleaned texts and the class of each, as a place in the taxonomy."""

    texts: list[str]
    classes: list[int]

    def sides(self, taxonomy: Taxonomy) -> list[str]:
        """Return who says each sentence; what both sides say is judged without knowing who."""
        sides = [taxonomy.intents[place].side for place in self.classes]
        return ["other" if side == "both" else side for side in sides]


def write_card(model: Model, taxonomy: Taxonomy, held_out: Sentences) -> dict[str, Any]:
    """Return the figures with and without the rules, and those of each intent."""
    allowed = taxonomy.allow(held_out.sides(taxonomy))
    votes = IntentRules(taxonomy, model.classes).vote(held_out.texts)
    most = max(Counter(held_out.classes).values(), default=0)
    card: dict[str, Any] = {
        "held_out": len(held_out.texts),
        "naive_accuracy": count_share(most, len(held_out.texts)),
    }
    for name, used in (("classifier", []), ("with_rules", votes)):
        best, scores = Classifier(model).predict(held_out.texts, used, allowed)
        right, sure = best == held_out.classes, scores >= model.threshold
        card[name] = {
            "accuracy": count_share(right.sum(), len(right)),
            "macro_f1": round(macro_f1(held_out.classes, best.tolist()), 4),
            "coverage": count_share(sure.sum(), len(sure)),
            "precision_when_sure": count_share((right & sure).sum(), sure.sum()),
        }
    hits = Counter(place for place, ok in zip(held_out.classes, right, strict=True) if ok)
    card["recall_by_intent"] = {
        model.classes[place]: count_share(hits[place], total)
        for place, total in sorted(Counter(held_out.classes).items())
    }
    return card


def count_share(part: int, whole: int) -> dict[str, Any]:
    """Return k, n, their share and its interval; a share of nothing is None."""
    k, n = int(part), int(whole)
    if not n:
        return {"k": k, "n": n, "value": None, "low": None, "high": None}
    low, high = (round(edge, 4) for edge in wilson_interval(k, n))
    return {"k": k, "n": n, "value": round(k / n, 4), "low": low, "high": high}


def macro_f1(truth: Sequence[int], found: Sequence[int]) -> float:
    """Return the mean F1 of the classes that occur in the truth.

    >>> macro_f1([0, 0, 1, 1], [0, 0, 1, 0])
    0.7333333333333334
    """
    hits = Counter(a for a, b in zip(truth, found, strict=True) if a == b)
    wanted, given = Counter(truth), Counter(found)
    return sum(2 * hits[place] / (wanted[place] + given[place]) for place in wanted) / len(wanted)


def show_card(model: Model, taxonomy: Taxonomy) -> str:
    """Return the card as Markdown."""
    card = model.card
    lines = [
        f"Fitted to {card['fitted']} sentences, judged on {card['held_out']} others, "
        f"{len(model.classes)} intents; threshold {model.threshold:.2f}, "
        f"temperature {model.temperature:.2f}.",
        "",
        "| held-out sentences | classifier | with rules |",
        "|---|---|---|",
    ]
    for name, title in (
        ("accuracy", "accuracy, no abstention"),
        ("macro_f1", "macro-F1, no abstention"),
        ("coverage", "share not abstained"),
        ("precision_when_sure", "precision where not abstained"),
    ):
        cells = [_cell(card[part][name]) for part in ("classifier", "with_rules")]
        lines.append(f"| {title} | {' | '.join(cells)} |")
    lines.append(f"| accuracy of the naive guess | {_cell(card['naive_accuracy'])} | |")
    lines += ["", "| intent | 中文 | side | recall, held out, with rules |", "|---|---|---|---|"]
    for intent in taxonomy.intents:
        share = card["recall_by_intent"].get(intent.id)
        cell = f"{share['k']} of {share['n']}" if share else "-"
        lines.append(f"| `{intent.id}` | {intent.title.zh} | {intent.side} | {cell} |")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if not isinstance(value, dict):
        return f"{value:.3f}"
    if value["value"] is None:
        return "-"
    return (
        f"{value['value']:.3f} ({value['low']:.3f}-{value['high']:.3f}), {value['k']}/{value['n']}"
    )
