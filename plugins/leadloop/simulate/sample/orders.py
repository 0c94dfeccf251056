"""Orders of the made company: those that deals on the phone lead to, and customers' own.

Written as its shop exports them: one file a day, an order paid later exported once more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.exports.forms import customer_ids, export_time, local_times
from leadloop.simulate.sample.dialect import lead_ids, lead_phones
from leadloop.simulate.sample.dials import WON

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.sample.company import MadeCompany
    from leadloop.simulate.sample.customers import CustomerBase
    from leadloop.simulate.sample.dials import Dials

ORDER_COLUMNS = (
    "order_id",
    "customer_id",
    "lead_id",
    "agent_id",
    "phone",
    "placed_time",
    "paid_time",
    "amount",
    "gross_margin",
    "currency",
    "export_time",
)
PAID = ORDER_COLUMNS.index("paid_time")
EXPORTED = ORDER_COLUMNS.index("export_time")
PLANS = np.array([365.0, 698.0, 980.0])
PLAN_SHARES = np.array([0.55, 0.30, 0.15])
# Further orders: goods and services of changing value, lognormal in yuan.
VALUE_MU, VALUE_SIGMA = 5.58, 1.07
PAID_AT_ONCE, PAID_LATER = 0.90, 0.06
LAST_SECOND = 86_399


@dataclass(frozen=True, slots=True)
class Placed:
    """Columns of a day's orders; agent is -1 where nobody made the deal on the phone."""

    customer: NDArray[np.int64]
    lead: NDArray[np.int64]
    agent: NDArray[np.int64]
    second: NDArray[np.int64]
    amount: NDArray[np.float64]


@dataclass(slots=True)
class Shop:
    """Writes a day's orders; remembers those that are paid on a later day."""

    company: MadeCompany
    placed: int = 0
    owed: dict[int, list[list[str]]] = field(default_factory=dict)

    def write_day(
        self, number: int, date: str, orders: Placed, generator: np.random.Generator
    ) -> list[str]:
        """Return the lines of a day's file: its orders and those whose payment came today."""
        rows = self._write_rows(date, orders, generator)
        chance = generator.random(len(rows))
        delay = generator.integers(1, 4, len(rows))
        minutes = generator.integers(1, 20, len(rows))
        for row, second, luck, days, wait in zip(
            rows, orders.second, chance, delay, minutes, strict=True
        ):
            if luck < PAID_AT_ONCE:
                paid = np.minimum(np.array([second + 60 * wait]), LAST_SECOND)
                row[PAID] = str(local_times(date, paid)[0])
            elif luck < PAID_AT_ONCE + PAID_LATER:
                self.owed.setdefault(number + int(days), []).append(list(row))
        for row in self.owed.pop(number, []):
            row[PAID], row[EXPORTED] = f"{date} 10:00:00", export_time(date)
            rows.append(row)
        return [",".join(row) for row in rows]

    def _write_rows(
        self, date: str, orders: Placed, generator: np.random.Generator
    ) -> list[list[str]]:
        none = np.full(orders.lead.shape, "")
        margin = orders.amount * generator.beta(18.0, 22.0, orders.lead.size)
        self.placed += orders.lead.size
        columns = (
            np.char.add("O" + date.replace("-", ""), np.char.mod("%04d", np.arange(none.size))),
            customer_ids(orders.customer),
            lead_ids(orders.lead),
            np.where(orders.agent >= 0, self.company.agents.agent_id[orders.agent], none),
            lead_phones(orders.lead),
            local_times(date, orders.second),
            none,
            np.char.mod("%.2f", orders.amount),
            np.char.mod("%.2f", margin),
            np.full(none.shape, "CNY"),
            np.full(none.shape, export_time(date)),
        )
        return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def place_orders(
    day: int, dials: Dials, base: CustomerBase, generator: np.random.Generator
) -> Placed:
    """Return the day's orders: deals made on the phone, then what customers order by themselves."""
    won = np.flatnonzero(dials.status == WON)
    known = dials.leads.customer[won]
    buyers = dials.leads.lead[won]
    opened = base.open_accounts(day, buyers[known == 0], generator)
    customer = known.copy()
    customer[known == 0] = opened
    first = generator.choice(PLANS, size=won.size, p=PLAN_SHARES)
    said = dials.start[won] + dials.ring[won] + dials.talk[won] + dials.hold[won]
    held = base.customers
    again = np.flatnonzero(
        generator.random(held.customer.size) < held.orders * held.find_interest(day)
    )
    value = np.clip(generator.lognormal(VALUE_MU, VALUE_SIGMA, again.size), 20.0, 20_000.0)
    soon = generator.integers(60, 3600, won.size)
    return Placed(
        customer=np.concatenate([customer, held.customer[again]]),
        lead=np.concatenate([buyers, held.lead[again]]),
        agent=np.concatenate([dials.agent[won], np.full(again.size, -1)]),
        second=np.concatenate([said + soon, generator.integers(8 * 3600, 23 * 3600, again.size)]),
        amount=np.round(np.concatenate([first, value]), 2),
    )
