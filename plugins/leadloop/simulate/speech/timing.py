"""When each turn of a talk begins and ends."""

from __future__ import annotations

from collections.abc import Callable
from math import log
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.simulate.speech.plan import TalkPlan
    from leadloop.simulate.speech.wording import Line

CHARACTERS_PER_SECOND = 4.8
# Breath before the first character, and the shortest pause between two speakers.
BREATH_SECONDS = 0.35
PAUSE_SECONDS = 0.15
MEAN_PAUSE_SECONDS = 0.6
# How often a customer begins before the agent ends.
OVERLAP_RATE = 0.08
# A share of speech that the words cannot carry would make people gabble or drawl.
SLOWEST, FASTEST = 2.2, 0.45
# Objections never take all of a talk, whatever their pace.
MOST_IN_OBJECTIONS = 0.9

Span = tuple[float, float]


def time_lines(
    lines: Sequence[Line], plan: TalkPlan, draw: Callable[[], float]
) -> list[tuple[int, int]]:
    """Return (begin, end) of each line in milliseconds; the last one ends with the talk."""
    spans = _lay_out(lines, plan, draw)
    objections = _objections(lines, spans)
    warp = _warp(objections, spans[-1][1], plan.objection_pace)
    length = plan.seconds * 1000
    scale = length / warp(spans[-1][1])
    times = [(round(warp(begin) * scale), round(warp(end) * scale)) for begin, end in spans]
    times[-1] = (min(times[-1][0], length - 1), length)
    return times


def _lay_out(lines: Sequence[Line], plan: TalkPlan, draw: Callable[[], float]) -> list[Span]:
    # Times in seconds at a usual speed, before they are stretched to the length of the talk.
    speech = [BREATH_SECONDS + len(line.said) / CHARACTERS_PER_SECOND for line in lines]
    pace = _share_speech(lines, speech, plan.talk_share)
    spans: list[Span] = []
    end = 0.0
    previous = ""
    last = len(lines) - 1
    for place, line in enumerate(lines):
        speaker = line.act.speaker
        span = speech[place] * pace[speaker]
        if previous == "agent" and speaker == "customer" and place < last and draw() < OVERLAP_RATE:
            begin = end - min((spans[-1][1] - spans[-1][0]) * (0.1 + 0.3 * draw()), 1.5)
        else:
            begin = end + PAUSE_SECONDS - MEAN_PAUSE_SECONDS * log(1.0 - draw())
        spans.append((begin, begin + span))
        # A short 嗯 may end while the other still speaks.
        end = max(end, begin + span)
        previous = speaker
    return spans


def _share_speech(lines: Sequence[Line], speech: Sequence[float], share: float) -> dict[str, float]:
    agent = sum(
        span for line, span in zip(lines, speech, strict=True) if line.act.speaker == "agent"
    )
    customer = sum(speech) - agent
    if not agent or not customer:
        return {"agent": 1.0, "customer": 1.0}
    both = agent + customer
    return {
        "agent": min(max(share * both / agent, FASTEST), SLOWEST),
        "customer": min(max((1.0 - share) * both / customer, FASTEST), SLOWEST),
    }


def _objections(lines: Sequence[Line], spans: Sequence[Span]) -> list[Span]:
    found: list[Span] = []
    for line, (begin, end) in zip(lines, spans, strict=True):
        if not line.in_objection:
            continue
        if line.act.name.startswith("concern_"):
            found.append((begin, end))
        else:
            found[-1] = (found[-1][0], max(found[-1][1], end))
    return found


def _warp(objections: Sequence[Span], total: float, pace: float) -> Callable[[float], float]:
    inside = sum(end - begin for begin, end in objections)
    if pace == 1.0 or not objections:
        return lambda moment: moment
    stretch = min(pace, MOST_IN_OBJECTIONS * total / inside)
    # The talk keeps its length: what objections take more, the rest of it loses.
    rest = (total - stretch * inside) / (total - inside)

    def warp(moment: float) -> float:
        within = sum(min(moment, end) - begin for begin, end in objections if moment > begin)
        return rest * (moment - within) + stretch * within

    return warp
