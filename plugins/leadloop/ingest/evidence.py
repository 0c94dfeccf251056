"""What a column of a sample holds, judged by its values alone: times, durations, numbers, codes."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING, Final

from leadloop.ingest import times, values
from leadloop.ingest.vocabulary import read_unit
from leadloop.privacy.mask import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pyarrow as pa

    from leadloop.privacy.phones import PhoneHasher

# Nearly all values must fit: a column may hold a few broken ones.
SHARE: Final = 0.95
# What exports write for nothing.
_NOTHING: Final = ("-", "--", "0000-00-00 00:00:00", "null", "NULL", "None", "N/A", "\\N")
_TIMES: Final = frozenset({"time", "day", "epoch_s", "epoch_ms"})
_CLOCKS: Final = ("%H:%M:%S", "%H:%M")
_DAYS: Final = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日", "%d.%m.%Y")
# Which of the two comes first cannot be told where no day is above 12.
_DAY_FIRST: Final = ("%d/%m/%Y", "%d-%m-%Y")
_MONTH_FIRST: Final = ("%m/%d/%Y", "%m-%d-%Y")
_ISO_LIKE: Final = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}"
_YEARS_S: Final = (1_262_304_000, 2_240_524_800)
_DIGITS: Final = {"%Y%m%d": 8, "%Y%m%d%H%M%S": 14}
CODES: Final = 80
_DIALLED: Final = re.compile(r"\+?[\d\s()*＊•●xX#-]{3,20}")
_HIDDEN: Final = re.compile(r"[*＊•●xX#]{2}")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A column of the sample: how full it is, what its values can be, how times are written."""

    name: str
    values: pa.Array
    filled: int
    distinct: int
    kinds: frozenset[str]
    formats: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    is_zoned: bool = False
    counts: tuple[tuple[str, int], ...] = ()

    @property
    def unit(self) -> str | None:
        """The unit that the name carries."""
        return read_unit(self.name)

    @property
    def epoch(self) -> str | None:
        """The unit of its times where they are counted since 1970."""
        units = {"epoch_ms": "ms", "epoch_s": "s"}
        return next((unit for kind, unit in units.items() if kind in self.kinds), None)

    @property
    def is_stopwatch(self) -> bool:
        """Whether its durations are written as a watch shows them; plain numbers are not."""
        return "stopwatch" in self.kinds and "whole" not in self.kinds

    @property
    def is_key(self) -> bool:
        """Whether hardly any value comes twice."""
        return self.filled > 0 and self.distinct >= 0.98 * self.filled

    def show(self, count: int = 2) -> list[str]:
        """Return some values, masked."""
        shown = [text for text, _ in self.counts[:count]] or self.values.drop_null().to_pylist()
        numbers = "phone" in self.kinds
        return ["<PHONE>" if numbers else mask_text(text)[:40] for text in shown[:count]]


def examine(name: str, texts: pa.Array, hasher: PhoneHasher) -> Evidence:
    """Return what a column of text holds."""
    found = _examine(name, texts, hasher, _NOTHING)
    if any(text == "0" for text, _ in found.counts) or found.distinct > CODES:
        # No time is often written as 0; as a code or a duration 0 means something.
        timed = _examine(name, texts, hasher, (*_NOTHING, "0"))
        if timed.kinds & _TIMES:
            return timed
    return found


def _examine(name: str, texts: pa.Array, hasher: PhoneHasher, nothing: Sequence[str]) -> Evidence:
    import pyarrow as pa
    import pyarrow.compute as pc

    trimmed = pc.utf8_trim_whitespace(texts)
    none = pc.is_in(trimmed, value_set=pa.array(["", *nothing]))
    written = [text for text in pc.unique(pc.filter(trimmed, none)).to_pylist() if text]
    full = pc.if_else(none, pa.scalar(None, pa.string()), trimmed)
    counts = Counter(full.drop_null().to_pylist())
    known = pa.array(list(counts), pa.string())
    kinds: set[str] = set()
    formats: Sequence[str] = ()
    if counts:
        kinds, formats = _find_kinds(known, list(counts.values()), hasher)
    return Evidence(
        name=name,
        values=full,
        filled=sum(counts.values()),
        distinct=len(counts),
        kinds=frozenset(kinds),
        formats=tuple(formats),
        empty=tuple(written) if kinds & _TIMES else (),
        is_zoned=bool(kinds & {"epoch_s", "epoch_ms"}) or _is_zoned(known),
        counts=tuple(counts.most_common()) if len(counts) <= CODES else (),
    )


