"""What is wrong with the made company's files: re-sent, late, corrected, unknown and broken rows.

Real diallers export all of this; the door has to count every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadloop.simulate.exports.dialler import COLUMNS
from leadloop.simulate.exports.forms import export_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from leadloop.simulate.calendar import DayOf

RESENT_SHARE = 0.003
LATE_ROWS = 2
UNKNOWN_CODES = ("LINE_507", "ROBOT_SCREEN", "GATEWAY_X1")
STATUS, LEAD = COLUMNS.index("status"), COLUMNS.index("lead_id")
PARENT = COLUMNS.index("parent_call_id")
START = COLUMNS.index("start_time")
EXPORTED = COLUMNS.index("export_time")
CUT_AFTER = 9


@dataclass(slots=True)
class Dirt:
    """How many rows of each kind were planted so far, and what waits for a later file."""

    resent: int = 0
    late: int = 0
    corrected: int = 0
    unknown: int = 0
    broken: int = 0
    held: dict[int, list[list[str]]] = field(default_factory=dict)
    yesterday: list[list[str]] = field(default_factory=list)

    def spoil(
        self,
        day: DayOf,
        rows: list[list[str]],
        bought: set[str],
        generator: np.random.Generator,
    ) -> list[str]:
        """Return the lines of a day's file, with the day's dirt in it.

        `bought` are ids of leads that said yes the day before and bought online since: the record
        of their call is sent once more, as a deal.
        """
        clean = [row for row in rows if row[STATUS] == "NOANSWER"]
        order = generator.permutation(len(clean))
        spare = iter([clean[place] for place in order])
        self._rename_code(spare, generator)
        late = self._hold_back(day.number, spare, generator)
        broken = self._break(spare, generator)
        away = {id(row) for row in (*late, *broken)}
        kept = [row for row in rows if id(row) not in away]
        arrived = self._deliver(day.number, day.date)
        corrected = self._correct(day.date, bought)
        resent = self._send_again(day.date, kept, generator)
        self.yesterday = kept
        lines = [",".join(row) for row in (*kept, *arrived, *corrected, *resent)]
        return _scatter(lines, _damage(broken), generator)

    def _rename_code(self, spare: Iterator[list[str]], generator: np.random.Generator) -> None:
        for row in _take(spare, 1):
            row[STATUS] = UNKNOWN_CODES[int(generator.integers(len(UNKNOWN_CODES)))]
            self.unknown += 1

    def _hold_back(
        self, day: int, spare: Iterator[list[str]], generator: np.random.Generator
    ) -> list[list[str]]:
        rows = _take(spare, LATE_ROWS)
        for row in rows:
            later = day + int(generator.integers(2, 7))
            self.held.setdefault(later, []).append(row)
        return rows

    def _deliver(self, day: int, date: str) -> list[list[str]]:
        rows = self.held.pop(day, [])
        for row in rows:
            row[EXPORTED] = export_time(date)
        self.late += len(rows)
        return rows

    def _correct(self, date: str, bought: set[str]) -> list[list[str]]:
        """Return calls of the day before whose result changed: the deal came after the talk."""
        rows = []
        for old in self.yesterday:
            if old[LEAD] in bought and old[STATUS] == "ANSWERED_INTERESTED" and not old[PARENT]:
                row = list(old)
                row[STATUS], row[EXPORTED] = "ANSWERED_WON", export_time(date)
                rows.append(row)
        self.corrected += len(rows)
        return rows

    def _send_again(
        self, date: str, rows: list[list[str]], generator: np.random.Generator
    ) -> list[list[str]]:
        count = round(len(rows) * RESENT_SHARE)
        again = [list(rows[place]) for place in generator.permutation(len(rows))[:count]]
        for row in again[::2]:  # half of them as they were, half exported once more
            row[EXPORTED] = export_time(date, minutes=45)
        self.resent += count
        return again

    def _break(self, spare: Iterator[list[str]], generator: np.random.Generator) -> list[list[str]]:
        rows = _take(spare, int(generator.integers(1, 3)))
        self.broken += len(rows)
        return rows


def _take(rows: Iterator[list[str]], count: int) -> list[list[str]]:
    return [row for row, _ in zip(rows, range(count), strict=False)]


def _damage(rows: list[list[str]]) -> list[str]:
    """Return broken lines: one cut off in the middle, one whose time is unreadable."""
    lines = []
    for place, row in enumerate(rows):
        if place == 0:
            lines.append(",".join(row[:CUT_AFTER]))
        else:
            lines.append(",".join([*row[:START], f"{row[START][:8]}?? --:--", *row[START + 1 :]]))
    return lines


def _scatter(lines: list[str], broken: list[str], generator: np.random.Generator) -> list[str]:
    for line in broken:
        lines.insert(int(generator.integers(len(lines) + 1)), line)
    return lines
