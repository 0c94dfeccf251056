"""The phrasings of every dialogue act, read once from the YAML files beside this module.

`data/acts.yml` says of each act who says it, its intent in config/intents.yml and its feeling;
`data/seen` and `data/held_out` hold its phrasings. Lexicons and models may learn from the first
pool and never from the second.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from leadloop.settings import read_yaml

DATA = Path(__file__).parent / "data"
# Companies and those who have bought already say some things otherwise: `act@company`, `act@care`.
CARE = "care"
# Clauses of one turn, where an act says nothing else.
MOST_CLAUSES = {"customer": 3, "agent": 5}


@dataclass(frozen=True, slots=True)
class Act:
    """One dialogue act: who says it, what it means, and its phrasings with {slots}."""

    name: str
    speaker: str
    intent: str | None
    polarity: int
    # The act whose phrasings make a longer turn of this one, or None where one sentence is all.
    more: str | None
    # What may follow when those are used up.
    then: str | None
    most: int
    # The act whose phrasings these answer, one by one.
    after: str | None
    phrases: tuple[str, ...]


@cache
def load_acts(pool: str, segment: str, *, has_bought: bool) -> dict[str, Act]:
    """Return the acts of a pool by name, as those of a segment say them to each other."""
    phrases = read_phrases(pool)
    acts = {}
    for name, meaning in read_meanings().items():
        own = phrases.get(f"{name}@{segment}") or phrases[name]
        if has_bought:
            own = phrases.get(f"{name}@{CARE}", own)
        more = meaning.get("more")
        acts[name] = Act(
            name=name,
            speaker=meaning["speaker"],
            intent=meaning.get("intent"),
            polarity=meaning.get("polarity", 0),
            more=name if more == "self" else more,
            then=meaning.get("then"),
            most=meaning.get("most", MOST_CLAUSES[meaning["speaker"]]),
            after=meaning.get("after"),
            phrases=own,
        )
    return acts


@cache
def read_phrases(pool: str) -> dict[str, tuple[str, ...]]:
    """Return the phrasings of a pool by act, variants (`act@company`) apart."""
    phrases: dict[str, tuple[str, ...]] = {}
    for path in sorted((DATA / pool).glob("*.yml")):
        for name, lines in _read(path).items():
            phrases[name] = phrases.get(name, ()) + tuple(lines)
    return phrases


@cache
def read_meanings() -> dict[str, dict[str, Any]]:
    """Return speaker, intent, polarity and continuation of every act, by name."""
    return _read(DATA / "acts.yml")


@cache
def read_slots() -> dict[str, tuple[str, ...]]:
    """Return what may stand in each {slot} of a phrasing."""
    return {name: tuple(map(str, words)) for name, words in _read(DATA / "slots.yml").items()}


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(path)
    return content
