"""A talk of the made company: its turns as spoken, and as a recogniser hears them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadloop.simulate.speech.flow import write_lines
from leadloop.simulate.speech.hearing import hear, swaps_role
from leadloop.simulate.speech.timing import time_lines
from leadloop.simulate.speech.wording import Draft, Line, stream

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np

    from leadloop.simulate.speech.plan import TalkPlan

OTHER_SPEAKER = {"agent": "customer", "customer": "agent"}
# About what a talk of a minute needs; a longer one draws another block.
FLOATS_PER_BLOCK = 256


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said: what the recogniser gives of it, and the truth.

    `role`, `begin_ms`, `end_ms`, `text` and `confidence` (0-1) are the recogniser's. `speaker` is
    who really spoke, `said` the words before noise, `act` the dialogue act, `intent` an id of
    config/intents.yml or None, `polarity` -1, 0 or 1.
    """

    role: str
    begin_ms: int
    end_ms: int
    text: str
    confidence: float
    speaker: str
    said: str
    act: str
    intent: str | None
    polarity: int


def write_talk(plan: TalkPlan, generator: np.random.Generator) -> list[Turn]:
    """Return the turns of a talk in order of their begin; the last one ends with the talk.

    About one turn for every six seconds, at most about 60. The same generator state gives the
    same turns.
    """
    draw = stream(generator, FLOATS_PER_BLOCK)
    draft = Draft(plan, draw)
    write_lines(draft, plan)
    times = time_lines(draft.lines, plan, draw)
    return [
        _hear_line(line, span, plan.noise, draw)
        for line, span in zip(draft.lines, times, strict=True)
    ]


def objection_seconds(turns: Sequence[Turn]) -> list[float]:
    """Return how long each objection took, from the concern to its settlement, in seconds."""
    seconds: list[float] = []
    begin: int | None = None
    for turn in turns:
        if turn.act.startswith("concern_"):
            begin = turn.begin_ms
        elif begin is not None and turn.act.startswith(("settled", "unsettled_")):
            seconds.append((turn.end_ms - begin) / 1000)
            begin = None
    return seconds


def _hear_line(line: Line, span: tuple[int, int], noise: float, draw: Callable[[], float]) -> Turn:
    act = line.act
    text, wrong = (line.said, 0) if noise == 0.0 else hear(line.said, noise, draw)
    swapped = noise > 0.0 and swaps_role(noise, draw)
    confidence = 1.0 - 0.2 * draw() * draw() - 0.5 * wrong / (len(line.said) + 4)
    return Turn(
        OTHER_SPEAKER[act.speaker] if swapped else act.speaker,
        span[0],
        span[1],
        text,
        round(max(confidence, 0.3), 3),
        act.speaker,
        line.said,
        act.name,
        act.intent,
        act.polarity,
    )
