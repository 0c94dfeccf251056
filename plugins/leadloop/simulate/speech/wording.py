"""The words of a talk while it is made: phrasings, their slots, long turns of several clauses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.speech.pools import Act, load_acts, read_slots

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.simulate.speech.plan import TalkPlan

# Characters of a turn, lognormal (mu, sigma): spec figures of open Chinese service calls.
LENGTHS = {"customer": (2.34, 0.9), "agent": (2.74, 1.0)}
STEPS = 1024
MURMUR_SHARE = 0.2
LONGEST = 130
# So many characters in common make two clauses of a turn say the same.
RUN = 4
MURMURS = ("agent_ack", "customer_ack", "react_flat")


def _quantiles(mu: float, sigma: float) -> tuple[float, ...]:
    normal = NormalDist(mu, sigma)
    marks = [normal.inv_cdf((step + 0.5) / STEPS) for step in range(STEPS)]
    return tuple(float(size) for size in np.minimum(np.exp(marks), LONGEST))


# Inverse distributions as tables: one lookup a turn in place of a logarithm.
SIZES = {speaker: _quantiles(*shape) for speaker, shape in LENGTHS.items()}


@dataclass(slots=True)
class Line:
    """A turn before it has times and before the recogniser hears it."""

    act: Act
    said: str
    # Part of an objection: from the concern to its settlement.
    in_objection: bool = False


def stream(generator: np.random.Generator, size: int) -> Callable[[], float]:
    """Return a function that gives uniform floats, drawn from the generator in blocks."""

    def floats() -> Iterator[float]:
        while True:
            yield from generator.random(size).tolist()

    return floats().__next__


class Draft:
    """The lines of one talk, in order."""

    __slots__ = ("acts", "draw", "in_objection", "lines", "places", "slots", "used")

    def __init__(self, plan: TalkPlan, draw: Callable[[], float]) -> None:
        self.acts = load_acts(plan.pool, plan.segment, has_bought=plan.kind != "sales")
        self.draw = draw
        self.lines: list[Line] = []
        self.used: set[str] = set()
        # Which phrasing of each act was said last: the key to what answers it.
        self.places: dict[str, int] = {}
        self.in_objection = False
        self.slots = _fill_slots(plan, draw)

    def size(self, speaker: str) -> float:
        """Return how many characters the next turn of a speaker aims at."""
        return SIZES[speaker][int(self.draw() * STEPS)]

    def long_size(self, speaker: str) -> float:
        """Return the aim of a turn that says something: the shortest are murmurs."""
        return SIZES[speaker][int((MURMUR_SHARE + (1.0 - MURMUR_SHARE) * self.draw()) * STEPS)]

    def has_said(self, name: str) -> bool:
        """Return whether an act was said before in this talk."""
        return name in self.places

    def phrase(self, act: Act) -> str | None:
        """Return a phrasing of an act that was not yet used in this talk, or None."""
        place = self._choose(act)
        return None if place is None else self._fill(act.phrases[place])

    def _choose(self, act: Act) -> int | None:
        count = len(act.phrases)
        start = int(self.draw() * count)
        if act.after is not None:
            start = self.places.get(act.after, start)
        for step in range(count):
            place = (start + step) % count
            if act.phrases[place] not in self.used:
                self.used.add(act.phrases[place])
                return place
        return None

    def _fill(self, text: str) -> str:
        return text.format_map(self.slots) if "{" in text else text

    def say(self, name: str, size: float | None = None) -> None:
        """Add a turn; it grows by more clauses, where the act has some, up to about `size`."""
        act = self.acts[name]
        place = self._choose(act)
        # Where all were said, the first one is said once more.
        self.places[name] = place or 0
        text = self._fill(act.phrases[place or 0])
        if act.more is not None:
            aim = self.long_size(act.speaker) if size is None else size
            text = self._grow(act, text, 0.8 * aim)
        self.add(act, text)

    def _grow(self, act: Act, text: str, wanted: float) -> str:
        # Own phrasings go on about the matter; others are an aside, of which one is enough.
        most = act.most if act.more == act.name else 2
        for _ in range(most - 1):
            if len(text) >= wanted:
                break
            clause = self.phrase(self.acts[act.more or act.name])
            if clause is None and act.then is not None:
                clause = self.phrase(self.acts[act.then])
            if clause is None:
                break
            if not repeats(text, clause):
                text = join(text, clause)
        return text

    def add(self, act: Act, text: str) -> None:
        """Add a line; what the same speaker just murmured or remarked falls away."""
        last = self.lines[-1] if self.lines else None
        if (
            last is not None
            and last.act.speaker == act.speaker
            and last.act.name in MURMURS
            and not last.in_objection
        ):
            self.lines.pop()
        self.lines.append(Line(act, text, self.in_objection))


def repeats(text: str, clause: str) -> bool:
    """Return whether a clause has words of the turn once more.

    >>> repeats("一年九百八十块。", "您看一年九百八十，不贵。")
    True
    """
    return any(clause[place : place + RUN] in text for place in range(len(clause) - RUN + 1))


def join(first: str, second: str) -> str:
    """Return two clauses as one turn: an inner full stop of a short one is a comma in speech."""
    if first.endswith("。") and len(first) < 12:
        return f"{first[:-1]}，{second}"
    return first + second


def _fill_slots(plan: TalkPlan, draw: Callable[[], float]) -> dict[str, str]:
    words = {name: options[int(draw() * len(options))] for name, options in read_slots().items()}
    place = int(draw() * len(read_slots()["price"]))
    words["price"] = read_slots()["price"][place]
    words["daily"] = read_slots()["daily"][place]
    words["name"] = f"小{words['surname']}"
    words["phone"] = plan.phone
    words["rival"] = plan.rival or "别家"
    return words
