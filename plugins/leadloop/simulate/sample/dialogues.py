"""Short sales dialogues from a small grammar, with times that fill the talk of the call."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.sample import phrases
from leadloop.simulate.sample.dials import CALLBACK, DNC, INTERESTED, OTHER, REFUSED, WON, WRONG

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDS = {
    WON: "won",
    INTERESTED: "interested",
    REFUSED: "refused",
    DNC: "dnc",
    CALLBACK: "callback",
    WRONG: "wrong",
    OTHER: "other",
}
SECONDS_PER_TURN = 7.0
MOST_TURNS = 40
SHORT_TALK = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Talk:
    """What is known of a call before its words are made."""

    status: int
    seconds: int
    phone: str
    is_customer: bool = False
    names_rival: bool = False
    is_forbidden: bool = False
    asks_stop: bool = False


def write_dialogue(talk: Talk, generator: np.random.Generator) -> list[dict[str, Any]]:
    """Return the turns of one call, as a recogniser would give them.

    A call that ends soon is a greeting and a refusal; a long one has pitches, questions and
    objections with answers. The last turn ends with the talk.
    """
    turns = (
        _speak_shortly(talk, generator) if talk.seconds < SHORT_TALK else _speak(talk, generator)
    )
    words = _slots(talk.phone, generator)
    spoken = [Turn(turn.role, turn.text.format_map(words)) for turn in turns]
    return _time(spoken, talk.seconds * 1000, generator)


def _speak_shortly(talk: Talk, generator: np.random.Generator) -> list[Turn]:
    answers = phrases.STOPS if _is_stop(talk) else phrases.GREETINGS
    return [
        Turn("agent", _pick(phrases.SHORT_OPENINGS, generator)),
        Turn("customer", _pick(answers, generator)),
    ]


def _speak(talk: Talk, generator: np.random.Generator) -> list[Turn]:
    end = _end(talk, generator)
    openings = phrases.CARE_OPENINGS if talk.is_customer else phrases.OPENINGS
    turns = [
        Turn("agent", _pick(openings, generator)),
        Turn("customer", _pick(phrases.GREETINGS, generator)),
    ]
    wanted = min(int(talk.seconds / SECONDS_PER_TURN), MOST_TURNS) - len(end)
    turns += (_care if talk.is_customer else _pitch)(talk, wanted - len(turns), generator)
    if talk.names_rival:
        turns.append(Turn("customer", _pick(phrases.RIVAL_LINES, generator)))
    if talk.is_forbidden:
        turns.append(Turn("agent", _pick(phrases.FORBIDDEN, generator)))
    return turns + end


def _is_stop(talk: Talk) -> bool:
    return talk.status == DNC or talk.asks_stop


def _end(talk: Talk, generator: np.random.Generator) -> list[Turn]:
    if talk.asks_stop:
        # Coded as something else by the agent: only the words tell.
        return [Turn("customer", _pick(phrases.STOPS, generator)), Turn("agent", "好的，再见。")]
    closings = phrases.CARE_CLOSINGS if talk.is_customer else phrases.CLOSINGS
    return [Turn(role, text) for role, text in closings[ENDS[talk.status]]]


def _pitch(talk: Talk, wanted: int, generator: np.random.Generator) -> list[Turn]:
    turns: list[Turn] = []
    pitches = _shuffle(phrases.PITCHES, generator)
    objections = _shuffle(tuple(phrases.OBJECTIONS), generator)
    while len(turns) < wanted:
        turns.append(Turn("agent", pitches[len(turns) % len(pitches)]))
        if objections and generator.random() < 0.45:
            kind = objections.pop()
            turns.append(Turn("customer", _pick(phrases.OBJECTIONS[kind], generator)))
            turns.append(Turn("agent", _pick(phrases.REBUTTALS[kind], generator)))
            turns.append(Turn("customer", _pick(phrases.NUDGES, generator)))
        elif talk.status in (WON, INTERESTED) or generator.random() < 0.4:
            turns.append(Turn("customer", _pick(phrases.INTERESTS, generator)))
        else:
            turns.append(Turn("customer", _pick(phrases.NUDGES, generator)))
    return turns


def _care(_talk: Talk, wanted: int, generator: np.random.Generator) -> list[Turn]:
    lines = _shuffle(phrases.CARE_LINES, generator)
    turns: list[Turn] = []
    while len(turns) < min(wanted, 2 * len(lines)):
        turns.append(Turn("agent", lines[len(turns) // 2]))
        turns.append(Turn("customer", _pick(phrases.CARE_ANSWERS, generator)))
    return turns


def _time(
    turns: list[Turn], length_ms: int, generator: np.random.Generator
) -> list[dict[str, Any]]:
    # A turn lasts as long as its characters take, and people pause before they answer.
    spans = np.array([len(turn.text) + 2.0 for turn in turns])
    pauses = generator.gamma(2.0, 1.2, len(turns))
    marks = np.cumsum(np.column_stack((pauses, spans)).ravel())
    edges = np.rint(marks / marks[-1] * length_ms).astype(int).reshape(-1, 2)
    confidence = np.round(generator.beta(18, 2, len(turns)), 3)
    return [
        {
            "role": turn.role,
            "begin_ms": int(begin),
            "end_ms": int(end),
            "text": turn.text,
            "confidence": float(sure),
        }
        for turn, (begin, end), sure in zip(turns, edges, confidence, strict=True)
    ]


def _slots(phone: str, generator: np.random.Generator) -> dict[str, str]:
    surname = _pick(phrases.SURNAMES, generator)
    return {
        "surname": surname,
        "name": f"小{surname}",
        "days": _pick(phrases.DAYS, generator),
        "price": _pick(phrases.PRICES, generator),
        "when": _pick(phrases.WHENS, generator),
        "phone": phone,
        "rival": _pick(phrases.RIVALS, generator),
    }


def _pick(choices: Sequence[str], generator: np.random.Generator) -> str:
    return choices[int(generator.integers(len(choices)))]


def _shuffle(choices: Sequence[str], generator: np.random.Generator) -> list[str]:
    return [choices[int(place)] for place in generator.permutation(len(choices))]
