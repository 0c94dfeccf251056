"""Local clocks and UTC, whole columns at a time.

Offsets come from `zoneinfo`, once for every quarter of an hour seen: all changes of clocks lie
on one, and the result does not hang on the time zones of the operating system.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import tzinfo

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    Mask = npt.NDArray[np.bool_]

_QUARTER: Final = 15 * 60 * 1_000_000
_SECOND: Final = 1_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_utc(local: pa.Array, zone: tzinfo) -> tuple[pa.Array, Mask]:
    """Return UTC times of local ones (microseconds), and which of these no clock ever showed.

    A time that the clocks show twice is the first of the two (the earlier offset).
    """
    import numpy as np

    times, valid = _take_apart(local)
    quarters, places = np.unique(times // _QUARTER, return_inverse=True)
    first = np.empty(len(quarters), np.int64)
    second = np.empty(len(quarters), np.int64)
    for place, quarter in enumerate(quarters.tolist()):
        moment = (_EPOCH + timedelta(microseconds=quarter * _QUARTER)).replace(tzinfo=zone)
        first[place] = _seconds(moment.utcoffset())
        second[place] = _seconds(moment.replace(fold=1).utcoffset())
    skipped = (first < second)[places] & valid
    return _put_together(times - first[places] * _SECOND, valid & ~skipped), skipped


def to_local_dates(moments: pa.Array, zone: tzinfo) -> pa.Array:
    """Return the local day of every moment, as 32-bit dates."""
    import numpy as np
    import pyarrow as pa

    times, valid = _take_apart(moments)
    quarters, places = np.unique(times // _QUARTER, return_inverse=True)
    offsets = np.empty(len(quarters), np.int64)
    for place, quarter in enumerate(quarters.tolist()):
        moment = _EPOCH + timedelta(microseconds=quarter * _QUARTER)
        offsets[place] = _seconds(moment.astimezone(zone).utcoffset())
    days = (times + offsets[places] * _SECOND) // (86_400 * _SECOND)
    return pa.array(days.astype(np.int32), pa.int32(), mask=~valid).cast(pa.date32())


def to_months(dates: pa.Array) -> pa.Array:
    """Return the first day of every date's month."""
    import pyarrow as pa
    import pyarrow.compute as pc

    return pc.floor_temporal(dates, unit="month").cast(pa.date32())


def _take_apart(times: pa.Array) -> tuple[npt.NDArray[np.int64], Mask]:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    valid = np.asarray(pc.is_valid(times))
    return np.asarray(pc.fill_null(times.cast(pa.int64()), 0)), valid


def _put_together(times: npt.NDArray[np.int64], valid: Mask) -> pa.Array:
    import pyarrow as pa

    return pa.array(times, pa.int64(), mask=~valid).cast(pa.timestamp("us", tz="UTC"))


def _seconds(offset: timedelta | None) -> int:
    return 0 if offset is None else round(offset.total_seconds())
