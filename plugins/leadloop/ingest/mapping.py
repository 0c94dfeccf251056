"""Executes a map on a chunk of rows: contract columns out, or a refusal with its reason.

The grammar is in `maps`, single conversions in `values`, plausibility in `checks`. Nothing here
touches a disk.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from leadloop.ingest import times, values
from leadloop.ingest.checks import check_rows
from leadloop.ingest.rows import Mapped, Refusal, mask_rows
from leadloop.ingest.work import READ_CHARS, Plan, Work, gather, take, tell_input
from leadloop.ingest.zones import to_local_dates, to_months, to_utc
from leadloop.privacy.erased import REASON
from leadloop.privacy.mask import mask_array, mask_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from leadloop.contract import Column
    from leadloop.ingest.maps import ColumnMap
    from leadloop.ingest.rows import Chunk

    Mask = npt.NDArray[np.bool_]

# Columns in which nothing written is an unknown code as well: a call without a result was made.
_TELLS_BY_NOTHING: Final = ("outcome", "speaker_role")
_EMPTY_CODE: Final = "(empty)"


def map_rows(plan: Plan, chunk: Chunk) -> Mapped:
    """Return the chunk's rows in the contract's columns, and those refused."""
    work = Work(plan, chunk)
    for name, spec in plan.map.columns.items():
        if name == "phone":
            _read_phones(work, spec)
        else:
            column = plan.map.contract.get(name)
            if column is None:  # pragma: no cover - the map's own checks come first
                continue
            _work_out(work, column, spec)
    _fill_in(work)
    _date_rows(work)
    check_rows(work)
    _refuse_gaps(work)
    _refuse_erased(work)
    return _finish(work)


def _work_out(work: Work, column: Column, spec: ColumnMap) -> None:
    import numpy as np
    import pyarrow.compute as pc

    found = _convert(work, column, spec)
    tell = tell_input(work, spec)
    work.refuse(found.unreadable, f"{column.name}_not_a_{_WANTED[column.kind]}", tell)
    work.refuse(found.skipped, f"{column.name}_skipped_by_the_clock", tell)
    array = found.values
    if spec.subtract:
        array = _subtract(work, column, spec, array)
    if spec.subtract or spec.between:
        below = np.asarray(pc.fill_null(pc.less(array, 0), False))
        work.refuse(below, f"{column.name}_below_nothing", tell)
    if spec.when:
        array = pc.if_else(pc.is_valid(work.worked[spec.when]), array, None)
    work.worked[column.name] = array


def _subtract(work: Work, column: Column, spec: ColumnMap, array: pa.Array) -> pa.Array:
    """Take another column off; where it is empty, nothing."""
    import pyarrow as pa
    import pyarrow.compute as pc

    other = take(work, spec, str(spec.subtract)).cast(pa.string())
    found = _READERS[column.kind](other, column, spec, work.plan.map_zone)
    work.refuse(
        found.unreadable, f"{column.name}_not_a_{_WANTED[column.kind]}", tell_input(work, spec)
    )
    return pc.subtract(array, pc.fill_null(found.values, 0))


_WANTED: Final = {
    "text": "text",
    "integer": "whole_number",
    "number": "number",
    "boolean": "yes_or_no",
    "timestamp": "time",
    "date": "date",
}


def _convert(work: Work, column: Column, spec: ColumnMap) -> values.Reading:
    import pyarrow as pa
    import pyarrow.compute as pc

    zone = ZoneInfo(spec.zone) if spec.zone else work.plan.map_zone
    if spec.clock:
        return _read_clocks(work, spec, zone)
    if spec.month:
        return values.read_months(
            take(work, spec, spec.month.year), take(work, spec, spec.month.month)
        )
    if spec.between:
        begin, end = (work.worked[name] for name in spec.between)
        return values.Reading(values.count_seconds(begin, end))
    source = gather(work, spec)
    if column.kind not in ("timestamp", "date"):
        # Parquet keeps its own times; as text they are one like any other.
        source = source.cast(pa.string())
    if spec.default is not None:
        source = pc.fill_null(source, spec.default)
    if column.kind == "text":
        return _read_text(work, column, spec, source)
    return _READERS[column.kind](source, column, spec, zone)


def _read_moments(
    source: pa.Array, _column: Column, spec: ColumnMap, zone: tzinfo
) -> values.Reading:
    if spec.epoch:
        return values.read_epochs(source, spec.epoch)
    return times.read_times(source, spec.format, zone)


def _read_whole(source: pa.Array, column: Column, spec: ColumnMap, _zone: tzinfo) -> values.Reading:
    target = column.name.rpartition("_")[2]
    if target in ("s", "ms"):
        return values.read_seconds(source, spec.unit or target, target)
    return values.read_integers(source)


_READERS: Final[dict[str, Callable[[pa.Array, Column, ColumnMap, tzinfo], values.Reading]]] = {
    "timestamp": _read_moments,
    "integer": _read_whole,
    "date": lambda source, _column, spec, _zone: times.read_dates(source, spec.format),
    "number": lambda source, *_: values.read_numbers(source),
    "boolean": lambda source, *_: values.read_booleans(source),
}


def _read_text(work: Work, column: Column, spec: ColumnMap, source: pa.Array) -> values.Reading:
    import pyarrow as pa
    import pyarrow.compute as pc

    if spec.split:
        source = values.take_item(source, spec.split, spec.take)
    if spec.matching:
        fits = pc.match_substring_regex(source, spec.matching)
        source = pc.if_else(fits, source, pa.scalar(None, pa.string()))
    if column.name == "outcome" and "outcome_raw" not in work.plan.map.columns:
        work.worked["outcome_raw"] = mask_array(source)
    if spec.codes or column.enum:
        source = _decode(work, column, spec, source)
    if column.pii == "text":
        source = mask_array(source)
    # Many a CRM keys people by their number; ids must join, so it is hashed and not masked.
    if column.pii == "key":
        source = work.plan.hasher.hide_numbers(source)
    return values.Reading(source)


def _decode(work: Work, column: Column, spec: ColumnMap, source: pa.Array) -> pa.Array:
    """Look every code up; unknown ones are counted and never guessed."""
    import pyarrow as pa
    import pyarrow.compute as pc

    codes = spec.codes or {value: value for value in column.enum}
    filled = pc.fill_null(source, _EMPTY_CODE) if column.name in _TELLS_BY_NOTHING else source
    coded = filled.dictionary_encode()
    texts = coded.dictionary.to_pylist()
    known = [_find_code(codes, text, spec) for text in texts]
    # Without a word for others it becomes null, which may refuse the row.
    found = [column.catch_all if code is None else code for code in known]
    counts = Counter(coded.indices.to_pylist())
    for place, text in enumerate(texts):
        if known[place] is None:
            shown = mask_text(text[:READ_CHARS])
            name = shown if column.name == "outcome" else f"{column.name}={shown}"
            work.unknown[name] += counts[place]
    return pa.array(found, pa.string()).take(coded.indices)


def _find_code(codes: dict[str, str], text: str, spec: ColumnMap) -> str | None:
    """Return what a code stands for; of a join the first line whose parts fit, `*` fits all."""
    if text in codes or not spec.join:
        return codes.get(text)
    parts = text.split(spec.separator)
    for line, value in codes.items():
        wanted = line.split(spec.separator)
        pairs = zip(wanted, parts, strict=False)
        if len(wanted) == len(parts) and all(want in ("*", part) for want, part in pairs):
            return value
    return None


def _read_clocks(work: Work, spec: ColumnMap, zone: tzinfo) -> values.Reading:
    """Read times of day on a date; of several clocks the latest counts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    day = times.read_local(take(work, spec, str(spec.date)), spec.format or ("%Y-%m-%d",))
    unreadable = np.zeros(work.size, np.bool_) if day.unreadable is None else day.unreadable
    skipped = np.zeros(work.size, np.bool_)
    moments = []
    for name in spec.clock:
        local = times.read_clock(day.values, take(work, spec, name))
        moment, gap = to_utc(local.values, zone)
        if spec.after:
            rolled = times.roll_past_midnight(local.values, moment, work.worked[spec.after])
            moment, gap = to_utc(rolled, zone)
        if local.unreadable is not None:
            unreadable = unreadable | local.unreadable
        skipped = skipped | gap
        moments.append(moment.cast(pa.int64()))
    latest = pc.max_element_wise(*moments).cast(pa.timestamp("us", tz="UTC"))
    return values.Reading(latest, unreadable, skipped)


