"""The leads of the made company: who they are, and when each is dialled next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate import curves
from leadloop.simulate.company import (
    CITIES,
    COLD_LIST,
    CONCERN_SHARES,
    INDUSTRIES,
    RETARGET,
    RETARGET_SHARE,
    SHORT_VIDEO,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.company import Company

# Where a lead stands. LOST is final, DEAD is a number that cannot be reached.
NEW, DIALLED, CONNECTED, INTENT, QUOTED, WON, LOST, DEAD = range(8)
STAGES = ("new", "dialled", "connected", "intent", "quoted", "won", "lost", "invalid")
IN_SERVICE, EMPTY_NUMBER, SUSPENDED_NUMBER = range(3)
DUPLICATE_SHARE = 0.012
LEAD = np.dtype(
    [
        ("created", "i2"), ("second", "i4"), ("channel", "i1"), ("theme", "i1"),
        ("campaign", "i1"), ("company", "?"), ("city", "i1"), ("industry", "i1"),
        ("quality", "f4"), ("reach", "f4"), ("decides", "f4"), ("concern", "i1"),
        ("number", "i1"), ("recovers", "i2"), ("asleep", "?"), ("attempt", "i1"),
        ("talks", "i1"), ("stage", "i1"), ("touched", "i2"), ("last_talk", "i2"),
        ("owner", "i2"), ("lost", "i1"), ("customer", "i4"), ("same_as", "i4"),
        ("first_talk_attempt", "i1"), ("won_day", "i2"), ("stopped", "?"), ("match", "f4"),
    ]
)  # fmt: skip


class LeadBook:
    """All leads ever seen, one row each; lead number n has row n - 1.

    `due` holds the rows to be dialled on each coming day.
    """

    def __init__(self, room: int) -> None:
        self._rows = np.zeros(max(room, 1024), dtype=LEAD)
        self.count = 0
        self.due: dict[int, list[NDArray[np.int64]]] = {}

    @property
    def rows(self) -> Any:
        """The leads; write through it by row numbers."""
        return self._rows[: self.count]

    def add(self, fresh: Any) -> NDArray[np.int64]:
        """Append leads; return their row numbers."""
        needed = self.count + fresh.size
        if needed > self._rows.size:
            self._rows = np.concatenate([self._rows, np.zeros(needed, dtype=LEAD)])
        self._rows[self.count : needed] = fresh
        self.count = needed
        return np.arange(needed - fresh.size, needed)

    def wait(self, rows: NDArray[np.int64], day: NDArray[np.int64]) -> None:
        """Put leads on the lists of the days on which they are dialled next."""
        for number in np.unique(day).tolist():
            self.due.setdefault(number, []).append(rows[day == number])

    def take_due(self, day: int) -> NDArray[np.int64]:
        """Return whom the day's list holds, each once, first promised first."""
        parts = self.due.pop(day, [])
        if not parts:
            return np.empty(0, dtype=np.int64)
        whole = np.concatenate(parts)
        _, first = np.unique(whole, return_index=True)
        return np.asarray(whole[np.sort(first)])


def make_leads(
    company: Company, day: int, channel: NDArray[np.int64], generator: np.random.Generator
) -> Any:
    """Return new leads of these channels, created during a day."""
    count = channel.size
    fresh = np.zeros(count, dtype=LEAD)
    shares = np.array([item.share for item in company.campaigns])
    campaign = generator.choice(shares.size, size=count, p=shares / shares.sum())
    listed = (channel == SHORT_VIDEO) & (generator.random(count) < RETARGET_SHARE)
    fresh["created"] = fresh["touched"] = day
    fresh["second"] = _draw_seconds(channel, generator)
    fresh["channel"] = channel
    fresh["theme"] = _draw_themes(company, channel, generator)
    fresh["campaign"] = np.where(listed, RETARGET, campaign)
    companies = np.array([item.company for item in company.channels])
    fresh["company"] = generator.random(count) < companies[channel]
    fresh["city"] = generator.integers(0, len(CITIES), count)
    fresh["industry"] = generator.integers(0, len(INDUSTRIES), count)
    fresh["quality"] = generator.normal(0.0, 0.8, count)
    fresh["reach"] = 0.35 * fresh["quality"] + generator.normal(0.0, 0.45, count)
    fresh["decides"] = generator.lognormal(curves.DECIDE_MU, curves.DECIDE_SIGMA, count)
    fresh["concern"] = generator.choice(CONCERN_SHARES.size, size=count, p=CONCERN_SHARES)
    _draw_numbers(company, fresh, day, generator)
    fresh["match"] = np.clip(
        0.55 + 0.18 * fresh["quality"] + generator.normal(0, 0.12, count), 0, 1
    )
    fresh["owner"] = fresh["last_talk"] = fresh["won_day"] = -1
    fresh["same_as"] = -1
    return fresh


def _draw_seconds(channel: NDArray[np.int64], generator: np.random.Generator) -> NDArray[np.int64]:
    """Return when leads come in: as people ask, but lists are loaded before work begins."""
    asked = curves.draw_moments(channel.size, generator)
    loaded = generator.integers(6 * 3600, 8 * 3600, channel.size)
    return np.where(channel == COLD_LIST, loaded, asked).astype(np.int64)


def _draw_themes(
    company: Company, channel: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.int64]:
    kinds = np.array([len(item.themes) for item in company.channels])
    return np.asarray((generator.random(channel.size) * kinds[channel]).astype(np.int64))


def _draw_numbers(company: Company, fresh: Any, day: int, generator: np.random.Generator) -> None:
    """Fill in which numbers are dead, and when a suspended one comes back."""
    invalid = np.array([item.invalid for item in company.channels])[fresh["channel"]]
    dead = generator.random(fresh.size) < invalid * 1.6
    empty = generator.random(fresh.size) < 0.7
    fresh["number"] = np.where(dead, np.where(empty, EMPTY_NUMBER, SUSPENDED_NUMBER), IN_SERVICE)
    back = day + generator.exponential(35.0, fresh.size).astype(np.int64) + 1
    fresh["recovers"] = np.where(fresh["number"] == SUSPENDED_NUMBER, np.minimum(back, 30_000), 0)
