"""Exchanges of a sales or care talk: a few turns about one thing, by kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leadloop.simulate.speech.mood import Mood

if TYPE_CHECKING:
    from leadloop.simulate.speech.plan import TalkPlan
    from leadloop.simulate.speech.wording import Draft

# An answer that does not settle a concern is mostly beside the point.
DEFLECT_RATE = 0.6
PUSH_BACK_RATE = 0.3
# One grievance in three topics is enough even for the angry.
GRIEVANCE_RATE = 0.35
DOUBT_RATE, CHECK_RATE = 0.3, 0.4
# Of what an account manager asks about, something is amiss in two of five.
TROUBLE_RATE = 0.4
Exchange = Callable[["Draft", "TalkPlan", "Mood", str], None]


def _say_need(draft: Draft, _plan: TalkPlan, _mood: Mood, topic: str) -> None:
    draft.say(f"ask_{topic}")
    draft.say(f"tell_{topic}")
    if draft.draw() < 0.35:
        draft.say("agent_ack")
        draft.say("chat")


def _say_feature(draft: Draft, plan: TalkPlan, mood: Mood, topic: str) -> None:
    if plan.kind == "care" and not draft.has_said("care_news"):
        draft.say("care_news")
        draft.say("customer_ack")
    draft.say(f"feature_{topic}")
    mood.react(draft)
    # Short turns on both sides make up a third of real talk.
    if draft.lines[-1].act.name in ("customer_ack", "react_flat") and draft.draw() < DOUBT_RATE:
        _say_doubt(draft, plan, mood, "")
    elif draft.draw() < CHECK_RATE:
        _say_check(draft, plan, mood, "")


def _say_question(draft: Draft, plan: TalkPlan, mood: Mood, topic: str) -> None:
    draft.say(f"question_{topic}")
    _say_feature(draft, plan, mood, topic)


def _say_price(draft: Draft, _plan: TalkPlan, mood: Mood, _detail: str) -> None:
    if not draft.has_said("answer_cost"):
        _tell_price(draft)
        mood.react(draft)


def _tell_price(draft: Draft) -> None:
    draft.say("question_price")
    draft.say("answer_cost")


def _say_chat(draft: Draft, _plan: TalkPlan, _mood: Mood, _detail: str) -> None:
    draft.say("chat")
    draft.say("agent_ack")


def _say_benefit(draft: Draft, _plan: TalkPlan, mood: Mood, _detail: str) -> None:
    draft.say("benefit")
    mood.react(draft)


def _say_check(draft: Draft, _plan: TalkPlan, _mood: Mood, _detail: str) -> None:
    draft.say("agent_check")
    draft.say("customer_ack")


def _say_doubt(draft: Draft, _plan: TalkPlan, mood: Mood, _detail: str) -> None:
    draft.say("doubt")
    draft.say("agent_yes")
    draft.say("customer_ack")


def _say_care(draft: Draft, _plan: TalkPlan, mood: Mood, topic: str) -> None:
    draft.say(f"care_ask_{topic}")
    if mood.name(draft) == "bad" and draft.draw() < GRIEVANCE_RATE:
        draft.say("care_bad")
        draft.say("care_sorry")
        return
    if draft.draw() < TROUBLE_RATE:
        draft.say(f"care_trouble_{topic}")
        draft.say(f"care_help_{topic}")
        return
    draft.say(f"care_tell_{topic}")
    if draft.draw() < 0.5:
        draft.say("care_tip")
        mood.react(draft)


def _say_script(draft: Draft, _plan: TalkPlan, mood: Mood, part: str) -> None:
    draft.say(part)
    if part == "pain":
        draft.say("pain_answer")
    else:
        mood.react(draft)


def _say_forbidden(draft: Draft, _plan: TalkPlan, mood: Mood, _detail: str) -> None:
    draft.say("forbidden")
    mood.react(draft)


def _say_rival(draft: Draft, _plan: TalkPlan, mood: Mood, _detail: str) -> None:
    draft.say("rival")
    draft.say("answer_rival")
    mood.react(draft)


def _say_signal(draft: Draft, _plan: TalkPlan, _mood: Mood, signal: str) -> None:
    draft.say(f"signal_{signal}")
    draft.say(f"reply_{signal}")


def _say_robot(draft: Draft, _plan: TalkPlan, _mood: Mood, _detail: str) -> None:
    draft.say("robot")
    draft.say("robot_answer")


def _say_abuse(draft: Draft, _plan: TalkPlan, _mood: Mood, _detail: str) -> None:
    draft.say("abuse")
    draft.say("abuse_answer")


def say_settled(draft: Draft, plan: TalkPlan, _mood: Mood | None, concern: str) -> None:
    """Say a concern, an answer that fits it, and that it is settled."""
    answer = _open_objection(draft, plan, concern)
    draft.say(answer)
    if draft.draw() < PUSH_BACK_RATE:
        draft.say("press")
        draft.say(answer)
    draft.say("settled")
    draft.in_objection = False


def say_unsettled(draft: Draft, plan: TalkPlan, _mood: Mood | None, concern: str) -> None:
    """Say a concern, an answer and that it does not help."""
    answer = _open_objection(draft, plan, concern)
    draft.say("deflect" if draft.draw() < DEFLECT_RATE else answer)
    if draft.draw() < PUSH_BACK_RATE:
        draft.say("press")
        draft.say("deflect" if draft.draw() < DEFLECT_RATE else answer)
    draft.say(f"unsettled_{concern}")
    draft.in_objection = False


def _open_objection(draft: Draft, plan: TalkPlan, concern: str) -> str:
    # Returns the act that answers it.
    if concern == "price" and plan.kind == "sales" and not draft.has_said("answer_cost"):
        # Nobody finds dear what has no price yet.
        _tell_price(draft)
    draft.in_objection = True
    if concern == "competitor" and plan.rival is not None:
        draft.say("concern_rival")
        return "answer_rival"
    draft.say(f"concern_{concern}")
    return f"answer_{concern}"


EXCHANGES: dict[str, Exchange] = {
    "need": _say_need,
    "feature": _say_feature,
    "question": _say_question,
    "price": _say_price,
    "chat": _say_chat,
    "benefit": _say_benefit,
    "check": _say_check,
    "doubt": _say_doubt,
    "care": _say_care,
    "script": _say_script,
    "forbidden": _say_forbidden,
    "rival": _say_rival,
    "signal": _say_signal,
    "robot": _say_robot,
    "abuse": _say_abuse,
    "settled": say_settled,
    "unsettled": say_unsettled,
}
# Turns that an exchange takes at least.
TURNS = {
    "feature": 2,
    "price": 3,
    "script": 2,
    "forbidden": 2,
    "rival": 3,
    "signal": 2,
    "robot": 2,
    "abuse": 2,
    "settled": 3,
    "unsettled": 3,
}
