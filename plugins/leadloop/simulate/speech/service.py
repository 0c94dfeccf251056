"""A customer calls in with a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadloop.simulate.speech.exchanges import say_settled, say_unsettled

if TYPE_CHECKING:
    from leadloop.simulate.speech.plan import TalkPlan
    from leadloop.simulate.speech.wording import Draft

PROBLEMS = ("printer", "login", "scanner", "report", "payment", "slow")
COMPLAINT_RATE = 0.6


def write_service(draft: Draft, plan: TalkPlan, wanted: int) -> None:
    """Fill a draft with a service talk of about `wanted` turns."""
    draw = draft.draw
    topic = PROBLEMS[int(draw() * len(PROBLEMS))]
    draft.say("service_hello")
    draft.say(f"problem_{topic}")
    is_solved = plan.end == "solved"
    _examine(draft, topic, wanted - 6 - 3 * len(plan.concerns) - 2 * (plan.rival is not None))
    draft.say(f"solve_{topic}")
    _voice_more(draft, plan)
    if plan.asks_stop:
        draft.say("stop")
        draft.say("stop_bye")
    elif is_solved:
        draft.say("solved")
        draft.say("service_bye")
    else:
        draft.say("still_broken")
        draft.say("escalate")
        draft.say("complaint" if draw() < COMPLAINT_RATE or plan.arc == "drop" else "wait_for_it")
        draft.say("service_sorry")


def _examine(draft: Draft, topic: str, room: int) -> None:
    # Ask, try, wait: as long as the talk lasts.
    if room >= 2:
        draft.say("service_identify")
        draft.say("service_account")
        room -= 2
    if room >= 2:
        draft.say(f"diagnose_{topic}")
        draft.say(f"info_{topic}")
        room -= 2
    # Every step is tried once; a longer talk is longer waiting.
    for _ in range(min(room // 2, 8)):
        draft.say("service_step")
        draft.say("service_tried")


def _voice_more(draft: Draft, plan: TalkPlan) -> None:
    for concern, is_settled in zip(plan.concerns, plan.answered, strict=True):
        (say_settled if is_settled else say_unsettled)(draft, plan, None, concern)
    if plan.rival is not None and "competitor" not in plan.concerns:
        draft.say("rival")
        draft.say("answer_rival")
    for part in plan.script:
        draft.say(part)
        draft.say("pain_answer" if part == "pain" else "react_flat")
    for signal in plan.signals:
        draft.say(f"signal_{signal}")
        draft.say(f"reply_{signal}")
    if plan.forbidden:
        draft.say("forbidden")
        draft.say("react_flat")
