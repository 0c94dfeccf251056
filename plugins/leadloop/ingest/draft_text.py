"""Writes a drafted map as YAML: columns with how sure they are, codes with rows, questions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml

from leadloop.ingest.examples import map_row
from leadloop.ingest.maps import Map
from leadloop.ingest.outcomes import show_row

if TYPE_CHECKING:
    from leadloop.ingest.draft_shapes import Choice, Draft
    from leadloop.settings import Company

# What of a row is shown in the example: nothing that says who it is about.
_TOLD: Final = (
    "direction", "originated_at", "ring_at", "answered_at", "ended_at", "event_date", "ring_s",
    "talk_s", "outcome", "hangup_by", "phone_last4", "created_at", "status", "stage", "placed_at",
    "amount", "started_at", "state", "speaker_role", "hire_date", "checked_at",
)  # fmt: skip
_A_NUMBER: Final = "13800138000"


def write_draft(draft: Draft, name: str, company: Company) -> str:
    """Return the text of a map file."""
    zone = company.timezone if draft.timezone else None
    lines = [
        f"# Drafted from {draft.sample.rows:,} rows of a file. Answer the questions, correct what",
        f"# is wrong, then: leadloop map check {name} --file FILE",
    ]
    for number, question in enumerate(draft.questions, start=1):
        lines.append(f"# Question {number}. {question}")
    lines += [
        f"name: {name}",
        f"source_system: {name}  # part of every row's key: never change it later",
        f"table: {draft.table.name}",
        f"description: Rows of {draft.table.things.replace('_', ' ')} as {name} exports them.",
    ]
    if zone:
        lines.append(f"timezone: {zone}  # the company's; the times of the file carry no zone")
    reads = draft.sample.reads.model_dump(exclude_defaults=True)
    lines += [f"reads: {_flow(reads)}", f"date_precision: {draft.precision}", "columns:"]
    for choice in draft.choices:
        lines += _write_column(choice)
    if draft.unread:
        lines.append(f"  # Not read: {', '.join(draft.unread)}")
    lines += ["tests:", *_write_test(draft, name, zone)]
    return "\n".join(lines) + "\n"


def _write_column(choice: Choice) -> list[str]:
    remark = f"  # {choice.level}: {choice.why}"
    codes = choice.spec.get("codes")
    if codes is None:
        spec = choice.spec
        value = _scalar(spec["from"]) if list(spec) == ["from"] else _flow(spec)
        return [f"  {choice.column}: {value}{remark}"]
    lines = [f"  {choice.column}:{remark}"]
    lines += [
        f"    {word}: {_flow(value)}" for word, value in choice.spec.items() if word != "codes"
    ]
    lines.append("    codes:" if codes else "    codes: {}")
    if len(codes) < len(choice.notes):
        lines.append(f"      # one of {', '.join(choice.allowed)}")
    for code, note in choice.notes.items():
        if code in codes:
            lines.append(f"      {_key(code)}: {codes[code]}  # {note}")
        else:
            lines.append(f"      # {_key(code)}:   # {note}")
    return lines


def _write_test(draft: Draft, name: str, zone: str | None) -> list[str]:
    row = _make_row(draft)
    spec: dict[str, Any] = {
        "name": name, "source_system": name, "table": draft.table.name, "description": "drafted",
        "timezone": zone, "reads": {"format": "csv"}, "date_precision": draft.precision,
        "columns": {choice.column: choice.spec for choice in draft.choices},
        "tests": [{"name": "drafted", "row": row, "gives": {}}],
    }  # fmt: skip
    mapped = map_row(Map.model_validate(spec), row)
    gives: dict[str, Any] = {}
    if mapped.table.num_rows:
        landed = show_row(mapped.table.slice(0, 1).to_pylist()[0])
        gives = {key: landed[key] for key in _TOLD if key in landed}
    return [
        "  - name: a row of the sample, its ids and number replaced; correct what is read wrongly",
        f"    row: {_flow(row)}",
        f"    gives: {_flow(gives)}",
    ]


def _make_row(draft: Draft) -> dict[str, str]:
    """Return a telling row of the sample in which ids, numbers and words are made up."""
    from leadloop.ingest.draft_details import list_inputs

    place = _find_telling(draft)
    row: dict[str, str] = {}
    for number, choice in enumerate(draft.choices, start=1):
        column = draft.table.get(choice.column)
        kept = column is not None and (column.kind != "text" or bool(column.enum))
        for source in list_inputs(choice.spec):
            texts = draft.sample.columns.get(source)
            value = None if texts is None else texts[place].as_py()
            if not value or source in row:
                continue
            by = choice.spec.get("pick", {}).get("by")
            if kept or source == by:
                row[source] = value
            elif choice.column == "phone":
                row[source] = _A_NUMBER
            else:
                row[source] = f"x{number}"
    return row


def _find_telling(draft: Draft) -> int:
    """Return the first row whose talk and outcome are told, else the first."""
    columns = draft.sample.columns
    sources = {c.column: c.spec.get("from") for c in draft.choices}
    talk = sources.get("talk_s") or sources.get("answered_at")
    outcome = next((c for c in draft.choices if c.column == "outcome"), None)
    if outcome is None or outcome.spec.get("from") not in columns:
        return 0
    codes = columns[outcome.spec["from"]].to_pylist()
    talks = columns[talk].to_pylist() if talk in columns else codes
    known = outcome.spec.get("codes", {})
    nothing = (None, "", "0", "0:00:00", "00:00:00", "00:00")
    for place, (code, said) in enumerate(zip(codes, talks, strict=True)):
        if (code or "").strip() in known and said not in nothing:
            return place
    return 0


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(
        value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False
    )
    return text.removesuffix("...\n").strip()


def _scalar(text: str) -> str:
    return _flow({"k": text})[4:-1]


def _key(text: str) -> str:
    return _flow({text: 0})[1:-4]
