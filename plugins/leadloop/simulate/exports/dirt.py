"""What is wrong with the made company's files: re-sent, late, corrected, unknown and broken rows.

Real diallers export all of this; the door has to count every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadloop.simulate.exports.forms import export_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np

RESENT_SHARE = 0.003
LATE_ROWS = 2
UNKNOWN_CODES = ("LINE_507", "ROBOT_SCREEN", "GATEWAY_X1")
CUT_AFTER = 9


@dataclass(slots=True)
class Dirt:
    """How many rows of each kind were planted so far, and what waits for a later file.

    `columns` are those of the dialler's rows; status, start_time and export_time are among them.
    """

    columns: Sequence[str]
    resent: int = 0
    late: int = 0
    corrected: int = 0
    unknown: int = 0
    broken: int = 0
    held: dict[int, list[list[str]]] = field(default_factory=dict)
    yesterday: list[list[str]] = field(default_factory=list)
    _status: int = field(init=False)
    _start: int = field(init=False)
    _exported: int = field(init=False)

    def __post_init__(self) -> None:
        names = ("status", "start_time", "export_time")
        self._status, self._start, self._exported = (self.columns.index(name) for name in names)

    def spoil(
        self,
        day: tuple[int, str],
        rows: list[list[str]],
        pick: Callable[[list[list[str]], np.random.Generator], list[list[str]]],
        generator: np.random.Generator,
    ) -> list[str]:
        """Return the lines of a day's file, with the day's dirt in it.

        `day` is its number and date. `pick` chooses from the talks in which somebody was
        interested the day before: their records are sent once more, as deals.
        """
        number, date = day
        clean = [row for row in rows if row[self._status] == "NOANSWER"]
        order = generator.permutation(len(clean))
        spare = iter([clean[place] for place in order])
        self._rename_code(spare, generator)
        late = self._hold_back(number, spare, generator)
        broken = self._break(spare, generator)
        away = {id(row) for row in (*late, *broken)}
        kept = [row for row in rows if id(row) not in away]
        arrived = self._deliver(number, date)
        corrected = self._correct(date, pick, generator)
        resent = self._send_again(date, kept, generator)
        self.yesterday = kept
        lines = [",".join(row) for row in (*kept, *arrived, *corrected, *resent)]
        return _scatter(lines, self._damage(broken), generator)

    def _rename_code(self, spare: Iterator[list[str]], generator: np.random.Generator) -> None:
        for row in _take(spare, 1):
            row[self._status] = UNKNOWN_CODES[int(generator.integers(len(UNKNOWN_CODES)))]
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
            row[self._exported] = export_time(date)
        self.late += len(rows)
        return rows

    def _correct(
        self,
        date: str,
        pick: Callable[[list[list[str]], np.random.Generator], list[list[str]]],
        generator: np.random.Generator,
    ) -> list[list[str]]:
        """Return calls of the day before whose result changed: the deal came after the talk."""
        keen = [row for row in self.yesterday if row[self._status] == "ANSWERED_INTERESTED"]
        rows = [list(row) for row in pick(keen, generator)]
        for row in rows:
            row[self._status], row[self._exported] = "ANSWERED_WON", export_time(date)
        self.corrected += len(rows)
        return rows

    def _send_again(
        self, date: str, rows: list[list[str]], generator: np.random.Generator
    ) -> list[list[str]]:
        count = round(len(rows) * RESENT_SHARE)
        again = [list(rows[place]) for place in generator.permutation(len(rows))[:count]]
        for row in again[::2]:  # half of them as they were, half exported once more
            row[self._exported] = export_time(date, minutes=45)
        self.resent += count
        return again

    def _break(self, spare: Iterator[list[str]], generator: np.random.Generator) -> list[list[str]]:
        rows = _take(spare, int(generator.integers(1, 3)))
        self.broken += len(rows)
        return rows

    def _damage(self, rows: list[list[str]]) -> list[str]:
        """Return broken lines: one cut off in the middle, one whose time is unreadable."""
        lines, start = [], self._start
        for place, row in enumerate(rows):
            if place == 0:
                lines.append(",".join(row[:CUT_AFTER]))
            else:
                unreadable = f"{row[start][:8]}?? --:--"
                lines.append(",".join([*row[:start], unreadable, *row[start + 1 :]]))
        return lines


def _take(rows: Iterator[list[str]], count: int) -> list[list[str]]:
    return [row for row, _ in zip(rows, range(count), strict=False)]


def _scatter(lines: list[str], broken: list[str], generator: np.random.Generator) -> list[str]:
    for line in broken:
        lines.insert(int(generator.integers(len(lines) + 1)), line)
    return lines
