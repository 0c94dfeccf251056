"""The verdict on an action: proven, no effect shown, harmful, or cannot be measured, with why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leadloop.effects.estimate import compare_means, compare_shares, ratio_chance, smallest_effect
from leadloop.intervals import MINIMUM_SAMPLE

if TYPE_CHECKING:
    from leadloop.effects.estimate import Arm, Estimate

Word = Literal["proven", "no effect shown", "harmful", "cannot be measured"]
# A fair draw looks this uneven once in a thousand experiments.
UNFAIR = 0.001
NO_HOLDOUT = "Nobody was held out, so nothing can be claimed."
PENDING = "Not yet: "


@dataclass(frozen=True, slots=True)
class Question:
    """What is measured, and which direction is good."""

    kind: Literal["share", "mean"]
    is_higher_better: bool
    share: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """The word, why, and the estimate where there is one."""

    word: Word
    reason: str
    estimate: Estimate | None = None


def judge(question: Question, drawn: tuple[int, int], arms: tuple[Arm, Arm]) -> Verdict:
    """Return the verdict on two arms (treated, held out) whose time is over.

    `drawn` is how many units each arm was drawn to have: the split is checked by it, for of some
    units (an agent who made no call) there is no outcome to compare.
    """
    treat, holdout = arms
    if drawn[1] == 0:
        return Verdict("cannot be measured", NO_HOLDOUT)
    if min(treat.n, holdout.n) < MINIMUM_SAMPLE:
        reason = f"Too few: {describe_power(treat.n, holdout.n)}"
        return Verdict("cannot be measured", reason)
    if ratio_chance(*drawn, question.share) < UNFAIR:
        reason = (
            f"{drawn[1]} of {sum(drawn)} were held out where {question.share:.0%} was "
            "meant: the draw or the count is broken, so the arms cannot be compared."
        )
        return Verdict("cannot be measured", reason)
    compare = compare_shares if question.kind == "share" else compare_means
    estimate = compare(treat, holdout)
    return Verdict(_find_word(question, estimate), _describe(question, treat, holdout), estimate)


def describe_power(n_treat: int, n_holdout: int) -> str:
    """Return what so many units can show.

    >>> describe_power(180, 20)
    '180 with the action and 20 without; a difference below 33 points would mostly stay unseen.'
    """
    counts = f"{n_treat} with the action and {n_holdout} without"
    if min(n_treat, n_holdout) == 0:
        return f"{counts}; one arm is empty."
    points = min(1.0, smallest_effect(n_treat, n_holdout)) * 100
    return f"{counts}; a difference below {points:.0f} points would mostly stay unseen."


def _find_word(question: Question, estimate: Estimate) -> Word:
    low, high = estimate.low, estimate.high
    if not question.is_higher_better:
        low, high = -high, -low
    if low > 0:
        return "proven"
    return "harmful" if high < 0 else "no effect shown"


def _describe(question: Question, treat: Arm, holdout: Arm) -> str:
    if question.kind == "share":
        return (
            f"{treat.mean:.1%} of {treat.n} with the action, "
            f"{holdout.mean:.1%} of {holdout.n} without."
        )
    return (
        f"{treat.mean:,.2f} on {treat.n} with the action, "
        f"{holdout.mean:,.2f} on {holdout.n} without."
    )
