"""Customers of the made company: what they order again, renew, complain of, and when they leave.

Repeat orders follow BG/NBD (Fader, Hardie, Lee 2005): each orders at a rate of his own and stops
for good after an order with a chance of his own. Subscriptions are renewed until a customer
leaves; a complaint makes that likely. All of it reaches the files only as calls, orders, terms,
tickets and words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate import curves

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.levers import Levers

MANAGED_SHARE = 0.08  # of buyers: an account manager calls them, as all from before the start
TALKS_MANAGED, TALKS_OTHERS, TALKS_SHAPE = 7.0, 0.35, 4.0
REACH = 0.62
SHOWS_SIGNS = 0.75
DIALLED_IN_VAIN_DAYS = 21
MONTHLY_SHARE = 0.45
TICKETS_A_MONTH = 0.5
COMPLAINT_SHARE = 0.12
NEVER = 1e9
PLANS = np.array([365.0, 698.0, 980.0])
PLAN_SHARES = np.array([0.55, 0.30, 0.15])
MONTHLY_PRICES = np.array([39.0, 69.0, 99.0])
CUSTOMER = np.dtype(
    [
        ("row", "i4"), ("since", "i2"), ("company", "?"), ("managed", "?"), ("talks", "f4"),
        ("rate", "f4"), ("drop", "f4"), ("next_order", "f4"), ("dropped", "?"), ("orders", "i2"),
        ("leaves", "f4"), ("fades", "f4"), ("fading", "f4"), ("complained", "i2"),
        ("plan", "i1"), ("monthly", "?"), ("term", "i2"), ("due", "i4"), ("cancelled", "i4"),
        ("tickets", "f4"), ("lift_until", "f4"),
    ]
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Bought:
    """Orders of customers by themselves: who, and what for (add-on or renewal)."""

    customer: NDArray[np.int64]
    amount: NDArray[np.float64]
    is_renewal: NDArray[np.bool_]


class CustomerBook:
    """All customers, one row each; customer number n has row n - 1."""

    def __init__(self, *, alike: bool = False) -> None:
        self._rows = np.zeros(1024, dtype=CUSTOMER)
        self.count = 0
        self._alike = alike

    @property
    def rows(self) -> Any:
        """The customers; write through it by row numbers."""
        return self._rows[: self.count]

    def open(
        self, lead_rows: NDArray[np.int64], company: NDArray[np.bool_], day: int,
        generator: np.random.Generator, *, established: bool = False,
    ) -> NDArray[np.int64]:  # fmt: skip
        """Add customers; return their numbers. Established ones began before the world does."""
        count = lead_rows.size
        fresh = np.zeros(count, dtype=CUSTOMER)
        fresh["row"], fresh["company"] = lead_rows, company
        age = generator.integers(30, 900, count) if established else np.zeros(count, dtype=np.int64)
        fresh["since"] = day - age
        fresh["managed"] = established | (generator.random(count) < MANAGED_SHARE)
        mean = np.where(fresh["managed"], TALKS_MANAGED, TALKS_OTHERS) / 30.0
        fresh["talks"] = mean * generator.gamma(TALKS_SHAPE, 1 / TALKS_SHAPE, count)
        self._draw_orders(fresh, day, generator)
        self._draw_leaving(fresh, day, generator)
        self._draw_terms(fresh, day, established, generator)
        fresh["tickets"] = TICKETS_A_MONTH / 30.0 * generator.gamma(1.5, 1 / 1.5, count)
        needed = self.count + count
        if needed > self._rows.size:
            self._rows = np.concatenate([self._rows, np.zeros(needed, dtype=CUSTOMER)])
        self._rows[self.count : needed] = fresh
        self.count = needed
        return np.arange(needed - count, needed) + 1

    @staticmethod
    def _draw_orders(fresh: Any, day: int, generator: np.random.Generator) -> None:
        count = fresh.size
        fresh["rate"] = generator.gamma(curves.REPEAT_R, 1 / curves.REPEAT_ALPHA, count) / 7.0
        fresh["drop"] = generator.beta(curves.REPEAT_A, curves.REPEAT_B, count)
        gap = generator.exponential(1.0, count) / np.maximum(fresh["rate"], 1e-9)
        fresh["next_order"] = day + np.minimum(gap, NEVER)

    def _draw_leaving(self, fresh: Any, day: int, generator: np.random.Generator) -> None:
        """Draw when each leaves without a reason, and from when on it shows."""
        count = fresh.size
        mean = -365.0 / np.log(1 - curves.LEAVE_PLAIN)
        fresh["leaves"] = day + generator.exponential(mean, count)
        self._draw_fading(fresh, generator)
        fresh["complained"] = fresh["cancelled"] = -1

    def _draw_fading(self, fresh: Any, generator: np.random.Generator) -> None:
        shows = (generator.random(fresh.size) < SHOWS_SIGNS) & (not self._alike)
        before = generator.uniform(21.0, 45.0, fresh.size)
        fresh["fades"] = np.where(shows, fresh["leaves"] - before, fresh["leaves"])
        fresh["fading"] = generator.uniform(0.15, 0.55, fresh.size)

    @staticmethod
    def _draw_terms(
        fresh: Any, day: int, established: bool, generator: np.random.Generator
    ) -> None:
        count = fresh.size
        fresh["plan"] = generator.choice(PLANS.size, size=count, p=PLAN_SHARES)
        fresh["monthly"] = generator.random(count) < MONTHLY_SHARE
        length = np.where(fresh["monthly"], 30, 365)
        age = day - fresh["since"].astype(np.int64)
        fresh["term"] = 1 + (age // length if established else 0)
        fresh["due"] = fresh["since"] + length * fresh["term"]

    # -- a day -------------------------------------------------------------------------------

    def interest(self, day: int) -> NDArray[np.float64]:
        """Return how much of the usual interest each has on a day; 0 once he has left."""
        rows = self.rows
        interest = np.where(rows["fades"] <= day, rows["fading"], 1.0)
        return np.where(rows["leaves"] <= day, 0.0, interest)

    def dial(
        self, day: int, volume: float, generator: np.random.Generator
    ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return the numbers of customers dialled on a day and the chance that each answers."""
        rows = self.rows
        given_up = rows["leaves"] + DIALLED_IN_VAIN_DAYS < day
        mean = rows["talks"] / REACH * volume * 7.0 / 5.6
        count = np.minimum(generator.poisson(np.where(given_up, 0.0, mean)), 2)
        chosen = np.repeat(np.arange(count.size), count)
        return chosen + 1, REACH * self.interest(day)[chosen]

    def order_again(self, day: int, levers: Levers, generator: np.random.Generator) -> Bought:
        """Return the day's add-ons and renewals; who stops ordering or renewing is written down."""
        rows = self.rows
        here = (rows["leaves"] > day) & (rows["since"] <= day)
        ordering = np.flatnonzero(here & ~rows["dropped"] & (rows["next_order"] < day + 1))
        stops = generator.random(ordering.size) < rows["drop"][ordering]
        rows["dropped"][ordering] |= stops
        rows["orders"][ordering] += 1
        gap = generator.exponential(1.0, ordering.size) / np.maximum(rows["rate"][ordering], 1e-9)
        rows["next_order"][ordering] = day + 1 + np.minimum(gap, NEVER)
        lifted = np.flatnonzero(here & (np.floor(rows["lift_until"]) == day) & (day > 0))
        count = ordering.size + lifted.size
        value = generator.lognormal(curves.VALUE_MU, curves.VALUE_SIGMA, count)
        renewing = self._renew(day, here)
        price = np.where(rows["monthly"], MONTHLY_PRICES[rows["plan"]], PLANS[rows["plan"]])
        amounts = np.concatenate([np.clip(value, 20.0, 20_000.0), price[renewing]])
        customer = np.concatenate([ordering, lifted, renewing]) + 1
        is_renewal = np.arange(customer.size) >= count
        return Bought(customer, np.round(amounts, 2), is_renewal)

    def _renew(self, day: int, here: NDArray[np.bool_]) -> NDArray[np.int64]:
        rows = self.rows
        due = (rows["due"] == day) & (rows["cancelled"] < 0)
        renewing = np.flatnonzero(due & here)
        ending = np.flatnonzero(due & ~here)
        rows["cancelled"][ending] = day
        rows["term"][renewing] += 1
        rows["due"][renewing] += np.where(rows["monthly"][renewing], 30, 365)
        return renewing

    def complain(
        self, day: int, customer: NDArray[np.int64], generator: np.random.Generator
    ) -> None:
        """Let customers who complained leave soon: most within two months."""
        chosen = customer - 1
        rows = self.rows
        rows["complained"][chosen] = day
        goes = generator.random(chosen.size) < curves.LEAVE_COMPLAINED
        soon = day + generator.uniform(10.0, 60.0, chosen.size)
        leaving = chosen[goes]
        rows["leaves"][leaving] = np.minimum(rows["leaves"][leaving], soon[goes])
        some = rows[leaving]
        self._draw_fading(some, generator)
        rows["fades"][leaving], rows["fading"][leaving] = some["fades"], some["fading"]

    def solve(
        self, day: int, customer: NDArray[np.int64], levers: Levers, generator: np.random.Generator
    ) -> None:
        """Let some whose problem was solved order within thirty days, where the world says so."""
        added = levers.repurchase(day, customer)
        again = customer[generator.random(customer.size) < added] - 1
        self.rows["lift_until"][again] = day + generator.uniform(1.0, 29.0, again.size)

    def save(self, day: int, levers: Levers, generator: np.random.Generator) -> None:
        """Apply what packages do: of those about to leave, some stay after all."""
        rows = self.rows
        for action in levers.acting(day, "leaving"):
            going = np.flatnonzero((rows["fades"] <= day) & (day < rows["leaves"]))
            going = going[action.choose(going + 1)]
            # Spread over the three weeks that a fading takes, so that the whole risk is cut once.
            stays = going[generator.random(going.size) < 1 - (1 - action.effect) ** (1 / 30)]
            rows["leaves"][stays] = day + 365 + generator.exponential(365.0, stays.size)
            rows["fades"][stays] = rows["leaves"][stays]
