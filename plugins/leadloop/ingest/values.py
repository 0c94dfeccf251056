"""From text to typed columns: numbers, yes and no, months; a column at a time (times: `times`).

Every function takes and gives Arrow arrays and says which rows it could not read; what happens
to those is settled in `mapping`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Mask = npt.NDArray[np.bool_]

_MONTHS: Final = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
]
_STOPWATCH: Final = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):([0-5]\d)(?:\.\d*)?")
_SPELT_OUT: Final = re.compile(
    r"(?:(\d+)(?:小时|时|h) ?)?(?:(\d+)(?:分钟|分|m) ?)?(?:(\d+)(?:秒|s))?"
)
TRUE: Final = frozenset({"true", "t", "yes", "y", "1", "是"})
FALSE: Final = frozenset({"false", "f", "no", "n", "0", "否"})


@dataclass(frozen=True, slots=True)
class Reading:
    """A typed column; rows that could not be read are null in it and set in a mask of reasons."""

    values: pa.Array
    unreadable: Mask | None = None
    skipped: Mask | None = None


def read_integers(texts: pa.Array, scale: Callable[[float], float] | None = None) -> Reading:
    """Return whole numbers; decimals only where `scale` says what a unit is (then rounded down)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if scale is None:
        try:
            return Reading(pc.cast(texts, pa.int64()))
        except pa.ArrowInvalid:
            pass

    def read(text: str) -> int:
        # "12.0" is how many tools export a whole number from a column with gaps.
        plain = re.fullmatch(r"([+-]?[0-9]{1,18})(?:\.0*)?", text)
        if plain and scale is None:
            return int(plain[1])
        if scale is None or not re.fullmatch(r"[+-]?[0-9]{1,15}(?:\.[0-9]*)?", text):
            raise ValueError(text)
        return math.floor(scale(float(text)))

    return read_each(texts, read, pa.int64())


def read_seconds(texts: pa.Array, source: str, target: str) -> Reading:
    """Return durations in `target` units (s or ms) from numbers in `source` units.

    A source of `clock` is written as a watch shows it: 3:12, 00:03:12, 3分12秒.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if source == "clock":
        scale = 1000 if target == "ms" else 1
        return read_each(texts, lambda text: read_stopwatch(text) * scale, pa.int64())
    factor = {("ms", "s"): 0.001, ("s", "ms"): 1000.0}.get((source, target), 1.0)
    try:
        whole = pc.cast(texts, pa.int64())
    except pa.ArrowInvalid:
        return read_integers(texts, lambda value: value * factor)
    if factor == 1.0:
        return Reading(whole)
    if factor > 1:
        return Reading(pc.multiply(whole, 1000))
    valid = np.asarray(pc.is_valid(whole))
    return Reading(pa.array(np.asarray(pc.fill_null(whole, 0)) // 1000, pa.int64(), mask=~valid))


def read_stopwatch(text: str) -> int:
    """Return the seconds of a duration as a watch shows it, fractions dropped.

    >>> read_stopwatch("1:02:03"), read_stopwatch("03:12"), read_stopwatch("3分12秒")
    (3723, 192, 192)
    """
    found = _STOPWATCH.fullmatch(text) or _SPELT_OUT.fullmatch(text)
    if not found or not any(found.groups()):
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 3600 + minutes * 60 + seconds


def count_seconds(begin: pa.Array, end: pa.Array) -> pa.Array:
    """Return whole seconds from one moment (microseconds) to another."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.divide(pc.subtract(end.cast(pa.int64()), begin.cast(pa.int64())), 1_000_000)


def take_item(texts: pa.Array, separator: str, which: str) -> pa.Array:
    """Return the first or the last item of every list in a text, empty items left out."""
    import pyarrow as pa

    coded = texts.dictionary_encode()
    place = 0 if which == "first" else -1
    lists = [
        [item.strip() for item in text.split(separator) if item.strip()]
        for text in coded.dictionary.to_pylist()
    ]
    chosen = [items[place] if items else None for items in lists]
    return pa.array(chosen, pa.string()).take(coded.indices)


def read_numbers(texts: pa.Array) -> Reading:
    """Return numbers; "nan" and "inf" are not numbers of a business."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        values = pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:

        def read(text: str) -> float:
            value = float(text)
            if value - value != 0:
                raise ValueError(text)
            return value

        return read_each(texts, read, pa.float64())
    endless = np.asarray(pc.fill_null(pc.invert(pc.is_finite(values)), False))
    return _blank(values, endless)


def read_booleans(texts: pa.Array) -> Reading:
    """Return booleans from true/false, yes/no, 1/0, 是/否."""
    import pyarrow as pa

    def read(text: str) -> bool:
        if text.lower() in TRUE:
            return True
        if text.lower() in FALSE:
            return False
        raise ValueError(text)

    return read_each(texts, read, pa.bool_())


def read_epochs(texts: pa.Array, unit: str) -> Reading:
    """Return moments from seconds or milliseconds since 1970 in UTC."""
    import pyarrow as pa
    import pyarrow.compute as pc

    factor = 1_000_000 if unit == "s" else 1000
    whole = read_integers(texts)
    if whole.unreadable is None:
        micros = pc.multiply(whole.values, factor)
        return Reading(micros.cast(pa.timestamp("us", tz="UTC")))
    found = read_integers(texts, lambda value: value * factor)
    return Reading(found.values.cast(pa.timestamp("us", tz="UTC")), found.unreadable)


def read_months(years: pa.Array, months: pa.Array) -> Reading:
    """Return the first day of the month named by a year and a month (may, May, 5, 5月)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    def read(text: str) -> date:
        year, _, month = text.partition("\n")
        name = month.lower().removesuffix("月")
        number = int(name) if name.isdigit() else _MONTHS.index(name[:3]) + 1
        return date(int(year), number, 1)

    return read_each(pc.binary_join_element_wise(years, months, "\n"), read, pa.date32())


def read_each(texts: pa.Array, read: Callable[[str], Any], kind: pa.DataType) -> Reading:
    """Read every different text once; those that raise ValueError are unreadable."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    coded = texts.dictionary_encode()
    values: list[Any] = []
    wrong: list[bool] = []
    for text in coded.dictionary.to_pylist():
        try:
            values.append(read(text))
            wrong.append(False)
        except (ValueError, OverflowError):
            values.append(None)
            wrong.append(True)
    indices = pc.fill_null(coded.indices, len(values))
    found = pa.array([*values, None], kind).take(indices)
    missed = np.array([*wrong, False], np.bool_)[np.asarray(indices)]
    return Reading(found, missed if missed.any() else None)


def _blank(values: pa.Array, wrong: Mask) -> Reading:
    import pyarrow as pa
    import pyarrow.compute as pc

    if not wrong.any():
        return Reading(values)
    return Reading(pc.if_else(pa.array(wrong), pa.scalar(None, values.type), values), wrong)
