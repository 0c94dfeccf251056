"""The middle of a sales or care talk: what is planned; needs, product and small talk between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadloop.simulate.speech.exchanges import EXCHANGES, TURNS
from leadloop.simulate.speech.mood import Mood

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.simulate.speech.plan import TalkPlan
    from leadloop.simulate.speech.wording import Draft

# Kind of exchange, and what it is about.
Step = tuple[str, str]
# The agent asks, the customer tells.
NEEDS = ("books", "staff", "goods", "payments", "regulars", "shops", "age", "purchase", "busy")
# What the product does; a customer may ask for it or the agent tells it unasked.
FEATURES = (
    "checkout",
    "stock",
    "report",
    "members",
    "phone",
    "rights",
    "printer",
    "offline",
    "credit",
    "suppliers",
    "setup",
    "takeaway",
)
# A chain asks otherwise than a corner shop, and nobody asks it about tabs and paper rolls.
COMPANY_NEEDS = ("books", "staff", "goods", "payments", "regulars", "shops", "age", "purchase")
COMPANY_FEATURES = ("stock", "report", "members", "rights", "setup", "suppliers", "takeaway")
# What a customer of long standing may still not use.
CARE_FEATURES = ("report", "stock", "members", "rights", "credit", "suppliers", "takeaway")
CARE_TOPICS = ("use", "report", "printer", "speed", "staff", "members", "trade", "goods")
# Ends of talks that come to nothing.
LOST = ("refused", "dnc", "other")
# What somebody asks for who has made up their mind: after all the rest.
LATE = ("signal", "abuse")
# A long talk goes on about this and that.
OVERFLOW = ("chat", "benefit", "check")


def fill(draft: Draft, plan: TalkPlan, planned: list[Step], wanted: int) -> None:
    """Say the planned exchanges in order, and others between them until `wanted` turns."""
    mood = Mood(plan, draft.draw, wanted)
    fillers = _fillers(plan, draft.draw)
    left = list(planned)
    while True:
        room = wanted - len(draft.lines) - sum(TURNS[kind] for kind, _ in left)
        if not left and (room < 2 or _has_asked(draft)):
            return
        # What is planned is spread over the talk: the rarer it is, the more goes between. What
        # nobody settled is the last word of a talk that comes to nothing.
        is_last_word = bool(left) and _waits(plan, left)
        # Who has begun to ask asks all of it.
        is_due = _has_asked(draft) or (
            not is_last_word and draft.draw() < _due(draft, wanted, left)
        )
        if left and (room < 2 or is_due or not (fillers or is_last_word)):
            kind, detail = left.pop(0)
        elif fillers:
            kind, detail = fillers.pop()
        else:
            kind, detail = OVERFLOW[int(draft.draw() * len(OVERFLOW))], ""
        EXCHANGES[kind](draft, plan, mood, detail)


def _waits(plan: TalkPlan, left: list[Step]) -> bool:
    kind = left[0][0]
    return kind in LATE or (plan.end in LOST and len(left) == 1 and kind == "unsettled")


def _has_asked(draft: Draft) -> bool:
    return draft.lines[-1].act.name.startswith("reply_")


def _due(draft: Draft, wanted: int, left: list[Step]) -> float:
    said = len(draft.lines)
    # The first minutes are for needs; then the chance rises with what is left to say.
    if said < min(6, wanted / 4):
        return 0.0
    return min(1.0, 2.6 * len(left) / max(wanted - said, 1))


def _fillers(plan: TalkPlan, draw: Callable[[], float]) -> list[Step]:
    """Return exchanges in reverse order: needs come first, then the product."""
    if plan.kind == "care":
        topics = _shuffle([("care", topic) for topic in CARE_TOPICS], draw)
        extra = [("feature", topic) for topic in CARE_FEATURES] + [("chat", "")] * 4
        return _shuffle(extra, draw) + topics
    is_company = plan.segment == "company"
    asked = COMPANY_NEEDS if is_company else NEEDS
    told = COMPANY_FEATURES if is_company else FEATURES
    needs = _shuffle([("need", topic) for topic in asked], draw)
    features = [("question" if draw() < 0.4 else "feature", topic) for topic in told]
    features.append(("price", ""))
    middle = _shuffle(features + [("chat", "")] * 4, draw)
    early = 2 + int(draw() * 3)
    late = needs[early:]
    return _shuffle(middle + late, draw) + needs[:early]


def _shuffle(items: list[Step], draw: Callable[[], float]) -> list[Step]:
    keyed = sorted((draw(), item) for item in items)
    return [item for _, item in keyed]
