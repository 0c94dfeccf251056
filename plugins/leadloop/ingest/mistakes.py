"""Cross-checks of a map: what its shape alone cannot tell, all mistakes at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from leadloop.ingest.maps import SOURCES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.contract import Column
    from leadloop.ingest.maps import ColumnMap, Map, Reads

    Mistake = tuple[tuple[str, ...], str, Any]

# Written by the door itself; a map that sets them would break keys or hashes.
_OURS = (
    "tenant_id",
    "source_system",
    "source_pk",
    "event_at",
    "date_precision",
    "ingested_at",
    "batch_id",
    "row_hash",
    "source_file",
    "source_line",
    "tells_won",
    "tells_human",
    "phone_hash",
    "phone_last4",
    "phone_region",
)
# Filled in from the row's place or from another column where the map leaves them out.
_FILLED = ("source_pk", "tells_won", "tells_human")


def find_mistakes(found: Map) -> None:
    """Raise a ValidationError that holds every mistake of the map; return nothing if right."""
    mistakes = [*_check_whole(found), *_check_dates(found)]
    for name, spec in found.columns.items():
        mistakes += [
            (("columns", name, *place), text, seen)
            for place, text, seen in _check_column(found, name, spec)
        ]
    if mistakes:
        raise ValidationError.from_exception_data(
            found.name,
            [
                InitErrorDetails(
                    # Braces in what was seen must not be read as a template.
                    type=PydanticCustomError("map", "{text}", {"text": text}),
                    loc=place,
                    input=seen,
                )
                for place, text, seen in mistakes
            ],
        )


def _check_whole(found: Map) -> Iterator[Mistake]:
    if not _is_zone(found.timezone):
        yield ("timezone",), "is not an IANA time zone such as Asia/Shanghai", found.timezone
    if found.turns is None and any(name.startswith("turn.") for name in found.inputs):
        yield ("columns",), "turn.* needs `turns: {each: ...}`", None
    if found.turns and found.reads.format in ("csv", "xlsx"):
        yield ("turns",), "a row of a table holds no list of turns", found.turns.each
    yield from _check_reads(found.reads)
    for column in found.contract.columns:
        given = {*found.columns, *_FILLED, *(("seq",) if found.turns else ())}
        if "phone" in found.columns:
            given.add("phone_hash")
        if column.required and column.name not in given:
            yield ("columns", column.name), "the contract needs this column", None
    for place, test in enumerate(found.tests):
        if (test.gives is None) == (test.refused is None):
            yield ("tests", str(place)), "give either `gives` or `refused`", test.name


def _check_reads(reads: Reads) -> Iterator[Mistake]:
    delimiter = reads.delimiter
    if delimiter != "auto" and (
        len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n\0'
    ):
        yield ("reads", "delimiter"), "is neither `auto` nor one ASCII character", delimiter
    if reads.encoding != "auto":
        try:
            "a".encode(reads.encoding)
        except (LookupError, UnicodeError):
            text = "is neither `auto` nor an encoding of text such as gb18030"
            yield ("reads", "encoding"), text, reads.encoding
    if reads.sheet is not None and reads.format not in ("csv", "xlsx"):
        yield ("reads", "sheet"), "is only for tables", reads.sheet
    if reads.records and reads.format != "json":
        yield ("reads", "records"), "is only for `format: json`", reads.records


def _check_dates(found: Map) -> Iterator[Mistake]:
    event = found.contract.event_column
    wanted = {"second": event, "day": "event_date", "month": "event_month", "none": None}
    column = wanted[found.date_precision]
    if column and column not in found.columns:
        text = f"date_precision {found.date_precision} needs the column {column}"
        yield ("date_precision",), text, found.date_precision
    for other in ("event_date", "event_month"):
        if other in found.columns and other != column:
            text = f"is only for another date_precision than {found.date_precision}"
            yield ("columns", other), text, None


def _check_column(found: Map, name: str, spec: ColumnMap) -> Iterator[Mistake]:
    column = found.contract.get(name)
    if name == "phone" and found.contract.get("phone_hash"):
        pass
    elif column is None or name in _OURS:
        text = f"is not a column of {found.table} that a map can set"
        yield (), text, name
        return
    if len(spec.sources) != 1:
        text = f"needs exactly one of {', '.join(kind.rstrip('_') for kind in SOURCES)}"
        yield (), text, spec.sources
    if column is not None:
        yield from _check_kind(spec, column)
    yield from _check_codes(spec, column)
    if not _is_zone(spec.zone):
        yield ("zone",), "is not an IANA time zone such as Asia/Shanghai", spec.zone
    if spec.clock and spec.date is None:
        yield ("date",), "a clock needs the column of its date", None
    earlier = list(found.columns)[: list(found.columns).index(name)]
    for place in ("after", "when", "between"):
        others = getattr(spec, place)
        for other in (others,) if isinstance(others, str) else others or ():
            if other not in earlier:
                yield (place,), "must name a column of this map further up", other
    yield from _check_words(found, spec)


def _check_words(found: Map, spec: ColumnMap) -> Iterator[Mistake]:
    for other in spec.between or ():
        column = found.contract.get(other)
        if column is None or column.kind != "timestamp":
            yield ("between",), "must name two columns that are times", other
    for name in spec.present:
        if name not in spec.join or not spec.codes:
            yield ("present", name), "only a part of a `join` with `codes` can be present", name
    if spec.matching:
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            # By the engine that will read it, which knows no looking ahead.
            pc.match_substring_regex(pa.array([""]), spec.matching)
        except pa.ArrowInvalid as error:
            yield ("matching",), f"is not a regular expression: {error}", spec.matching


def _check_kind(spec: ColumnMap, column: Column) -> Iterator[Mistake]:
    kinds = {
        "clock": ("timestamp",),
        "after": ("timestamp",),
        "epoch": ("timestamp",),
        "zone": ("timestamp",),
        "month": ("date",),
        "object": ("text",),
        "unit": ("integer", "number"),
        "between": ("integer", "number"),
        "subtract": ("integer", "number"),
        "split": ("text",),
        "matching": ("text",),
        "format": ("timestamp", "date"),
    }
    for word, allowed in kinds.items():
        if getattr(spec, word) and column.kind not in allowed:
            text = f"`{word}` does not fit a column of kind {column.kind}"
            yield (word,), text, getattr(spec, word)
    if spec.object and column.name != "custom":
        yield ("object",), "only `custom` holds an object", None


def _check_codes(spec: ColumnMap, column: Column | None) -> Iterator[Mistake]:
    if column is None or not column.enum:
        if spec.codes and (column is None or column.kind != "text"):
            yield ("codes",), "only a text column has codes", None
        return
    for code, value in spec.codes.items():
        if value not in column.enum:
            yield ("codes", code), f"wanted one of {', '.join(column.enum)}", value
    if spec.constant is not None and spec.constant not in column.enum:
        yield ("constant",), f"wanted one of {', '.join(column.enum)}", spec.constant


def _is_zone(name: str | None) -> bool:
    if name is None:
        return True
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True
