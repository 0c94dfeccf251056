"""One form for every text before anything looks at it, and the way back to the original's places.

NFKC (full-width letters and digits become plain), lower case, control characters and line breaks
as spaces, invisible characters dropped. The same in Arrow for batches and in Python for one text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pyarrow as pa

# Line breaks of all kinds: rows of a batch are joined by "\n", which no text may then hold.
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]")
_ARROW_CONTROL: Final = r"[\x00-\x1f\x7f-\x{9f}\x{2028}\x{2029}]"
_ARROW_INVISIBLE: Final = r"[\x{ad}\x{200b}-\x{200f}\x{2060}\x{fe00}-\x{fe0f}\x{feff}]"


def normalize(text: str) -> str:
    """Return the form that is scored.

    >>> normalize("ＡＢＣ１２３　稳\u200b赚")
    'abc123 稳赚'
    """
    folded = unicodedata.normalize("NFKC", text)
    plain = _INVISIBLE.sub("", _CONTROL.sub(" ", folded))
    return "".join(map(_lower, plain))


def normalize_batch(texts: pa.Array) -> pa.Array:
    """Return the forms of many texts, without nulls; equal to `normalize` text by text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    folded = pc.utf8_normalize(pc.fill_null(texts.cast(pa.string()), ""), "NFKC")
    plain = pc.replace_substring_regex(folded, _ARROW_CONTROL, " ")
    plain = pc.replace_substring_regex(plain, _ARROW_INVISIBLE, "")
    return pc.utf8_lower(plain)


def locate(original: str, form: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return where spans of the normalised text (`form`) lie in the original text.

    A place inside a character that became several (㎡, …) counts as that whole character.

    >>> text = "要１００％…稳\u200b赚"
    >>> locate(text, normalize(text), [(8, 10)])
    [(6, 9)]
    """
    if form == original:
        return spans
    pieces: list[str] = list(original)
    forms = list(map(_form, pieces))
    if "".join(forms) != form:
        pieces = _pieces(original)
        forms = list(map(_form, pieces))
    if "".join(forms) != form:
        # Characters that only combine across pieces: the whole text is the honest answer.
        return [(0, len(original))] * len(spans)
    owners = [number for number, piece in enumerate(forms) for _ in piece]
    edges = [0, *accumulate(map(len, pieces))]
    return [(edges[owners[begin]], edges[owners[end - 1] + 1]) for begin, end in spans]


def _pieces(text: str) -> list[str]:
    """Cut a text where NFKC never reaches across: before characters that do not combine."""
    pieces: list[str] = []
    for character in text:
        if pieces and _combines(character):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces


@lru_cache(maxsize=8192)
def _form(piece: str) -> str:
    return normalize(piece)


@lru_cache(maxsize=8192)
def _combines(character: str) -> bool:
    form = unicodedata.normalize("NFKD", character)
    return bool(unicodedata.combining(form[0])) or 0x1160 <= ord(form[0]) <= 0x11FF


@lru_cache(maxsize=8192)
def _lower(character: str) -> str:
    # One character for one, as Arrow does: İ has no single lower form and stays.
    lower = character.lower()
    return lower if len(lower) == 1 else character
