"""The rule: a customer whose two-way calls fell by half, or who named a rival twice.

Two forms side by side: `naive` takes the words as they are, `guarded` asks for a base and for an
exact test, since at a base of four calls half of them are gone by chance every fourth month.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadloop.scoring.plan import RulePlan

CALLS_DROPPED, RIVALS_NAMED = "calls_dropped", "rivals_named"
RIVALS_UNKNOWN = "rivals_not_available"


@dataclass(frozen=True, slots=True)
class Activity:
    """Counts of one customer; `rivals` is None where nothing is known of what was said."""

    talks: int
    before: int
    rivals: int | None


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rule says of one customer, in both forms, and how unlikely chance alone is."""

    is_flagged: bool
    is_flagged_naively: bool
    reasons: tuple[str, ...]
    chance: float


def judge(activity: Activity, plan: RulePlan) -> Judgement:
    """Return what the rule says.

    >>> from leadloop.scoring.plan import RulePlan
    >>> judge(Activity(talks=2, before=4, rivals=0), RulePlan()).is_flagged
    False
    >>> judge(Activity(talks=1, before=9, rivals=0), RulePlan()).reasons
    ('calls_dropped',)
    """
    talks, before = activity.talks, activity.before
    has_fallen = before > 0 and talks <= (1 - plan.drop) * before
    chance = fall_by_chance(talks, before)
    is_sure = has_fallen and before >= plan.minimum_base and chance <= 1 - plan.confidence
    names_rivals = activity.rivals is not None and activity.rivals >= plan.rival_mentions
    reasons = [CALLS_DROPPED] if is_sure else []
    if names_rivals:
        reasons.append(RIVALS_NAMED)
    if activity.rivals is None:
        reasons.append(RIVALS_UNKNOWN)
    return Judgement(
        is_flagged=is_sure or names_rivals,
        is_flagged_naively=has_fallen or names_rivals,
        reasons=tuple(reasons),
        chance=chance,
    )


def fall_by_chance(talks: int, before: int) -> float:
    """Return how likely so few calls are if the rate of calls has not changed.

    Two Poisson counts over equally long windows: given their sum, the later one is binomial
    with one half, exactly.

    >>> round(fall_by_chance(0, 4), 4)  # one half to the fourth
    0.0625
    >>> round(fall_by_chance(1, 9), 4)  # (1 + 10) / 1024
    0.0107
    >>> fall_by_chance(0, 0)
    1.0
    """
    total = talks + before
    ways = sum(math.comb(total, count) for count in range(talks + 1))
    return ways / (1 << total)
