"""From text to moments in UTC: formats, zones, times of day, rollover at midnight.

Local times are given their zone by `zones`; other kinds of columns are read in `values`.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from leadloop.ingest.values import Reading, read_each
from leadloop.ingest.zones import to_utc

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import tzinfo

    import pyarrow as pa

_DAY_US: Final = 86_400_000_000
_SORTABLE: Final = "%Y-%m-%d %H:%M:%S"
_ZONED: Final = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})$")


def read_times(texts: pa.Array, formats: Sequence[str], zone: tzinfo) -> Reading:
    """Return moments in UTC from text; without formats ISO 8601, with or without an offset.

    Text without an offset is local time of `zone`.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(texts.type):
        if texts.type.tz is not None:
            return Reading(texts.cast(pa.timestamp("us", tz="UTC"), safe=False))
        local = Reading(texts.cast(pa.timestamp("us"), safe=False))
    elif not formats:
        zoned = np.asarray(pc.fill_null(pc.match_substring_regex(texts, _ZONED.pattern), False))
        if zoned.any():
            return read_each(
                texts, lambda text: _read_iso(text, zone), pa.timestamp("us", tz="UTC")
            )
        local = read_local(texts, (_SORTABLE, "%Y-%m-%dT%H:%M:%S"))
        if local.unreadable is not None:
            return read_each(
                texts, lambda text: _read_iso(text, zone), pa.timestamp("us", tz="UTC")
            )
    else:
        local = read_local(texts, formats)
    moments, skipped = to_utc(local.values, zone)
    return Reading(moments, local.unreadable, skipped if skipped.any() else None)


def read_local(texts: pa.Array, formats: Sequence[str]) -> Reading:
    """Return local times (no zone) read by the first format that fits each text."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_date(texts.type) or pa.types.is_timestamp(texts.type):
        return Reading(texts.cast(pa.timestamp("us"), safe=False))
    if _SORTABLE in formats and (fast := _read_sortable(texts)) is not None:
        return Reading(fast)
    found = pa.nulls(len(texts), pa.timestamp("us"))
    for item in formats:
        parsed = pc.strptime(texts, format=item, unit="us", error_is_null=True)
        found = pc.coalesce(found, _refuse_overflow(texts, parsed, item))
    missed = np.asarray(pc.and_(pc.is_null(found), pc.is_valid(texts)))
    return Reading(found, missed if missed.any() else None)


def read_clock(days: pa.Array, clocks: pa.Array) -> Reading:
    """Return local times from local days and times of day such as 7:02:47."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    parts = pc.extract_regex(
        clocks, r"^(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::(?P<s>[0-9]{2})(?:\.[0-9]+)?)?$"
    )
    hours, minutes, seconds = (
        np.asarray(pc.fill_null(_to_integer(pc.struct_field(parts, name)), 0)) for name in "hms"
    )
    right = np.asarray(pc.is_valid(parts)) & (hours < 24) & (minutes < 60) & (seconds < 60)
    given = np.asarray(pc.and_(pc.is_valid(clocks), pc.is_valid(days)))
    start = np.asarray(pc.fill_null(days.cast(pa.int64()), 0))
    times = start + (hours * 3600 + minutes * 60 + seconds) * 1_000_000
    wrong = given & ~right
    values = pa.array(times, pa.int64(), mask=~(given & right)).cast(pa.timestamp("us"))
    return Reading(values, wrong if wrong.any() else None)


def roll_past_midnight(local: pa.Array, moments: pa.Array, after: pa.Array) -> pa.Array:
    """Return local times, a day later where they fall more than 12 hours before `after`.

    `moments` are the local times in UTC. A service that starts at 23:59 and ends at 0:03 carries
    one date; a few seconds of disorder between two clocks of a source stay as they are.
    """
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    behind = pc.subtract(after.cast(pa.int64()), moments.cast(pa.int64()))
    late = np.asarray(pc.fill_null(pc.greater(behind, _DAY_US // 2), False))
    shift = pa.array(np.where(late, _DAY_US, 0), pa.int64())
    return pc.add(local.cast(pa.int64()), shift).cast(pa.timestamp("us"))


def read_dates(texts: pa.Array, formats: Sequence[str]) -> Reading:
    """Return days; without formats 2026-01-31."""
    import pyarrow as pa

    if pa.types.is_date(texts.type) or pa.types.is_timestamp(texts.type):
        return Reading(texts.cast(pa.date32(), safe=False))
    found = read_local(texts, tuple(formats) or ("%Y-%m-%d",))
    return Reading(found.values.cast(pa.date32(), safe=False), found.unreadable)


def _read_sortable(texts: pa.Array) -> pa.Array | None:
    """Read a whole column of 2026-01-31 08:00:00 at once, or return None if one is otherwise."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pc.all(pc.equal(pc.binary_length(texts), 19)).as_py():
        return None
    try:
        return pc.cast(texts, pa.timestamp("us"))
    except pa.ArrowInvalid:
        return None


def _refuse_overflow(texts: pa.Array, parsed: pa.Array, item: str) -> pa.Array:
    """Take back days that do not exist: the C library reads 30 February as 2 March."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    suspect = np.asarray(pc.fill_null(pc.less_equal(pc.day(parsed), 3), False))
    places = np.flatnonzero(suspect)
    if not len(places):
        return parsed
    coded = texts.take(pa.array(places)).dictionary_encode()
    right = np.array([_fits(text, item) for text in coded.dictionary.to_pylist()], np.bool_)
    suspect[places] = ~right[np.asarray(coded.indices)]
    return pc.if_else(pa.array(suspect), pa.scalar(None, parsed.type), parsed)


def _fits(text: str, item: str) -> bool:
    try:
        datetime.strptime(text, item).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def _read_iso(text: str, zone: tzinfo) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None:
        return moment
    aware = moment.replace(tzinfo=zone)
    if aware.utcoffset() != aware.replace(fold=1).utcoffset():
        back = aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        if back != moment:
            raise ValueError(text)
    return aware


def _to_integer(texts: pa.Array) -> pa.Array:
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.cast(pc.if_else(pc.equal(texts, ""), "0", texts), pa.int64())
