"""Masking of free text before it lands: placeholders instead of what points at a person.

What is looked for stands in `numbers`, `places` and `names`; how well it is found is measured on
made lines (docs/privacy.md). Keys for joins are made in `phones`.
"""

from __future__ import annotations

import re
from functools import reduce
from itertools import compress
from typing import TYPE_CHECKING, Final

from leadloop.privacy import names, numbers, places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from leadloop.privacy.names import Found

_FINDERS: Final = (
    (numbers.CUE, numbers.find_numbers),
    (places.CUE, places.find_addresses),
    (names.CUE, names.find_names),
)
_FIND: Final = [find for _, find in _FINDERS]
_CUES: Final = [(re.compile(cue), find) for cue, find in _FINDERS]
# The commonest text of a file by far; nothing in it is a number of anybody, and it looks like one.
_MOMENT: Final = r"^20\d\d[-/][01]\d[-/][0-3]\d(?:[ T][0-2]\d:[0-5]\d(?::[0-5]\d)?)?$"
# No number of anybody: longer than all of them, and no part of an address. Twenty patterns would
# each look at every digit of it.
_RUN: Final = re.compile(r"(?<![A-Za-z0-9_.@+%\-])[0-9]{65,}(?![A-Za-z0-9_.@+%\-])")
_LONG_NUMBER: Final = re.compile(r"\d(?:[\s\-]?\d){6,}")


def mask_text(text: str) -> str:
    """Return the text with placeholders for what points at a person.

    >>> mask_text("我叫李明，打我手机幺三八 一二三四 五六七八，订单号20260105001")
    '我叫<NAME>，打我手机<PHONE>，订单号20260105001'
    """
    return _replace(text, find_spans(text))


def find_spans(text: str) -> list[Found]:
    """Return what would be masked, as (begin, end, placeholder) in order, none across another.

    >>> find_spans("王先生，手机13812345678")
    [(0, 1, '<NAME>'), (6, 17, '<PHONE>')]
    """
    return _find(text, (find for cue, find in _CUES if cue.search(text)))


def mask_line(text: str) -> str:
    """Return a line of unknown shape, masked without mercy: long numbers go as well.

    For broken lines in quarantine, where no column says what a number is.

    >>> mask_line("c1,outbound,1381234567,成交")
    'c1,outbound,<NUMBER>,成交'
    """
    return _LONG_NUMBER.sub("<NUMBER>", mask_text(text))


def mask_array(texts: pa.Array) -> pa.Array:
    """Return a string array with every text masked; only texts that may hold something are read."""
    import pyarrow as pa
    import pyarrow.compute as pc

    # Nothing can be found in a text without a cue; most utterances stop here. Asked one by one: as
    # one pattern the cues are more than RE2's automaton holds, and cost three times as much.
    cued = [pc.match_substring_regex(texts, cue) for cue, _ in _FINDERS]
    hits = pc.fill_null(reduce(pc.or_, cued), False)
    if not pc.any(hits).as_py():
        return texts
    coded = pc.filter(texts, hits).dictionary_encode()
    known = coded.dictionary
    # Which cue was met is asked of Arrow: Python's own search costs as much as all the rest.
    met = [pc.match_substring_regex(known, cue).to_pylist() for cue, _ in _FINDERS]
    plain = pc.match_substring_regex(known, _MOMENT).to_pylist()
    masked = [
        text if is_plain else _replace(text, _find(text, compress(_FIND, flags)))
        for text, is_plain, *flags in zip(known.to_pylist(), plain, *met, strict=True)
    ]
    return pc.replace_with_mask(texts, hits, pa.array(masked, pa.string()).take(coded.indices))


def _find(text: str, finders: Iterable[Callable[[str], Iterator[Found]]]) -> list[Found]:
    if len(text) > 64:
        text = _RUN.sub(lambda match: numbers.TAKEN * len(match[0]), text)
    found: list[Found] = []
    taken = bytearray(len(text))
    for find in finders:
        for begin, end, token in find(numbers.blank(text, found)):
            # Of two cues for one name the first counts.
            if not any(taken[begin:end]):
                found.append((begin, end, token))
                taken[begin:end] = b"\1" * (end - begin)
    return sorted(found)


def _replace(text: str, found: list[Found]) -> str:
    pieces: list[str] = []
    last = 0
    for begin, end, token in found:
        pieces += (text[last:begin], token)
        last = end
    return "".join((*pieces, text[last:]))