def _read_phones(work: Work, spec: ColumnMap) -> None:
    import pyarrow as pa

    found = work.plan.hasher.read_array(gather(work, spec).cast(pa.string()))
    work.worked.update(zip(("phone_hash", "phone_last4", "phone_region"), found, strict=True))


def _fill_in(work: Work) -> None:
    """Add what a map need not say: keys, what the codes can tell, constants of the source."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found, worked, size = work.plan.map, work.worked, work.size
    if found.turns and "seq" not in worked:
        worked["seq"] = work.chunk.columns["turn.seq"].cast(pa.int64())
    if found.table == "call":
        if "parent_call_id" in worked:
            # Some sources name a call that has no legs as its own parent.
            own = pc.equal(worked["parent_call_id"], worked["call_id"])
            none = pa.scalar(None, pa.string())
            worked["parent_call_id"] = pc.if_else(own, none, worked["parent_call_id"])
        worked["tells_won"] = pa.repeat(pa.scalar(found.tells_won), size)
        worked["tells_human"] = pa.repeat(pa.scalar(found.tells_human), size)
    keys = [worked[name].cast(pa.string()) for name in found.contract.key if name in worked]
    worked["source_pk"] = pc.binary_join_element_wise(*keys, "/")
    worked["source_system"] = pa.repeat(pa.scalar(found.source_system), size)
    worked["tenant_id"] = pa.repeat(pa.scalar(work.plan.tenant_id), size)
    worked["date_precision"] = pa.repeat(pa.scalar(found.date_precision), size)
    if "is_deleted" not in worked:
        worked["is_deleted"] = pa.repeat(pa.scalar(False), size)


def _date_rows(work: Work) -> None:
    """Add event_at, event_date and event_month as far as the source dates its rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    worked, found = work.worked, work.plan.map
    event = found.contract.event_column
    if found.date_precision == "second" and event in worked:
        worked["event_at"] = worked[event]
        worked["event_date"] = to_local_dates(worked[event], work.plan.company_zone)
    if "event_date" in worked:
        worked["event_month"] = to_months(worked["event_date"])
    file_time = pa.scalar(work.plan.file_time, pa.timestamp("us", tz="UTC"))
    exported = worked.get("extracted_at", pa.nulls(work.size, file_time.type))
    worked["extracted_at"] = pc.fill_null(exported, file_time)


