"""The words by which a draft knows a source's columns and codes: `config/drafting.yml`."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from leadloop.contract import TABLES
from leadloop.errors import UsageError
from leadloop.settings import describe_mistakes, read_yaml

if TYPE_CHECKING:
    from leadloop.settings import Settings

_MILLISECONDS: Final = re.compile(
    r"[\s_(（\[]*(?:毫秒|milliseconds|millis|(?<=[\s_(（\[])ms)[)）\]]*$"
)
_SECONDS: Final = re.compile(r"[\s_(（\[]*(?:秒数?|seconds|secs?|(?<=[\s_(（\[])s)[)）\]]*$")


class Vocabulary(BaseModel):
    """Names of columns by table and column, names of the two numbers, codes by column and value."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    columns: dict[str, dict[str, tuple[str, ...]]]
    theirs: tuple[str, ...] = Field(min_length=1)
    ours: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    clocks: tuple[str, ...] = ()
    codes: dict[str, dict[str, tuple[str, ...]]]

    @field_validator("columns")
    @classmethod
    def _columns_exist(
        cls, value: dict[str, dict[str, tuple[str, ...]]]
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        for table, columns in value.items():
            for column in columns:
                if table not in TABLES or TABLES[table].get(column) is None:
                    message = f"{table}.{column} is no column of the contract"
                    raise ValueError(message)
        return value

    def list_names(self, table: str, column: str) -> tuple[str, ...]:
        """Return the plain names by which a column of a table is known."""
        words = self.theirs if column == "phone" else self.columns.get(table, {}).get(column, ())
        return tuple(dict.fromkeys(plain(word) for word in (column, *words)))

    def find_code(self, column: str, code: str) -> tuple[str | None, bool]:
        """Return our word for a code of a column, and whether the whole code is known.

        Of a code in parts (已接通-有意向) the part that says more counts; None for an unknown one.
        """
        known = {plain(word): ours for ours, words in self.codes[column].items() for word in words}
        if whole := known.get(plain(code)):
            return whole, True
        parts = [part for part in re.split(r"[-_/|:：()（）,，、]+", code) if part.strip()]
        found = [known.get(plain(part)) for part in parts]
        # A part that is not known may say the opposite of the others.
        if len(found) < 2 or None in found:
            return None, False
        # That somebody answered says less than what they said.
        telling = [part for part in found if part != "human_other"] or found
        return telling[-1], False


def load_vocabulary(settings: Settings) -> Vocabulary:
    """Return the words of `config/drafting.yml`."""
    path = settings.config_file("drafting.yml")
    try:
        return Vocabulary.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UsageError(describe_mistakes(path, error)) from error


@cache
def plain(text: str) -> str:
    """Return a name without case, marks and unit.

    >>> plain("Talk_Time (ms)"), plain("通话时长（秒）"), plain("billsec")
    ('talktime', '通话时长', 'bill')
    """
    lowered = unicodedata.normalize("NFKC", text).strip().lower()
    bare = _MILLISECONDS.sub("", lowered) or lowered
    bare = _SECONDS.sub("", bare) or bare
    return re.sub(r"[\W_]+", "", bare) or lowered


def read_unit(text: str) -> str | None:
    """Return the unit that a name carries: ms, s or None.

    >>> read_unit("talk_ms"), read_unit("通话时长(秒)"), read_unit("status")
    ('ms', 's', None)
    """
    lowered = unicodedata.normalize("NFKC", text).strip().lower()
    if _MILLISECONDS.search(lowered):
        return "ms"
    return "s" if _SECONDS.search(lowered) else None
