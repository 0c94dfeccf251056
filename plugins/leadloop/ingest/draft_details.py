"""How each matched column is to be read: formats, units, codes, numbers, and traps in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest import times, values
from leadloop.ingest.draft_shapes import Choice
from leadloop.ingest.maps import ColumnMap

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from leadloop.ingest.draft_shapes import Known, Level
    from leadloop.ingest.evidence import Evidence

    Matched = dict[str, tuple[Evidence, float]]

# Columns of a call without which its map makes no sense; other columns may be missing one day.
_CORE: Final = ("call_id", "direction", "phone", "originated_at", "outcome")
_TOLERANCE: Final = 2
_SHOWN_CODES: Final = 60


def describe_all(known: Known, matched: Matched) -> tuple[list[Choice], list[str]]:
    """Return the matched columns as words of a map, and questions about the file as a whole."""
    matched = dict(matched)
    questions: list[str] = []
    choices = list(_describe_moment(known, matched))
    for name, (found, score) in matched.items():
        if not any(choice.column == name for choice in choices):
            choices.append(_describe(known, name, found, score))
    if known.table.name == "call":
        choices = [_settle_talk(matched, choice) for choice in choices]
        choices = _settle_numbers(known, matched, choices)
        questions += _ask_about_calls(matched, choices)
    return choices, questions


def list_inputs(spec: dict[str, Any]) -> list[str]:
    """Return the columns of the file that the words of a column read."""
    return list(ColumnMap.model_validate(spec).inputs)


def _describe(known: Known, name: str, found: Evidence, score: float) -> Choice:
    column = known.table.get(name)
    spec: dict[str, Any] = {"from": found.name}
    asks: list[str] = []
    notes: dict[str, str] = {}
    level: Level = "sure" if score >= 0.8 else "likely"
    why = "name and values fit" if score >= 0.8 else "the name is like it, values fit"
    if not found.filled:
        level, why = "likely", "by its name; it is empty in the sample"
    if column is not None and column.kind in ("timestamp", "date"):
        asks += _describe_time(spec, found, name)
    elif column is not None and column.unit in ("s", "ms"):
        _describe_duration(spec, found, str(column.unit))
    elif column is not None and column.enum:
        notes, asked = _describe_codes(known, name, found, spec)
        asks += asked
    elif name == "agent_id" and (mark := _find_list_mark(found)):
        spec |= {"split": mark, "take": "first"}
        asks.append(
            f"`{found.name}` names several agents in a cell: is the first the one to judge?"
        )
    if name not in (*_CORE, *known.table.key):
        spec["optional"] = True
    if asks and level == "sure":
        level = "likely"
    allowed = column.enum if column else ()
    return Choice(name, spec, level, why, tuple(asks), notes, tuple(found.show()), allowed)


def _describe_time(spec: dict[str, Any], found: Evidence, name: str) -> list[str]:
    asks = []
    if found.epoch:
        spec["epoch"] = found.epoch
    elif found.formats:
        spec["format"] = found.formats[0] if len(found.formats) == 1 else list(found.formats)
    if found.empty:
        spec["empty"] = list(found.empty)
    if "day_or_month" in found.kinds:
        asks.append(
            f"`{found.name}`: is the day or the month first? No day above 12 is in the sample; "
            f"the draft takes the day first (`{name}`)."
        )
    return asks


def _describe_duration(spec: dict[str, Any], found: Evidence, target: str) -> None:
    if found.is_stopwatch:
        spec["unit"] = "clock"
    elif found.unit and found.unit != target:
        spec["unit"] = found.unit


def _describe_codes(
    known: Known, name: str, found: Evidence, spec: dict[str, Any]
) -> tuple[dict[str, str], list[str]]:
    """Add the codes that are known; those that are not are notes and questions, never guesses."""
    column = known.table.get(name)
    enum = column.enum if column else ()
    codes: dict[str, str] = {}
    notes: dict[str, str] = {}
    unknown, vague = [], []
    for code, rows in found.counts[:_SHOWN_CODES]:
        ours, whole = (
            known.words.find_code(name, code)
            if name in known.words.codes
            else (code if code in enum else None, True)
        )
        if ours is None or ours not in enum:
            unknown.append(code)
            notes[code] = f"{rows:,} rows: ?"
            continue
        codes[code] = ours
        notes[code] = f"{rows:,} rows" + ("" if whole else "; read in part")
        if ours == "human_other":
            vague.append(code)
    spec["codes"] = codes
    asks = []
    if unknown:
        shown = ", ".join(unknown[:8]) + (" ..." if len(unknown) > 8 else "")
        fate = "land as other" if name == "outcome" else "are left empty"
        asks.append(f"`{name}`: what do these codes mean: {shown}? Until then they {fate}.")
    if vague and name == "outcome":
        asks.append(
            f"`outcome`: does {', '.join(vague[:4])} mean that a person answered (human_other)? "
            "Where voice boxes are in it, write other."
        )
    return notes, asks


def _find_list_mark(found: Evidence) -> str | None:
    texts = found.values.drop_null().to_pylist()[:1000]
    for mark in (",", ";", "|"):
        if sum(mark in text for text in texts) >= max(1, 0.02 * len(texts)):
            return mark
    return None


def _describe_moment(known: Known, matched: Matched) -> Iterator[Choice]:
    """Give the event's time from two columns, a day and a time of day, where none has both."""
    event = known.table.event_column
    if event is None or (event in matched and "day" not in matched[event][0].kinds - {"time"}):
        return
    day = known.pick(known.words.days, "day") or (matched[event][0] if event in matched else None)
    clock = known.pick(known.words.clocks, "clock")
    if day is None or not day.filled:
        return
    if clock is not None:
        matched.pop(event, None)
        for name in [name for name, (found, _) in matched.items() if found in (day, clock)]:
            matched.pop(name)
        spec = {
            "join": [day.name, clock.name],
            "separator": " ",
            "format": f"{day.formats[0]} {clock.formats[0]}",
        }
        samples = tuple(" ".join(pair) for pair in zip(day.show(1), clock.show(1), strict=False))
        yield Choice(event, spec, "likely", "day and time in two columns", (), {}, samples)
    elif event in matched and known.table.get("event_date"):
        matched.pop(event)
        spec = {"from": day.name, "format": day.formats[0]}
        ask = f"`{day.name}` has days without a time: is there no column with the time of day?"
        yield Choice("event_date", spec, "likely", "a day", (ask,), {}, tuple(day.show()))


