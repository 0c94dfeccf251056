"""Plausibility of mapped rows: mistakes of unit and zone that a type check cannot see.

Each names what it looks like, since the remedy is a word in the map (`unit: ms`, `zone:`).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from leadloop.ingest.values import count_seconds

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from leadloop.ingest.work import Work

DAY_SECONDS: Final = 86_400
# Clocks of one call may disagree; a minute is more than any switch needs.
SPAN_MARGIN: Final = 60
EXPORT_MARGIN: Final = timedelta(hours=2)
# Zones differ by at most 26 hours: later than that, a file's own time is no evidence.
ZONE_SPREAD: Final = timedelta(hours=26)
_DURATIONS: Final = ("ivr_s", "queue_s", "ring_s", "talk_s", "hold_s", "acw_s")
_INSIDE_THE_CALL: Final = ("queue_s", "ring_s", "talk_s", "hold_s")


def check_rows(work: Work) -> None:
    """Refuse rows whose durations look like milliseconds or whose zone must be wrong."""
    for name in _DURATIONS:
        if name in work.worked:
            _check_duration(work, name)
    if "event_at" in work.worked and not work.plan.map.contract.is_planned:
        _check_export(work)


def _check_duration(work: Work, name: str) -> None:
    import numpy as np
    import pyarrow.compute as pc

    seconds = work.worked[name]
    begun, ended = work.worked.get("originated_at"), work.worked.get("ended_at")
    too_long = pc.greater(seconds, DAY_SECONDS)
    reason = f"{name}_looks_like_milliseconds"
    work.refuse(
        np.asarray(pc.fill_null(too_long, False)),
        reason,
        lambda place: f"{name} is {seconds[place]}, more than a day; looks like milliseconds",
    )
    if name in _INSIDE_THE_CALL and begun is not None and ended is not None:
        span = count_seconds(begun, ended)
        beyond = pc.and_(pc.greater_equal(span, 0), pc.greater(seconds, pc.add(span, SPAN_MARGIN)))
        work.refuse(
            np.asarray(pc.fill_null(beyond, False)),
            reason,
            lambda place: (
                f"{name} is {seconds[place]} in a call of {span[place]} s from start to end; "
                "looks like milliseconds"
            ),
        )


def _check_export(work: Work) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    event, exported = work.worked["event_at"], work.worked["extracted_at"]
    ahead = count_seconds(exported, event)
    late = pc.greater(ahead, int(EXPORT_MARGIN.total_seconds()))
    by_row = pc.not_equal(exported, pa.scalar(work.plan.file_time, exported.type))
    late = pc.and_(late, pc.or_(by_row, pc.less(ahead, int(ZONE_SPREAD.total_seconds()))))
    work.refuse(
        np.asarray(pc.fill_null(late, False)), "event_later_than_its_export", _tell(event, exported)
    )


def _tell(event: pa.Array, exported: pa.Array) -> Callable[[int], str]:
    return lambda place: (
        f"happened {event[place].as_py():%Y-%m-%d %H:%M}Z, exported "
        f"{exported[place].as_py():%Y-%m-%d %H:%M}Z: later than its export: wrong time zone?"
    )
