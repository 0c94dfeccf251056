"""Forbidden words, competitors, do-not-call requests: where they stand, whether they are denied.

One automaton a list looks through a whole batch at once. A negator shortly before a hit, in the
same clause, makes it a compliant mention ("不能保证收益") of severity 0. Whose side of the call
counts is said by the list and applied by the models, so that a text is scored once for all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leadloop.language.lexicons import expand
from leadloop.language.normalize import locate, normalize

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.language.lexicons import Lexicons, Negators, WordList

# Where a clause ends, a negator's reach ends too.
_CLAUSE: Final = re.compile(r"[，。！？；：、,.!?;:\s]")


@dataclass(frozen=True, slots=True)
class Hit:
    """One word found; the span counts characters of the original text."""

    kind: str
    label: str
    term: str
    severity: int
    is_negated: bool
    span_begin: int
    span_end: int
    list_version: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A phrase of the automaton; without a label it only keeps others from matching."""

    phrase: str
    label: str | None
    severity: int


class WordLists:
    """All lists of a company, ready to look through batches."""

    def __init__(self, lexicons: Lexicons) -> None:
        """Build one automaton a list, and that of the negators."""
        versions = lexicons.versions
        files = {"forbidden": "forbidden.yml", "competitor": "competitors.yml"}
        self._lists = [
            _List(item, versions[files.get(item.kind, "do_not_call.yml")])
            for item in lexicons.lists
        ]
        self._denial = _Denial(lexicons.negators)
        self.speakers = [(item.kind, role) for item in lexicons.lists for role in item.speakers]

    def find(self, originals: Sequence[str | None], texts: Sequence[str]) -> list[list[Hit]]:
        """Return the hits of each text, given with its original, in the order of their places."""
        joined, starts = "\n".join(texts), row_starts(texts)
        matches: dict[int, list[tuple[_List, _Entry, int, int]]] = {}
        for words in self._lists:
            for row, entry, begin, end in words.search(joined, starts):
                matches.setdefault(row, []).append((words, entry, begin, end))
        found: list[list[Hit]] = [[] for _ in texts]
        for row, items in matches.items():
            spans = [(begin, end) for *_, begin, end in items]
            places = locate(originals[row] or "", texts[row], spans)
            hits = [
                self._judge(texts[row], item, place)
                for item, place in zip(items, places, strict=True)
            ]
            found[row] = sorted(hits, key=lambda hit: (hit.span_begin, hit.kind))
        return found

    def _judge(
        self, text: str, match: tuple[_List, _Entry, int, int], place: tuple[int, int]
    ) -> Hit:
        words, entry, begin, _end = match
        denied = words.heeds_negation and self._denial.covers(text, begin)
        return Hit(
            kind=words.kind,
            label=entry.label or "",
            term=entry.phrase,
            severity=0 if denied else entry.severity,
            is_negated=denied,
            span_begin=place[0],
            span_end=place[1],
            list_version=words.version,
        )


class _List:
    """One word list as an automaton."""

    def __init__(self, words: WordList, version: str) -> None:
        self.kind, self.version = words.kind, version
        self.heeds_negation = words.heeds_negation
        entries: dict[str, _Entry] = {}
        for group in words.groups:
            for phrase in (p for item in group.harmless for p in expand(item)):
                entries.setdefault(normalize(phrase), _Entry(phrase, None, 0))
        for group in words.groups:
            phrases = [*group.terms, *(p for item in group.patterns for p in expand(item))]
            for phrase in map(normalize, phrases):
                entries.setdefault(phrase, _Entry(phrase, group.id, group.severity))
        self._entries = list(entries.values())
        self._automaton = build_automaton([entry.phrase for entry in self._entries])

    def search(self, joined: str, starts: Any) -> list[tuple[int, _Entry, int, int]]:
        """Return (row, entry, begin, end) of each labelled match, places within the row."""
        import numpy as np

        matches = self._automaton.find_matches_as_indexes(joined)
        if not matches:
            return []
        rows = np.searchsorted(starts, [begin for _, begin, _ in matches], side="right") - 1
        return [
            (int(row), self._entries[number], begin - int(starts[row]), end - int(starts[row]))
            for row, (number, begin, end) in zip(rows, matches, strict=True)
            if self._entries[number].label is not None
        ]


class _Denial:
    """Tells whether what stands at a place is denied by what stands before it."""

    def __init__(self, negators: Negators) -> None:
        words = [*map(normalize, negators.negators)]
        self._harmless = {*map(normalize, negators.harmless)}
        self._reach = negators.reach
        longest = max(map(len, (*words, *self._harmless)))
        # A harmless phrase may begin before the reach and end within it.
        self._window = negators.reach + longest
        self._phrases = [*words, *(item for item in self._harmless if item not in words)]
        self._automaton = build_automaton(self._phrases)

    def covers(self, text: str, place: int) -> bool:
        """Return whether a negator ends within reach before the place, in the same clause."""
        window = _CLAUSE.split(text[max(0, place - self._window) : place])[-1]
        for number, _begin, end in self._automaton.find_matches_as_indexes(window):
            is_near = len(window) - end < self._reach
            if is_near and self._phrases[number] not in self._harmless:
                return True
        return False


def build_automaton(phrases: Sequence[str]) -> Any:
    """Return an automaton that finds the longest of the leftmost phrases."""
    from ahocorasick_rs import AhoCorasick, MatchKind

    return AhoCorasick(list(phrases), matchkind=MatchKind.LeftmostLongest)


def row_starts(texts: Sequence[str]) -> Any:
    """Return where each text begins in all texts joined by one character."""
    import numpy as np

    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    return np.concatenate([[0], np.cumsum(lengths + 1)])
