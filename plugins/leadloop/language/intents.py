"""The intents of config/intents.yml: who says them, and rules that vote for them.

A rule is a word, a way of saying, or a whole turn. Rules speak for a company from its first day;
they add to what the classifier has learned, never replace it. Coarse intents are the `parent`s.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from leadloop.language.lexicons import Pattern, Strict, Term, Title, expand
from leadloop.language.normalize import normalize
from leadloop.language.wordlists import build_automaton, row_starts
from leadloop.settings import read_model

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.settings import Settings

SIDES = ("agent", "customer", "other")


class Intent(Strict):
    """What a turn of a call is for."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    side: Literal["customer", "agent", "both"]
    parent: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: Title
    definition: str
    words: tuple[Term, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    exact: tuple[Term, ...] = ()
    examples: tuple[Term, ...] = Field(min_length=2)


class Taxonomy(Strict):
    """All intents of a company."""

    intents: tuple[Intent, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Taxonomy:
        ids = [intent.id for intent in self.intents]
        if twice := sorted({name for name in ids if ids.count(name) > 1}):
            message = f"defined twice: {', '.join(twice)}"
            raise ValueError(message)
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The intents in the order of the file, which is that of the classes of a model."""
        return tuple(intent.id for intent in self.intents)

    def allow(self, sides: Sequence[str]) -> Any:
        """Return for each side (agent, customer, other) which intents it can have."""
        import numpy as np

        known = {
            side: [side == "other" or intent.side in (side, "both") for intent in self.intents]
            for side in SIDES
        }
        return np.array([known[side] for side in sides], dtype=bool).reshape(-1, len(self.intents))


def load_taxonomy(settings: Settings) -> Taxonomy:
    """Return the company's intents, else the shipped ones."""
    return read_model(settings.config_file("intents.yml"), Taxonomy)


class IntentRules:
    """Votes of words, ways of saying and whole turns."""

    def __init__(self, taxonomy: Taxonomy, classes: Sequence[str]) -> None:
        """Take the rules of the intents that the classes name, in the order of the classes."""
        places = {name: place for place, name in enumerate(classes)}
        self._phrases: dict[str, int] = {}
        self._whole: dict[str, int] = {}
        for intent in taxonomy.intents:
            place = places[intent.id]
            for phrase in (*intent.words, *(p for item in intent.patterns for p in expand(item))):
                self._phrases.setdefault(normalize(phrase), place)
            for turn in intent.exact:
                self._whole.setdefault(normalize(turn), place)
        self._targets = list(self._phrases.values())
        self._automaton = build_automaton(list(self._phrases)) if self._phrases else None

    def vote(self, texts: Sequence[str]) -> list[tuple[int, int]]:
        """Return (row, class) of each vote; a class gets one vote a text at most."""
        import numpy as np

        votes = {(row, self._whole[text]) for row, text in enumerate(texts) if text in self._whole}
        matches: list[Any] = []
        if self._automaton is not None:
            matches = self._automaton.find_matches_as_indexes("\n".join(texts))
        if matches:
            begins = [begin for _, begin, _ in matches]
            rows = np.searchsorted(row_starts(texts), begins, side="right") - 1
            votes |= {
                (int(row), self._targets[number])
                for row, (number, _, _) in zip(rows, matches, strict=True)
            }
        return sorted(votes)
