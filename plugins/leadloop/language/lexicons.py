"""The files of config/lexicons: read, checked, ways of saying spelt out.

A pattern such as `(别|不要)再打(电话|)了` stands for its four phrases, so that one automaton finds
everything. What the files hold goes into `language_version`; `wordlists` looks for it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from leadloop.errors import UsageError
from leadloop.settings import read_model

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Settings

MOST_PHRASES = 20_000
FILES = ("forbidden.yml", "competitors.yml", "do_not_call.yml")
_GROUP = re.compile(r"\(([^()]*)\)")


def expand(pattern: str) -> list[str]:
    """Return the phrases a pattern stands for.

    >>> expand("(别|不要)再打(电话|)了")
    ['别再打电话了', '别再打了', '不要再打电话了', '不要再打了']
    """
    parts = _GROUP.split(pattern)
    if any(mark in part for part in parts[::2] for mark in "()|"):
        message = f"{pattern!r}: brackets must pair, and | stands inside them"
        raise ValueError(message)
    choices = [part.split("|") if number % 2 else [part] for number, part in enumerate(parts)]
    count = 1
    for choice in choices:
        count *= len(choice)
    if count > MOST_PHRASES:
        message = f"{pattern!r} stands for {count} phrases; at most {MOST_PHRASES}: split it"
        raise ValueError(message)
    phrases = ["".join(chosen) for chosen in product(*choices)]
    if not all(phrases):
        message = f"{pattern!r} also stands for nothing at all; leave one part without |)"
        raise ValueError(message)
    return phrases


def _check_pattern(pattern: str) -> str:
    expand(pattern)
    return pattern


Pattern = Annotated[str, AfterValidator(_check_pattern)]
Term = Annotated[str, Field(min_length=1)]


class Strict(BaseModel):
    """A part of a configuration file in which an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Strict):
    """A name in both languages."""

    zh: str
    en: str


class Group(Strict):
    """Words of one class: what they are, how bad, and by which law."""

    id: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: Title
    severity: int = Field(ge=1, le=3)
    source: str | None = None
    terms: tuple[Term, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    # Longer phrases in which a term is harmless (第一时间 holds no claim).
    harmless: tuple[Pattern, ...] = Field(default=(), alias="except")


class WordList(Strict):
    """One list: what is looked for, on whose side of the call."""

    kind: Literal["forbidden", "competitor", "do_not_call"]
    title: Title
    speakers: tuple[Literal["agent", "customer", "ivr", "bot", "unknown"], ...]
    heeds_negation: bool = True
    groups: tuple[Group, ...]


class Negators(Strict):
    """Words that deny, how far they reach, and phrases in which they do not."""

    reach: int = Field(ge=1, le=10)
    negators: tuple[Term, ...]
    harmless: tuple[Term, ...] = ()


class Feelings(Strict):
    """Words of sentiment by value, and words that strengthen or weaken."""

    values: dict[Literal[-2, -1, 1, 2], tuple[Term, ...]]
    degrees: dict[str, float]


@dataclass(frozen=True, slots=True)
class Lexicons:
    """Everything of config/lexicons, with the digest of what was read."""

    lists: tuple[WordList, ...]
    negators: Negators
    feelings: Feelings
    words: tuple[tuple[str, int, str], ...]
    versions: dict[str, str]


def load_lexicons(settings: Settings) -> Lexicons:
    """Return the company's lexicons, each file the company's own or the shipped one."""
    versions = {
        name: digest(settings.config_file("lexicons", name).read_bytes())
        for name in (*FILES, "negators.yml", "sentiment.yml", "words.txt")
    }
    return Lexicons(
        lists=tuple(read_model(settings.config_file("lexicons", name), WordList) for name in FILES),
        negators=read_model(settings.config_file("lexicons", "negators.yml"), Negators),
        feelings=read_model(settings.config_file("lexicons", "sentiment.yml"), Feelings),
        words=_load_words(settings.config_file("lexicons", "words.txt")),
        versions=versions,
    )


def digest(*contents: bytes) -> str:
    """Return a short name of contents: equal contents, equal name."""
    return hashlib.sha256(b"\0".join(contents)).hexdigest()[:12]


def _load_words(path: Path) -> tuple[tuple[str, int, str], ...]:
    """Return the user dictionary, in jieba's format: word, frequency, part of speech."""
    words = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        parts = line.split()
        if not parts or line.startswith("#"):
            continue
        if len(parts) != 3 or not parts[1].isdigit():
            message = (
                f"{path}:{number}: {line!r}; wanted a word, a frequency, a part: 账本通 2000 nz"
            )
            raise UsageError(message)
        words.append((parts[0].lower(), int(parts[1]), parts[2]))
    return tuple(words)
