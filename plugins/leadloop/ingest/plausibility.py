"""What is odd about a file as a map reads it: mistakes that no single row shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from datetime import tzinfo

    import pyarrow as pa

    from leadloop.ingest.outcomes import ImportOutcome
    from leadloop.ingest.rows import Mapped

# A share of refused rows above this says that the map is wrong, not the rows.
_REFUSED: Final = 0.02
_UNKNOWN: Final = 0.05
# Diallers keep to the day; a zone that is wrong by eight hours moves most of it into the night.
_NIGHT: Final = 0.2
_NIGHT_HOURS: Final = (22, 23, 0, 1, 2, 3, 4, 5, 6)
_ENOUGH: Final = 20
_ANSWERED: Final = ("human_", "served")


@dataclass(slots=True)
class Picture:
    """Counts over the rows of a file, filled chunk by chunk."""

    zone: tzinfo
    hours: Counter[int] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    talked: Counter[str] = field(default_factory=Counter)
    numbers: int = 0
    rows: int = 0

    def watch(self, mapped: Mapped) -> None:
        """Count a chunk of calls; other tables have nothing to count."""
        import pyarrow as pa
        import pyarrow.compute as pc

        table = mapped.table
        if "outcome" not in table.column_names:
            return
        self.rows += table.num_rows
        local = table["originated_at"].cast(pa.timestamp("us", tz=str(self.zone)))
        self.hours.update(_count(pc.hour(local).drop_null()))
        self.outcomes.update(_count(table["outcome"]))
        has_talk = pc.fill_null(pc.greater(table["talk_s"], 0), False)
        self.talked.update(_count(table["outcome"].filter(has_talk)))
        self.numbers += table.num_rows - table["phone_hash"].null_count

    def list_remarks(self) -> list[str]:
        """Return in words what is odd; nothing for a file too small to tell."""
        if self.rows < _ENOUGH:
            return []
        remarks = []
        told = sum(self.hours.values())
        night = sum(self.hours[hour] for hour in _NIGHT_HOURS)
        if told >= _ENOUGH and night > _NIGHT * told:
            remarks.append(
                f"{night / told:.0%} of the calls began between 22:00 and 7:00: is the time zone "
                "right (`timezone`, `zone`)?"
            )
        people = sum(n for name, n in self.outcomes.items() if name.startswith(_ANSWERED))
        if people == self.rows:
            remarks.append("Every call was answered by a person: are failed dials left out?")
        if not people:
            remarks.append("No call was answered by a person: which code says so (`outcome`)?")
        talked = sum(
            n for name, n in self.talked.items()
            if not name.startswith(_ANSWERED) and name not in ("other", "machine", "test")
        )  # fmt: skip
        if talked > _UNKNOWN * self.rows:
            remarks.append(
                f"{talked:,} calls that nobody answered have talk: does the duration hold the "
                "ringing (`subtract`, `between`, `when`)?"
            )
        if self.numbers < 0.5 * self.rows:
            remarks.append(
                f"{self.rows - self.numbers:,} of {self.rows:,} calls have no number that can be "
                "joined (withheld, masked, or another column)."
            )
        return remarks


def _count(values: pa.ChunkedArray) -> dict[Any, int]:
    return {item["values"]: item["counts"] for item in values.value_counts().to_pylist()}


def judge_preview(outcome: ImportOutcome) -> dict[str, Any]:
    """Return `findings` (the map is wrong) and `remarks` (a person should look) of a dry run."""
    findings: list[str] = []
    remarks: list[str] = []
    for reason, count in outcome.by_reason.items():
        line = f"{count:,} row(s) refused: {reason}"
        (findings if count > _REFUSED * outcome.read else remarks).append(line)
    for code, count in outcome.unknown_codes.items():
        line = f"code {code!r} is not known: {count:,} row(s)"
        (findings if count > _UNKNOWN * outcome.read else remarks).append(line)
    if not outcome.read:
        findings.append("the file has no rows")
    elif not outcome.landed and not outcome.duplicate:
        findings.append("no row would land")
    remarks += outcome.remarks
    return {"findings": findings, "remarks": remarks}
