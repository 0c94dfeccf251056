"""What the masking finds in lines whose personal parts are labelled."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from leadloop.errors import UsageError
from leadloop.evaluate.scoreboard import Row, share_row

if TYPE_CHECKING:
    import pandas as pd


def score_privacy(rows: pd.DataFrame, set_: str) -> list[Row]:
    """Return the share of labelled parts that is masked whole, by kind, and what is masked besides.

    A line is `text` and `spans`, a list of `start`, `end` (itself not included) and `kind`.
    """
    from leadloop.privacy.mask import find_spans

    wanted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    clean = masked = 0
    for number, (text, spans) in enumerate(zip(rows["text"], rows["spans"], strict=True), 1):
        hidden = bytearray(len(text))
        for begin, end, _ in find_spans(text):
            hidden[begin:end] = b"\1" * (end - begin)
        labelled = bytearray(len(text))
        for begin, end, kind in _read_spans(text, spans, number):
            labelled[begin:end] = b"\1" * (end - begin)
            wanted[kind] += 1
            found[kind] += all(hidden[begin:end])
        clean += labelled.count(0)
        masked += sum(1 for hide, label in zip(hidden, labelled, strict=True) if hide and not label)
    note = "characters that are nobody's and are masked all the same"
    return [
        *(
            share_row((f"privacy: {kind}", set_, "recall"), found[kind], count, None)
            for kind, count in sorted(wanted.items())
        ),
        share_row(("privacy", set_, "recall"), found.total(), wanted.total(), None),
        share_row(("privacy", set_, "clean_masked"), masked, clean, None, note),
    ]


def _read_spans(text: str, spans: Any, number: int) -> list[tuple[int, int, str]]:
    try:
        found = [(int(item["start"]), int(item["end"]), str(item["kind"])) for item in spans]
    except (TypeError, KeyError, ValueError) as error:
        message = f"Line {number}: spans is {spans!r}; wanted a list of start, end, kind."
        raise UsageError(message) from error
    if wrong := [item for item in found if not 0 <= item[0] < item[1] <= len(text)]:
        message = (
            f"Line {number}: a span of {wrong[0][:2]} is not within its {len(text)} characters."
        )
        raise UsageError(message)
    return found