def _find_kinds(
    known: pa.Array, weights: list[int], hasher: PhoneHasher
) -> tuple[set[str], Sequence[str]]:
    kinds: set[str] = set()
    formats = _find_formats(known, weights, kinds)
    whole = sum(weights)

    def share(fits: list[bool]) -> float:
        return sum(weight for weight, fit in zip(weights, fits, strict=True) if fit) / whole

    texts = known.to_pylist()
    checks: dict[str, Callable[[str], object]] = {
        "whole": lambda text: re.fullmatch(r"-?\d{1,18}(\.0*)?", text),
        "number": lambda text: re.fullmatch(r"-?\d{1,15}(\.\d+)?", text),
        "stopwatch": _is_stopwatch,
        "epoch_s": lambda text: _is_epoch(text, 1),
        "epoch_ms": lambda text: _is_epoch(text, 1000),
    }
    for kind, fits in checks.items():
        if share([bool(fits(text)) for text in texts]) >= SHARE:
            kinds.add(kind)
    # Extensions, short codes and lines that no plan of numbers knows stand among real ones.
    if share([bool(_DIALLED.fullmatch(text)) for text in texts]) >= SHARE:
        kinds.add("dialled")
        rung = [_is_phone(text, hasher) for text in texts]
        if share(rung) >= 0.5 and not kinds & _TIMES:
            kinds.add("phone")
    return kinds, formats


def _find_formats(known: pa.Array, weights: list[int], kinds: set[str]) -> Sequence[str]:
    """Return the formats in which the times (or days) are written; adds what they are to kinds."""
    import pyarrow.compute as pc

    iso = pc.match_substring_regex(known, _ISO_LIKE)
    if _weigh(iso.to_pylist(), weights) >= SHARE:
        reading = times.read_times(known, (), UTC)
        if _weigh(reading.values.is_valid().to_pylist(), weights) >= SHARE:
            kinds.add("time")
            return ()
    # The C library reads a day of two digits and one alike: one format fits both.
    clocks = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
    groups = (*((day,) for day in _DAYS), _DAY_FIRST, _MONTH_FIRST)
    stamps = [[f"{day} {clock}" for day in group for clock in clocks] for group in groups]
    stamps.append(["%Y%m%d%H%M%S"])
    for kind, tried in (("time", stamps), ("day", groups), ("clock", [_CLOCKS])):
        fits = [_fit(known, weights, group) for group in tried]
        best = max(share for share, _ in fits)
        fitting = [needed for share, needed in fits if share == best]
        if best >= SHARE:
            kinds.add(kind)
            if len(fitting) > 1:
                kinds.add("day_or_month")
            return fitting[0]
    return ()


def _fit(known: pa.Array, weights: list[int], group: Sequence[str]) -> tuple[float, list[str]]:
    """Return the share of values that a group of formats reads, and those of it that do."""
    import numpy as np

    covered = np.zeros(len(known), bool)
    needed = []
    for item in group:
        # The C library reads digits without marks at any length.
        length = _DIGITS.get(item)
        if length and not all(len(text) == length for text in known.to_pylist()[:100]):
            continue
        fits = np.asarray(times.read_local(known, (item,)).values.is_valid())
        if (fits & ~covered).any():
            needed.append(item)
            covered |= fits
    return _weigh(covered.tolist(), weights), needed


def _weigh(fits: list[bool | None], weights: list[int]) -> float:
    return sum(weight for fit, weight in zip(fits, weights, strict=True) if fit) / sum(weights)


def _is_zoned(known: pa.Array) -> bool:
    texts = known.to_pylist()[:50]
    return bool(texts) and all(re.search(r"\d(?:Z|[+-]\d{2}:?\d{2})$", text) for text in texts)


def _is_stopwatch(text: str) -> bool:
    try:
        values.read_stopwatch(text)
    except ValueError:
        return False
    return True


def _is_epoch(text: str, scale: int) -> bool:
    if not re.fullmatch(r"\d{10,13}", text):
        return False
    low, high = _YEARS_S
    return low * scale <= int(text) < high * scale


def _is_phone(text: str, hasher: PhoneHasher) -> bool:
    found = hasher.read(text)
    return found.hash is not None or bool(found.last4 and _HIDDEN.search(text))
