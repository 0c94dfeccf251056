"""Which dialogue acts a talk has, in order: a greeting, a middle that fills the time, an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadloop.simulate.speech.middle import LOST, fill
from leadloop.simulate.speech.plan import SHORT_TALK_SECONDS
from leadloop.simulate.speech.service import write_service

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.simulate.speech.plan import TalkPlan
    from leadloop.simulate.speech.wording import Draft

SECONDS_PER_TURN = 6.0
MOST_TURNS = 60
# Outbound calls to strangers in which somebody asks "are you a robot", or swears.
ROBOT_RATE = 0.02
ABUSE_RATE = 0.018
# Who did not catch the name asks for it, and is told.
WHO_RATE = 0.3
# A wrong person is not sold anything.
WRONG_TURNS = 6

ENDINGS = {
    "won": ("close_ask", "agree", "close_confirm", "happy_bye"),
    "interested": ("follow_ask", "follow_yes", "follow_bye"),
    "refused": ("refuse", "refuse_bye"),
    "dnc": ("stop", "stop_sorry"),
    "callback": ("callback", "callback_ok"),
    "wrong": ("wrong", "wrong_sorry"),
    "other": ("other", "other_bye"),
}
CARE_ENDINGS = {
    "won": ("care_close_ask", "care_agree", "close_confirm", "happy_bye"),
    "interested": ("care_follow_ask", "care_follow_yes", "care_follow_bye"),
    "refused": ("care_follow_ask", "care_refuse", "care_bye"),
    "other": ("care_other", "care_bye"),
}
# Exchanges in which something is offered, or was before.
OFFERS = ("script", "settled", "unsettled", "signal")
# The one thing a customer says when the talk is over at once.
SHORT_ANSWERS = {
    "refused": "refuse_short",
    "dnc": "stop",
    "callback": "callback",
    "wrong": "wrong",
}


def write_lines(draft: Draft, plan: TalkPlan) -> None:
    """Fill a draft with the lines of a plan."""
    if plan.seconds < SHORT_TALK_SECONDS:
        _write_short(draft, plan)
    elif plan.kind == "service":
        write_service(draft, plan, aimed_turns(plan))
    elif plan.end == "wrong" and not plan.asks_stop:
        _write_wrong(draft, plan)
    else:
        _write_offer(draft, plan)


def aimed_turns(plan: TalkPlan) -> int:
    """Return about how many turns a talk of this length has."""
    return max(2, min(round(plan.seconds / SECONDS_PER_TURN), MOST_TURNS))


def _write_short(draft: Draft, plan: TalkPlan) -> None:
    if plan.kind == "service":
        draft.say("service_hello", 0.0)
        draft.say("misdial", 0.0)
        return
    draft.say("opening_short", 0.0)
    if plan.asks_stop:
        draft.say("stop", 0.0)
    else:
        draft.say(SHORT_ANSWERS.get(plan.end, "greeting"), 0.0)


def _write_wrong(draft: Draft, plan: TalkPlan) -> None:
    draft.say("care_opening" if plan.kind == "care" else "opening")
    turns = min(aimed_turns(plan), WRONG_TURNS)
    if turns > 2:
        draft.say("answer_phone")
    if turns > 4:
        draft.say("wrong_check")
    draft.say("wrong")
    if turns > 5:
        draft.say("wrong_again")
        draft.say("wrong_more")
    draft.say("wrong_sorry")


def _write_offer(draft: Draft, plan: TalkPlan) -> None:
    # Sales and care calls alike: opening, planned exchanges among others, ending.
    ending = _ending(plan)
    draft.say("care_opening" if plan.kind == "care" else "opening")
    planned = _plan_exchanges(plan, draft.draw)
    if plan.end in ("won", "interested") and not any(kind in OFFERS for kind, _ in planned):
        # Nobody takes an offer that was not made.
        planned.append(("feature", "report"))
    if plan.end == "won" and plan.kind == "sales":
        # Nor pays what has no price.
        planned.insert(_first_signal(planned), ("price", ""))
    wanted = aimed_turns(plan) - len(ending)
    # A customer who speaks at once needs no greeting where time is short.
    if not planned or wanted > 2 * len(planned) or planned[0][0] in ("script", "feature"):
        _greet(draft, plan)
    fill(draft, plan, planned, wanted)
    for name in ending:
        draft.say(name)


def _greet(draft: Draft, plan: TalkPlan) -> None:
    if plan.kind == "care":
        draft.say("care_greeting")
    elif draft.draw() < WHO_RATE:
        draft.say("greeting_who")
        draft.say("introduce")
    else:
        draft.say("greeting")


def _first_signal(planned: list[tuple[str, str]]) -> int:
    kinds = [kind for kind, _ in planned]
    return kinds.index("signal") if "signal" in kinds else len(kinds)


def _ending(plan: TalkPlan) -> tuple[str, ...]:
    if plan.asks_stop:
        # Coded as something else by the agent: only the words tell.
        return ("stop", "stop_bye")
    if plan.kind == "care":
        return CARE_ENDINGS.get(plan.end) or ENDINGS[plan.end]
    return ENDINGS[plan.end]


def _plan_exchanges(plan: TalkPlan, draw: Callable[[], float]) -> list[tuple[str, str]]:
    """Return (kind of exchange, detail) in the order they come, script and concerns mingled."""
    script = [("script", part) for part in plan.script]
    concerns = [
        ("settled" if is_settled else "unsettled", concern)
        for concern, is_settled in zip(plan.concerns, plan.answered, strict=True)
    ]
    if plan.rival is not None and "competitor" not in plan.concerns:
        concerns.insert(int(draw() * (len(concerns) + 1)), ("rival", ""))
    mingled: list[tuple[str, str]] = []
    while script or concerns:
        left = len(script) / (len(script) + len(concerns))
        # The agent's script has a head start: an objection needs something to object to.
        source = script if (script and draw() < left * 1.2) or not concerns else concerns
        mingled.append(source.pop(0))
    if plan.end in LOST:
        lost = [step for step in mingled if step[0] == "unsettled"][-1:]
        mingled = [step for step in mingled if step not in lost] + lost
    if plan.forbidden:
        mingled.insert(int(draw() * (len(mingled) + 1)), ("forbidden", ""))
    mingled += [("signal", signal) for signal in plan.signals]
    if plan.kind == "sales":
        if draw() < ROBOT_RATE:
            mingled.insert(0, ("robot", ""))
        if plan.end in ("refused", "dnc", "other") and draw() < ABUSE_RATE:
            mingled.append(("abuse", ""))
    return mingled
