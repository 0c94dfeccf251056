"""Rows of the scoreboard: what was scored on what, the value with its interval, and how to read it.

`scoreboard.json` holds them; scoring again replaces the rows of the same name, set, metric and
seed and leaves all others.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass, fields
from statistics import mean, stdev
from typing import TYPE_CHECKING

from leadloop import __version__
from leadloop.errors import UsageError
from leadloop.intervals import wilson_interval
from leadloop.pointer import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCHEMA = 1
NOT_BUILT = "not built"
# Metrics that cannot be below 0 or above 1.
SHARES = frozenset({"accuracy", "auc", "coverage", "f1", "precision", "recall", "valid_leads_lost"})
# A set and the seed of its world.
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `value` is None where a detector is not built, `n` is what it was counted on."""

    name: str
    set: str
    metric: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    seed: int | None = None
    version: str = __version__
    seconds: float | None = None
    note: str = ""

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What makes two rows the same figure."""
        return self.name, self.set, self.metric, -1 if self.seed is None else self.seed


def share_row(place: tuple[str, str, str], k: int, n: int, seed: int | None, note: str = "") -> Row:
    """Return a share with its Wilson interval; without a single case the value is None.

    `place` is name, set and metric.

    >>> share_row(("intents", "w", "accuracy"), 8, 10, 7).value
    0.8
    """
    if not n:
        return Row(*place, n=0, seed=seed, note=note or "no case in this set")
    low, high = wilson_interval(k, n)
    return Row(*place, k / n, low, high, n, seed, note=note)


def weekly_row(
    place: tuple[str, str, str], k: int, days: int, seed: int | None, note: str = ""
) -> Row:
    """Return events a week with the exact Poisson interval (Garwood 1936); `n` is the days.

    >>> row = weekly_row(("alerts", "w", "false_alarms_a_week"), 0, 7, 7)
    >>> row.value, row.low, round(row.high, 2)
    (0.0, 0.0, 3.69)
    """
    from scipy.stats import chi2

    weeks = max(days, 1) / 7
    low = float(chi2.ppf(0.025, 2 * k)) / 2 if k else 0.0
    high = float(chi2.ppf(0.975, 2 * k + 2)) / 2
    return Row(*place, k / weeks, low / weeks, high / weeks, days, seed, note=note)


def pair_rows(name: str, place: Place, counts: dict[str, int]) -> list[Row]:
    """Return recall, precision and F1 from what was wanted, reported, and both (`correct`)."""
    set_, seed = place
    correct, wanted, reported = (counts[key] for key in ("correct", "wanted", "reported"))
    f1 = 2 * correct / (wanted + reported) if wanted and reported else None
    return [
        share_row((name, set_, "recall"), correct, wanted, seed),
        share_row((name, set_, "precision"), correct, reported, seed),
        Row(name, set_, "f1", f1, n=wanted, seed=seed),
    ]


def pool_seeds(rows: Sequence[Row]) -> list[Row]:
    """Return the mean of each figure that several seeds have, with its 95 % interval over seeds.

    Worlds are the unit: Student's t over their values, `n` the number of worlds. Where each holds a
    single case it is Wilson's interval over them, and events a week are counted over all days.
    """
    figures: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        if row.seed is not None and row.value is not None:
            figures.setdefault((row.name, row.set, row.metric), []).append(row)
    return [_pool(place, worlds) for place, worlds in figures.items() if len(worlds) > 1]


def _pool(place: tuple[str, str, str], worlds: list[Row]) -> Row:
    from scipy.stats import t

    values = [float(row.value or 0) for row in worlds]
    note = f"over the worlds of seeds {', '.join(str(row.seed) for row in worlds)}"
    if place[2] == "false_alarms_a_week":
        days = [row.n or 0 for row in worlds]
        events = sum(round(value * n / 7) for value, n in zip(values, days, strict=True))
        return weekly_row(place, events, sum(days), None, note)
    if all(row.n == 1 and row.low is not None for row in worlds):
        return share_row(place, round(sum(values)), len(values), None, note)
    middle, count = mean(values), len(values)
    half = float(t.ppf(0.975, count - 1)) * stdev(values) / math.sqrt(count)
    if not half:
        # As many worlds cannot say how much others would differ.
        return Row(*place, middle, n=count, note=f"{note}; the same in all")
    low, high = middle - half, middle + half
    if place[2] in SHARES:
        low, high = max(0.0, low), min(1.0, high)
    return Row(*place, middle, low, high, count, note=note)


def not_built(name: str, set_: str, metric: str, seed: int | None = None) -> Row:
    """Return the row of something that does not exist yet."""
    return Row(name, set_, metric, seed=seed, note=NOT_BUILT)


def read_rows(path: Path) -> list[Row]:
    """Return the rows of a scoreboard; none if there is no file. Raises UsageError if broken."""
    if not path.exists():
        return []
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        known = {column.name for column in fields(Row)}
        return [
            Row(**{name: row[name] for name in known if name in row}) for row in content["rows"]
        ]
    except (ValueError, KeyError, TypeError) as error:
        message = f"{path} is no scoreboard ({error}); remove it, or name another file with --out."
        raise UsageError(message) from error


def write_rows(path: Path, rows: Sequence[Row]) -> list[Row]:
    """Merge rows into a scoreboard, whole or not at all; return all that it holds now.

    What several seeds have is pooled anew.
    """
    merged = {row.key: row for row in [*read_rows(path), *rows]}
    merged |= {row.key: row for row in pool_seeds(list(merged.values()))}
    whole = [merged[key] for key in sorted(merged)]
    content = {"schema": SCHEMA, "rows": [asdict(row) for row in whole]}
    write_whole(path, json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return whole
