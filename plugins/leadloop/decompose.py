"""What made a rate change: other calls (mix), or the same calls going otherwise (rate).

Kitagawa's split of a difference of two rates over groups. Exact: all parts sum to the change.
Kernel arithmetic without libraries, for alerts, findings and reports alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Sums = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """What one group did to the change: k of n before (0) and now (1)."""

    group: Any
    mix: float
    rate: float
    k0: float
    n0: float
    k1: float
    n1: float

    @property
    def total(self) -> float:
        """Both together."""
        return self.mix + self.rate

    @property
    def weight(self) -> float:
        """Raw sample of the group, before and now together."""
        return self.n0 + self.n1


def rate_of(sums: Iterable[Sums]) -> float:
    """Return k / n of all groups together; n must not be 0.

    >>> rate_of([(10, 100), (30, 100)])
    0.2
    """
    known = list(sums)
    return sum(k for k, _ in known) / sum(n for _, n in known)


def split_change(before: Mapping[Any, Sums], now: Mapping[Any, Sums]) -> list[Part]:
    """Return how much of the change of k / n each group made, by its share and by its rate.

    A group that is new or gone has no rate to compare: all it did is mix. Empty where either side
    has no sample. One group fell from 40 % to 20 % and grew from a half to three quarters:

    >>> before, now = {"a": (40, 100), "b": (30, 100)}, {"a": (60, 300), "b": (30, 100)}
    >>> for part in split_change(before, now):
    ...     print(part.group, round(part.mix, 4), round(part.rate, 4))
    a 0.0031 -0.125
    b -0.0031 0.0
    """
    n0 = sum(n for _, n in before.values())
    n1 = sum(n for _, n in now.values())
    if not n0 or not n1:
        return []
    middle = (rate_of(before.values()) + rate_of(now.values())) / 2
    parts = []
    for group in dict.fromkeys((*before, *now)):
        (kb, nb), (kn, nn) = before.get(group, (0.0, 0.0)), now.get(group, (0.0, 0.0))
        if not nb and not nn:
            continue
        r0, r1 = kb / nb if nb else kn / nn, kn / nn if nn else kb / nb
        w0, w1 = nb / n0, nn / n1
        mix = (w1 - w0) * ((r0 + r1) / 2 - middle)
        parts.append(Part(group, mix, (r1 - r0) * (w0 + w1) / 2, kb, nb, kn, nn))
    return parts