def _settle_talk(matched: Matched, choice: Choice) -> Choice:
    """Hold the duration against the times: its unit, and whether it holds the ringing."""
    if choice.column != "talk_s":
        return choice
    found = matched["talk_s"][0]
    spec = dict(choice.spec)
    asks = list(choice.questions)
    why, level = choice.why, choice.level
    kind = _compare_spans(matched, found)
    if kind in ("talk_ms", "whole_ms"):
        spec["unit"] = "ms"
        why = "1,000 times the span between the times: milliseconds"
    if kind in ("whole", "whole_ms"):
        if "answered_at" in matched and "ended_at" in matched:
            spec = {"between": ["answered_at", "ended_at"]}
        elif "ring_s" in matched:
            spec["subtract"] = matched["ring_s"][0].name
        why = f"`{found.name}` runs from the start of the call, ringing included"
    elif kind == "unclear":
        level = "guess"
        asks.append(
            f"`{found.name}` fits neither the time from answer to end nor that from start to end: "
            "is it the talk, in seconds?"
        )
    if "answered_at" in matched:
        spec["when"] = "answered_at"
    elif "from" in spec:
        spec["empty"] = ["0", "0:00:00", "00:00:00", "00:00"]
    return replace(choice, spec=spec, why=why, level=level, questions=tuple(asks))