def _refuse_gaps(work: Work) -> None:
    import numpy as np
    import pyarrow.compute as pc

    found = work.plan.map
    dated = {"second": found.contract.event_column, "day": "event_date", "month": "event_month"}
    wanted = [column.name for column in found.contract.columns if column.required]
    wanted += [name for name, spec in found.columns.items() if spec.required and name != "phone"]
    wanted += [
        name for name in (dated.get(found.date_precision), "source_pk", "is_deleted") if name
    ]
    for name in dict.fromkeys(wanted):
        array = work.worked[name]
        if array.null_count:
            spec = found.columns.get(name)
            tell = tell_input(work, spec) if spec else lambda _place: "the key has an empty part"
            work.refuse(np.asarray(pc.is_null(array)), f"{name}_missing", tell)


def _refuse_erased(work: Work) -> None:
    """Refuse rows of erased people, whatever else was wrong with them."""
    import numpy as np

    plan = work.plan
    if plan.erased is None:
        return
    hits = plan.erased.find(work.worked, plan.map.table, plan.map.source_system)
    if hits is not None:
        work.refused.update(dict.fromkeys(np.flatnonzero(hits).tolist(), (REASON, "")))


def _list_refused(work: Work) -> list[Refusal]:
    phones = work.plan.map.columns.get("phone")
    # What tells which column holds the number is no number itself.
    chooser = phones.pick.by if phones and phones.pick else None
    hidden = [name for name in phones.inputs if name != chooser] if phones else []
    # Quarantine would keep what an erasure took away: of these only the count remains.
    shown = [place for place in sorted(work.refused) if work.refused[place][0] != REASON]
    texts = mask_rows(work.chunk.raw(shown), hidden) if shown else []
    raw = dict(zip(shown, texts, strict=True))
    parts = work.chunk.parts if work.refused else []
    return [
        Refusal(work.chunk.lines[place], reason, detail, raw.get(place, "{}"), parts[place])
        for place, (reason, detail) in sorted(work.refused.items())
    ]


def _finish(work: Work) -> Mapped:
    import pyarrow as pa

    from leadloop.contract import arrow_schema

    refused = _list_refused(work)
    schema = arrow_schema(work.plan.map.contract)
    arrays: list[Any] = []
    for item in schema:
        array = work.worked.get(item.name)
        arrays.append(pa.nulls(work.size, item.type) if array is None else array.cast(item.type))
    table = pa.Table.from_arrays(arrays, schema=schema)
    table = table.set_column(
        schema.get_field_index("source_line"), "source_line", pa.array(work.chunk.lines, pa.int64())
    )
    if work.refused:
        good = [place for place in range(work.size) if place not in work.refused]
        table = table.take(pa.array(good, pa.int64()))
    return Mapped(table, [*work.chunk.refused, *refused], work.unknown)
