"""How the customer takes what is said, over the course of a talk."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.simulate.speech.plan import TalkPlan
    from leadloop.simulate.speech.wording import Draft

# (share good, share bad) of reactions, by how the talk ends; the rest is neutral.
BY_END = {
    "won": (0.4, 0.02),
    "interested": (0.3, 0.04),
    "solved": (0.15, 0.1),
    "callback": (0.1, 0.05),
    "other": (0.1, 0.1),
    "refused": (0.04, 0.2),
    "unsolved": (0.02, 0.4),
    "dnc": (0.0, 0.4),
}
GOOD = (0.75, 0.0)
BAD = (0.0, 0.9)
DULL = (0.05, 0.1)
# Reactions of one or two characters are murmurs, whatever the mood, unless it is clearly bad.
MURMUR_CHARACTERS = 9.0


class Mood:
    """The feeling of a customer at each moment of a talk."""

    __slots__ = ("draw", "plan", "wanted")

    def __init__(self, plan: TalkPlan, draw: Callable[[], float], wanted: int) -> None:
        self.plan = plan
        self.draw = draw
        self.wanted = max(wanted, 1)

    def name(self, draft: Draft) -> str:
        """Return good, flat or bad for the next reaction."""
        good, bad = self._shares(len(draft.lines) / self.wanted)
        mark = self.draw()
        if mark < good:
            return "good"
        return "bad" if mark > 1.0 - bad else "flat"

    def react(self, draft: Draft) -> None:
        """Let the customer react to what was said last."""
        size = draft.size("customer")
        feeling = self.name(draft)
        if feeling == "flat" and size < MURMUR_CHARACTERS:
            draft.say("customer_ack", size)
        else:
            draft.say(f"react_{feeling}", size)

    def _shares(self, progress: float) -> tuple[float, float]:
        arc = self.plan.arc
        usual = BY_END.get(self.plan.end, DULL)
        if arc == "flat":
            return usual
        if arc == "warming":
            return GOOD if progress > 0.5 else DULL
        if arc == "drop":
            return BAD if progress > 0.62 else usual
        # recovering: bad in the middle, good at last
        if progress < 0.25:
            return DULL
        return BAD if progress < 0.6 else GOOD
