"""What a draft consists of: `drafting` and `draft_details` make it, `draft_text` writes it down."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from leadloop.ingest.vocabulary import plain

if TYPE_CHECKING:
    from leadloop.contract import Table
    from leadloop.ingest.evidence import Evidence
    from leadloop.ingest.sampling import Sample
    from leadloop.ingest.vocabulary import Vocabulary

Level = Literal["sure", "likely", "guess"]


@dataclass(frozen=True, slots=True)
class Choice:
    """Where one column of the contract comes from: words of the map, how sure, why, what to ask.

    `notes` tells of each code in how many rows it is, `allowed` what a code may become.
    """

    column: str
    spec: dict[str, Any]
    level: Level
    why: str
    questions: tuple[str, ...] = ()
    notes: dict[str, str] = field(default_factory=dict)
    samples: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposed map: its columns, what is asked, columns of the file that nobody reads."""

    table: Table
    sample: Sample
    precision: str
    timezone: str | None
    choices: tuple[Choice, ...]
    questions: tuple[str, ...]
    unread: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """What a draft goes by: the evidence of each column of the file, the words, the table."""

    evidence: dict[str, Evidence]
    words: Vocabulary
    table: Table

    def pick(self, names: tuple[str, ...], kind: str) -> Evidence | None:
        """Return the first column of such a name and kind."""
        wanted = [plain(name) for name in names]
        fitting = {
            plain(name): found for name, found in self.evidence.items() if kind in found.kinds
        }
        return next((fitting[name] for name in wanted if name in fitting), None)
