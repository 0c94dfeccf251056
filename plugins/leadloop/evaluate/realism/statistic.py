"""One statistic of the made company beside the real one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statistic:
    """Both sides as curves over the same places, how far apart they are, and how far they may be.

    `measure` says in words what the distance is; `is_fitted` whether the made side was made from
    the real one, or comes out of it unasked.
    """

    name: str
    zh: str
    source: str
    places: tuple[str, ...]
    made: tuple[float, ...]
    real: tuple[float, ...]
    n_made: int
    n_real: int
    measure: str
    distance: float
    tolerance: float
    is_fitted: bool = False

    @property
    def holds(self) -> bool:
        """Whether the made side is as close as it has to be."""
        return self.distance <= self.tolerance