def _compare_spans(matched: Matched, found: Evidence) -> str:
    """Return what the duration equals: talk, talk_ms, whole, whole_ms, unclear or nothing."""
    import numpy as np

    spans = {}
    end = _read_moments(matched, "ended_at")
    for kind, column in (("talk", "answered_at"), ("whole", "originated_at")):
        begin = _read_moments(matched, column)
        if begin is not None and end is not None:
            spans[kind] = _to_floats(values.count_seconds(begin, end))
    length = _to_seconds(found)
    if "talk" not in spans and "whole" in spans and "ring_s" in matched:
        spans["talk"] = spans["whole"] - _to_seconds(matched["ring_s"][0])
    told = np.isfinite(length) & (length > 0)
    for span in spans.values():
        told &= np.isfinite(span)
    if "talk" in spans and "whole" in spans:
        # Where nothing rang the two cannot be told apart.
        told &= np.abs(spans["whole"] - spans["talk"]) > _TOLERANCE
    if not spans or told.sum() < 5:
        return "nothing"
    for kind, span in spans.items():
        for suffix, scale in (("", 1), ("_ms", 1000)):
            near = np.abs(length[told] / scale - span[told]) <= _TOLERANCE
            if near.mean() >= 0.8:
                return kind + suffix
    return "unclear"


def find_earliest(found: list[Evidence]) -> Evidence | None:
    """Return the column whose times come first in most rows; None where none has times."""
    import numpy as np

    timed = [(item, moments) for item in found if (moments := _to_moments(item)) is not None]
    if not timed:
        return None
    grid = np.array([_to_floats(moments.cast("int64")) for _, moments in timed])
    grid = grid[:, np.isfinite(grid).all(axis=0)]
    firsts = np.bincount(grid.argmin(axis=0), minlength=len(timed))
    return timed[int(firsts.argmax())][0]


def _read_moments(matched: Matched, name: str) -> pa.Array | None:
    return _to_moments(matched[name][0]) if name in matched else None


def _to_moments(found: Evidence) -> pa.Array | None:
    if found.epoch:
        return values.read_epochs(found.values, found.epoch).values
    if "time" in found.kinds:
        return times.read_times(found.values, found.formats, UTC).values
    return None


def _to_seconds(found: Evidence) -> Any:
    unit = "clock" if found.is_stopwatch else "s"
    return _to_floats(values.read_seconds(found.values, unit, "s").values)


def _to_floats(array: pa.Array) -> Any:
    import pyarrow as pa

    return array.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _settle_numbers(known: Known, matched: Matched, choices: list[Choice]) -> list[Choice]:
    """Take the customer's number by who called: the called one of a dial, the caller's else."""
    ours = known.pick(known.words.ours, "dialled")
    theirs = known.pick(known.words.theirs, "phone")
    if ours is None or theirs is None or ours.name == theirs.name:
        return choices
    directions = [c.spec.get("codes", {}) for c in choices if c.column == "direction"]
    codes: dict[str, str] = directions[0] if directions else {}
    inbound = [code for code, value in codes.items() if value == "inbound"]
    asks: tuple[str, ...] = ()
    if inbound:
        by = matched["direction"][0].name
        cases = {c: ours.name if v == "inbound" else theirs.name for c, v in codes.items()}
        spec: dict[str, Any] = {"pick": {"by": by, "cases": cases}}
        why = "the called number of a dial, the caller's of an inbound call"
    else:
        chosen = theirs
        if ours.distinct > 3 * theirs.distinct:
            chosen = ours
            asks = (
                f"`{theirs.name}` has hardly any numbers, `{ours.name}` has many: is the latter "
                "the customer's?",
            )
        spec, why = {"from": chosen.name}, "the called number"
    return [
        replace(c, spec=spec, why=why, questions=asks) if c.column == "phone" else c
        for c in choices
        if c.column != "caller_number_id" or c.spec.get("from") not in (ours.name, theirs.name)
    ]


def _ask_about_calls(matched: Matched, choices: list[Choice]) -> list[str]:
    asks = []
    if "call_id" in matched:
        found = matched["call_id"][0]
        again = found.filled - found.distinct
        if again and "parent_call_id" not in matched:
            asks.append(
                f"`{found.name}` comes {again:,} times again: are these legs of one call (then map "
                "the leg's own id as call_id and this one as parent_call_id) or rows sent twice?"
            )
    if not any(choice.column == "phone" for choice in choices):
        asks.append("No column holds telephone numbers: leads cannot be told apart without a key.")
    elif "phone" in matched:
        texts = matched["phone"][0].values.drop_null().to_pylist()
        masked = sum("*" in text for text in texts)
        if masked > 0.5 * max(1, len(texts)):
            asks.append("The numbers are masked: can the vendor send a hash or the lead's id too?")
    return asks
