"""One statistic of the made company beside the real one."""

from __future__ import annotations

from dataclasses import dataclass

WIDE_PLACES = 6


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

    @property
    def is_wide(self) -> bool:
        """Whether its table has more figures than fit beside two others."""
        return len(self.places) > WIDE_PLACES and min(self.made) < 1

    def describe(self) -> str:
        """Return both sides at the middle place in words.

        >>> sides = (1.0, 40.0), (2.0, 0.5)
        >>> Statistic("", "", "", ("a", "b"), *sides, 1, 1, "", 0.1, 0.2).describe()
        'at b: made 40, real 0.5'
        """
        middle = len(self.places) // 2
        made, real = self.made[middle], self.real[middle]
        return f"at {self.places[middle]}: made {made:.4g}, real {real:.4g}"
