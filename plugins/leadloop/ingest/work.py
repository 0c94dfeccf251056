"""One chunk on its way through a map: its columns so far, its refused rows, its sources.

`mapping` drives it; `checks` refuses what is implausible.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from leadloop.privacy.mask import mask_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from leadloop.ingest.maps import ColumnMap, Map
    from leadloop.ingest.rows import Chunk
    from leadloop.privacy.erased import Registry
    from leadloop.privacy.phones import PhoneHasher

    Mask = npt.NDArray[np.bool_]

_SHOWN_CHARS: Final = 300
# Of a value of megabytes; far enough behind what is shown that nothing cut in two is seen.
READ_CHARS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Plan:
    """A map with what it needs from its surroundings."""

    map: Map
    tenant_id: str
    company_zone: tzinfo
    hasher: PhoneHasher
    file_time: datetime
    erased: Registry | None = None

    @property
    def map_zone(self) -> tzinfo:
        """The zone of local times in the file."""
        return ZoneInfo(self.map.timezone) if self.map.timezone else self.company_zone


@dataclass(slots=True)
class Work:
    """One chunk on its way through the map."""

    plan: Plan
    chunk: Chunk
    worked: dict[str, pa.Array] = field(default_factory=dict)
    cleaned: dict[str, pa.Array] = field(default_factory=dict)
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    @property
    def size(self) -> int:
        """Rows in the chunk."""
        return len(self.chunk.lines)

    def refuse(self, mask: Mask | None, reason: str, tell: Callable[[int], str]) -> None:
        """Refuse the rows of a mask; the first reason found for a row stays."""
        import numpy as np

        if mask is None:
            return
        for place in np.flatnonzero(mask).tolist():
            if place not in self.refused:
                self.refused[place] = (reason, tell(place))


def gather(work: Work, spec: ColumnMap) -> pa.Array:
    """Return the text (or native times) that a column is made from."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if spec.from_ is not None:
        return take(work, spec, spec.from_)
    if spec.constant is not None:
        text = str(spec.constant).lower() if isinstance(spec.constant, bool) else str(spec.constant)
        return pa.repeat(pa.scalar(text), work.size)
    if spec.coalesce:
        return pc.coalesce(*(take(work, spec, name) for name in spec.coalesce))
    if spec.join:
        return pc.binary_join_element_wise(
            *(_take_part(work, spec, name) for name in spec.join), spec.separator
        )
    if spec.pick:
        found = pa.nulls(work.size, pa.string())
        by = take(work, spec, spec.pick.by)
        for value, name in spec.pick.cases.items():
            chosen = pc.fill_null(pc.equal(by, value), False)
            found = pc.if_else(chosen, take(work, spec, name), found)
        return found
    return _join_object(work, spec)


def _take_part(work: Work, spec: ColumnMap, name: str) -> pa.Array:
    """Return one part of a join; where codes read the whole, an empty part is one of its words."""
    import pyarrow as pa
    import pyarrow.compute as pc

    part = take(work, spec, name)
    if name in spec.present:
        word = pa.scalar(spec.present[name])
        part = pc.if_else(pc.is_valid(part), word, pa.scalar(None, pa.string()))
    return pc.fill_null(part, "") if spec.codes else part


def _join_object(work: Work, spec: ColumnMap) -> pa.Array:
    """Return a JSON object of further columns; empty ones are left out, an empty object is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = []
    for key, name in spec.object.items():
        coded = take(work, spec, name).dictionary_encode()
        texts = [
            f", {json.dumps(key, ensure_ascii=False)}: {json.dumps(text, ensure_ascii=False)}"
            for text in coded.dictionary.to_pylist()
        ]
        parts.append(pc.fill_null(pa.array(texts, pa.string()).take(coded.indices), ""))
    # Joining with null_handling="skip" loses rows that are null throughout (pyarrow 26).
    joined = pc.binary_join_element_wise(*parts, "")
    braced = pc.binary_join_element_wise("{", pc.utf8_slice_codeunits(joined, 2), "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), braced)


def take(work: Work, spec: ColumnMap, name: str) -> pa.Array:
    """Return a column of the file, trimmed; empty text and the map's empty values are null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if name not in work.cleaned:
        array = work.chunk.columns.get(name)
        if array is None:
            array = pa.nulls(work.size, pa.string())
        if pa.types.is_string(array.type):
            array = pc.ascii_trim_whitespace(array)
            array = pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
        work.cleaned[name] = array
    array = work.cleaned[name]
    if not pa.types.is_string(array.type) and name not in (spec.from_, spec.date):
        array = array.cast(pa.string())
    # A clock's date keeps its text: "0" may mean no customer, never no day.
    if spec.empty and name != spec.date and pa.types.is_string(array.type):
        none = pc.is_in(array, value_set=pa.array(spec.empty, pa.string()))
        array = pc.if_else(none, pa.scalar(None, pa.string()), array)
    return array


def tell_input(work: Work, spec: ColumnMap) -> Callable[[int], str]:
    """Return a function that says what a row held where a column was made from, masked."""

    def tell(place: int) -> str:
        seen = {name: work.cleaned[name][place].as_py() for name in spec.inputs}
        text = ", ".join(f"{name}={value}" for name, value in seen.items())
        return mask_text(text[:READ_CHARS])[:_SHOWN_CHARS]

    return tell
