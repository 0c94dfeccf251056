"""From judged windows to alerts: in a row, hysteresis, cooldown, each instance by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from leadloop.rules.readings import Instance, Reading
    from leadloop.rules.schema import Rule

State = Literal["quiet", "broken", "too few", "no baseline"]
# An alert stays until it is more likely over than not: without a gap it would flicker.
CLEARED_BELOW = 0.5


@dataclass(frozen=True, slots=True)
class Judgement:
    """One window and what the rule makes of it.

    `chance` is how likely the rule's condition truly holds, `threshold` the number it was held
    against, `expected` what would be usual. "too few" and "no baseline" are no judgement.
    """

    reading: Reading
    state: State
    chance: float | None = None
    threshold: float | None = None
    expected: float | None = None

    @property
    def is_judged(self) -> bool:
        """Whether there was enough to judge."""
        return self.state in ("quiet", "broken")


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert: the windows that broke the rule, and the one that ended it, if any did.

    A silence (`kind` "no data") has windows of nothing: k and n are 0.
    """

    instance: Instance
    windows: tuple[Judgement, ...]
    cleared: str | None = None
    kind: Literal["value", "no data"] = "value"

    @property
    def first(self) -> str:
        """The first window that broke the rule; with rule and instance it names the alert."""
        return self.windows[0].reading.period

    @property
    def last(self) -> str:
        """The last window that broke it."""
        return self.windows[-1].reading.period


class Watch:
    """The state of one instance of one rule."""

    def __init__(self, rule: Rule) -> None:
        """Begin quiet."""
        self._rule = rule
        self._row: list[Judgement] = []
        self._past: list[Episode] = []
        self._now: list[Judgement] = []

    @property
    def is_firing(self) -> bool:
        """Whether an alert is open."""
        return bool(self._now)

    @property
    def episodes(self) -> list[Episode]:
        """All alerts so far, oldest first; the last one may be open."""
        return [*self._past, *([_episode(self._now)] if self._now else [])]

    def see(self, judgement: Judgement) -> None:
        """Take the next window in time; one that could not be judged changes nothing."""
        if not judgement.is_judged:
            return
        is_broken = judgement.state == "broken"
        if self._now:
            if is_broken:
                self._now.append(judgement)
            elif judgement.chance is None or judgement.chance < CLEARED_BELOW:
                self.clear(judgement.reading.period)
            return
        if not is_broken or not self._goes_on(judgement):
            self._row = []
        if not is_broken:
            return
        self._row.append(judgement)
        if len(self._row) >= self._rule.for_:
            self._now, self._row = [*self._take_back(), *self._row], []

    def clear(self, period: str) -> None:
        """End the open alert, if there is one."""
        if self._now:
            self._past.append(_episode(self._now, cleared=period))
        self._now, self._row = [], []

    def _goes_on(self, judgement: Judgement) -> bool:
        """Return whether a window follows those in the row: the night ends a row of hours."""
        if self._rule.grain != "hour" or not self._row:
            return True
        return self._row[-1].reading.day == judgement.reading.day

    def _take_back(self) -> list[Judgement]:
        """Return the windows of the last alert if this is the same trouble once more."""
        if not self._past:
            return []
        before = self._past[-1].windows[-1].reading.begin
        apart = (self._row[-1].reading.begin - before).total_seconds()
        if apart >= self._rule.cooldown_seconds:
            return []
        return list(self._past.pop().windows)


def _episode(windows: list[Judgement], cleared: str | None = None) -> Episode:
    return Episode(windows[0].reading.instance, tuple(windows), cleared)
