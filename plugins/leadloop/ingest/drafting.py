"""Proposes a map from a sample: which column is which, how it is read, how sure that is.

`vocabulary` knows names and codes, `evidence` what the values can be, `draft_details` how times,
durations, numbers and codes are written down; `draft_text` makes the YAML.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from leadloop.contract import TABLES
from leadloop.ingest import draft_details as details
from leadloop.ingest.draft_shapes import Choice, Draft, Known
from leadloop.ingest.evidence import CODES, Evidence, examine
from leadloop.ingest.values import FALSE, TRUE
from leadloop.ingest.vocabulary import plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.ingest.sampling import Sample
    from leadloop.ingest.vocabulary import Vocabulary
    from leadloop.privacy.phones import PhoneHasher

_FITS: Final = {
    "timestamp": {"time", "epoch_s", "epoch_ms", "day"},
    "date": {"day", "time"},
    "number": {"whole", "number"},
    "integer": {"whole"},
}
# Below this a name has too little in common with any that is known.
_SIMILAR: Final = 0.5
# What stands before many a name and says nothing.
_COMMON: Final = ("call", "通话", "呼叫", "外呼")


def draft_map(
    sample: Sample, words: Vocabulary, hasher: PhoneHasher, table: str | None = None
) -> Draft:
    """Return a proposed map of a sample for a table of the contract (default: what fits best)."""
    evidence = {name: examine(name, texts, hasher) for name, texts in sample.columns.items()}
    asked: list[str] = []
    if table is None:
        table, others = _find_table(evidence, words)
        if others:
            asked.append(
                f"Is this a file of {table}s? It could be {' or '.join(others)}: --table says so."
            )
    known = Known(evidence, words, TABLES[table])
    matched = _match(known)
    choices, questions = details.describe_all(known, matched)
    choices += _fill_required(known, choices)
    order = [column.name for column in known.table.columns]
    choices.sort(key=lambda choice: _place(order, choice.column))
    precision, lacking = _find_precision(known, choices)
    read = {name for choice in choices for name in details.list_inputs(choice.spec)}
    asked += [*questions, *lacking]
    asked += [question for choice in choices for question in choice.questions]
    zoned = [found for found in evidence.values() if found.name in read and "time" in found.kinds]
    local = any(not found.is_zoned for found in zoned) or any("join" in c.spec for c in choices)
    if local:
        asked.append("The times carry no zone: are they the company's local times (`timezone`)?")
    return Draft(
        table=known.table,
        sample=sample,
        precision=precision,
        timezone="company" if local else None,
        choices=tuple(choices),
        questions=tuple(asked),
        unread=tuple(name for name in evidence if name not in read),
    )


def _place(order: list[str], name: str) -> int:
    place = "phone_hash" if name == "phone" else name
    return order.index(place) if place in order else len(order)


def _find_table(evidence: dict[str, Evidence], words: Vocabulary) -> tuple[str, list[str]]:
    """Return the table whose columns are named most, and others that come close."""
    scores = {}
    for table in words.columns:
        known = Known(evidence, words, TABLES[table])
        found = _match(known)
        exact = sum(score for _, score in found.values())
        needed = [column.name for column in TABLES[table].columns if column.required]
        lacking = sum(1 for name in needed if name not in found and name not in _GIVEN)
        scores[table] = exact - 2 * lacking
    best = max(scores, key=lambda table: scores[table])
    near = [name for name in scores if name != best and scores[name] >= scores[best] - 0.5]
    return best, near


# Required columns that a draft can give without one of the file.
_GIVEN: Final = ("tells_won", "tells_human", "direction", "version", "phone_hash")


def _match(known: Known) -> dict[str, tuple[Evidence, float]]:
    """Return the file's column for each of the contract's, with the score of its name."""
    scored = sorted(_score_all(known), key=lambda item: -item[0])
    taken: set[str] = set()
    matched: dict[str, tuple[Evidence, float]] = {}
    for score, column, found in scored:
        if column not in matched and found.name not in taken:
            matched[column] = (found, score)
            taken.add(found.name)
    return matched


def _score_all(known: Known) -> Iterator[tuple[float, str, Evidence]]:
    names = [column.name for column in known.table.columns if not column.name.startswith("phone_")]
    if known.table.get("phone_hash"):
        names.append("phone")
    names.append("extracted_at")
    for name in names:
        words = known.words.list_names(known.table.name, name)
        scored = [
            (_compare(plain(found.name.rpartition(".")[2]), words), found)
            for found in known.evidence.values()
        ]
        alike = [(s, found) for s, found in scored if s >= _SIMILAR and fits(known, name, found)]
        first = None
        if name == known.table.event_column and len(alike) > 1:
            first = details.find_earliest([found for _, found in alike])
        for score, found in alike:
            # An event begins with the first of its times.
            bonus = 0.1 if found is first else _weigh_values(known, name, found)
            yield score + bonus, name, found


def _compare(name: str, words: tuple[str, ...]) -> float:
    """Return 1 for a known name, a little less further down its list; less for a similar one."""
    if name in words:
        return 1.0 - 0.01 * min(20, words.index(name))
    bare = next((name.removeprefix(word) for word in _COMMON if name.startswith(word)), name)
    if bare in words:
        return 0.9
    shared = [
        min(len(word), len(name)) / max(len(word), len(name))
        for word in words
        if len(min(word, name, key=len)) >= (4 if min(word, name, key=len).isascii() else 2)
        and (word in name or name in word)
    ]
    return 0.8 * max(shared, default=0.0)


def fits(known: Known, name: str, found: Evidence) -> bool:
    """Return whether the values of a column can be what the contract wants; empty ones can."""
    if not found.filled:
        return True
    if name == "phone":
        return "phone" in found.kinds
    column = known.table.get(name)
    if column is None:
        return False
    if column.kind in _FITS:
        allowed = set(_FITS[column.kind])
        if column.unit in ("s", "ms"):
            allowed |= {"stopwatch", "number"}
        return bool(found.kinds & allowed)
    if column.kind == "boolean":
        return all(text.lower() in TRUE | FALSE for text, _ in found.counts) and bool(found.counts)
    if found.kinds & {"time", "day"} and not found.kinds & {"whole"}:
        return False
    return not column.enum or 0 < len(found.counts) <= CODES


def _weigh_values(known: Known, name: str, found: Evidence) -> float:
    """Return what speaks for a column besides its name: known codes, keys that are keys."""
    column = known.table.get(name)
    if column is not None and column.enum and name in known.words.codes and found.filled:
        rows = sum(n for code, n in found.counts if known.words.find_code(name, code)[0])
        return 0.3 * rows / found.filled
    if name in known.table.key:
        return 0.2 if found.is_key else 0.0
    return 0.0


def _fill_required(known: Known, choices: list[Choice]) -> list[Choice]:
    """Return what else the contract needs, where the file names nothing like it."""
    given = {choice.column for choice in choices}
    read = {name for choice in choices for name in details.list_inputs(choice.spec)}
    keys = [name for name, found in known.evidence.items() if found.is_key and name not in read]
    found: list[Choice] = []
    for column in known.table.columns:
        done = column.name in given or column.name in ("tells_won", "tells_human")
        if not column.required or done or column.name.startswith("phone_"):
            continue
        if column.name == "version":
            found.append(Choice("version", {"constant": 1}, "sure", "one transcript a call"))
            continue
        if column.name == "direction":
            ask = "No column says who called: are all of these calls outbound? `direction`"
            why = "no column says it"
            found.append(Choice("direction", {"constant": "outbound"}, "guess", why, (ask,)))
            continue
        if column.name == f"{known.table.name}_id" and keys:
            ask = f"Is `{keys[0]}` the key of a row (`{column.name}`)? No value comes twice."
            why = "no value comes twice"
            found.append(Choice(column.name, {"from": keys[0]}, "guess", why, (ask,)))
            continue
        ask = (
            f"Which column is `{column.name}` ({column.description.rstrip('.')})? The contract "
            "needs it and no column is called like it."
        )
        found.append(Choice(column.name, {"from": "???"}, "guess", "not found", (ask,)))
    return found


def _find_precision(known: Known, choices: list[Choice]) -> tuple[str, list[str]]:
    event = known.table.event_column
    names = {choice.column for choice in choices}
    if event is None:
        return "none", []
    if event in names:
        return "second", []
    if "event_date" in names:
        return "day", []
    ask = f"No column says when it was (`{event}`): rows without a day stay out of what needs one."
    return "none", [ask]
