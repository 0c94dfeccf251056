"""Chance that belongs to a thing, not to the order in which things are drawn.

A lead that answers its second dial in one world answers it in every world of the same seed,
unless something there makes it answer less: worlds with and without an action differ by the
action alone. SplitMix64 (Steele, Lea, Flood 2014) of seed, purpose, thing and turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


def draw_units(
    seed: int, purpose: int, things: ArrayLike, turns: ArrayLike = 0
) -> NDArray[np.float64]:
    """Return one uniform number in [0, 1) for each thing and turn.

    >>> bool((draw_units(7, 1, [5, 6]) == draw_units(7, 1, [5, 6])).all())
    True
    """
    with np.errstate(over="ignore"):
        state = _mix(np.uint64(seed) * _GOLDEN + np.uint64(purpose))
        state = _mix(state + np.asarray(things).astype(np.uint64) * _GOLDEN)
        state = _mix(state + np.asarray(turns).astype(np.uint64) * _GOLDEN)
    return np.asarray((state >> np.uint64(11)) * (1.0 / (1 << 53)), dtype=np.float64)


def _mix(value: Any) -> Any:
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))
