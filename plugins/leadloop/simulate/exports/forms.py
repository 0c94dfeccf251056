"""Ids, numbers and times as the systems write them, and the files they leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

Texts = "NDArray[np.str_]"


@dataclass(frozen=True, slots=True)
class Inbox:
    """The folder in which every system drops a file a day."""

    folder: Path

    def write(self, feed: str, date: str, lines: Iterable[str], ending: str = "csv",
              encoding: str = "utf-8") -> None:  # fmt: skip
        """Write `feed/<name>_<date>.<ending>`, whole or not at all."""
        path = self.folder / f"{feed}_{date}.{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}")
        with draft.open("w", encoding=encoding, newline="") as file:
            file.writelines(f"{line}\n" for line in lines)
        draft.replace(path)

    def write_table(self, feed: str, date: str, table: Mapping[str, Any],
                    encoding: str = "utf-8") -> None:  # fmt: skip
        """Write a table as CSV; a table without rows leaves no file."""
        rows = list_rows(table)
        if rows:
            self.write(feed, date, [",".join(table), *(",".join(row) for row in rows)],
                       encoding=encoding)  # fmt: skip


def list_rows(table: Mapping[str, Any]) -> list[list[str]]:
    """Return the rows of a table of equally long columns, or of one text for all rows."""
    count = next((len(column) for column in table.values() if not isinstance(column, str)), 0)
    columns = [_list_texts(column, count) for column in table.values()]
    return [list(row) for row in zip(*columns, strict=True)]


def _list_texts(column: Any, count: int) -> Sequence[str]:
    if isinstance(column, str):
        return [column] * count
    return np.asarray(column).astype(str).tolist() if len(column) else []


def lead_ids(row: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the CRM's id of each lead by its row number.

    >>> str(lead_ids(np.array([0]))[0])
    'L0000001'
    """
    return np.char.add("L", np.char.mod("%07d", np.asarray(row) + 1))


def customer_ids(customer: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the id of each customer by its number, the same everywhere; '' for none."""
    texts = np.char.add("K", np.char.mod("%06d", customer))
    return np.where(customer > 0, texts, "")


def lead_phones(row: NDArray[np.int64], same_as: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return a number for each lead under 154, a prefix that China has not assigned.

    A lead that is the same person as an earlier one has its number.
    """
    number = np.where(same_as >= 0, same_as, row).astype(np.int64) + 1
    # Multiplying by a number prime to 10^8 spreads the leads without giving two the same number.
    spread = (number * 36_054_321) % 100_000_000
    return np.char.add("154", np.char.mod("%08d", spread))


def local_times(day: str, seconds: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return local times as systems write them, such as `2026-03-02 09:00:05`."""
    moments = np.datetime64(day, "s") + np.asarray(seconds).astype("timedelta64[s]")
    texts = np.datetime_as_string(moments).astype("U19")
    # In place of a replace on every text: the eleventh character is the T.
    view = texts.view("U1").reshape(texts.size, 19) if texts.size else texts.view("U1")
    if texts.size:
        view[:, 10] = " "
    return texts


def number_rows(letter: str, day: str, count: int) -> NDArray[np.str_]:
    """Return ids of a day's rows: a letter, the day, a number of five digits."""
    return np.char.add(letter + day.replace("-", ""), np.char.mod("%05d", np.arange(count)))


def day_text(day: str, offset: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return dates so many days after a day."""
    moments = np.datetime64(day, "D") + np.asarray(offset).astype("timedelta64[D]")
    return np.datetime_as_string(moments).astype("U10")


def export_time(day: str, minutes: int = 30) -> str:
    """Return when the file of a day was exported: some minutes after its end."""
    moment = np.datetime64(day, "s") + np.timedelta64(1, "D") + np.timedelta64(minutes, "m")
    return str(moment).replace("T", " ")
