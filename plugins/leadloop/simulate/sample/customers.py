"""Customers of the made company: how often each talks and orders, and when some leave.

Who leaves, who shows it before, and who merely has a quiet month is drawn here and known; it
reaches the files only as calls, words and orders. Neighbours: `leads` (people who are not
customers yet), `orders` (what is bought).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.sample.company import CARE, CUSTOMER_BASE, WEEKDAY_VOLUME
from leadloop.simulate.sample.leads import Leads

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIRST_CUSTOMERS = 300
# Numbers of customers' leads from before the sample begins; new leads never reach them.
FIRST_LEAD = 5_000_000
ACCOUNT_SHARE = 0.08  # of buyers: the others buy once and open no account
TALKS_A_MONTH, TALKS_SHAPE = 7.0, 4.0
ORDERS_A_WEEK, ORDERS_SHAPE = 0.22, 1.2
REACH = 0.62
# Days until a customer leaves are exponential: about 14 % in sixty days.
LEAVE_AFTER_DAYS = 400.0
SHOWS_SIGNS = 0.75
QUIET_MONTH_AFTER_DAYS = 600.0
RIVAL_SHARE, RIVAL_SHARE_LEAVING = 0.015, 0.35
DIALLED_IN_VAIN_DAYS = 21


@dataclass(frozen=True, slots=True)
class Customers:
    """Columns of customers; talks and orders are means of a day, times are days of the sample."""

    customer: NDArray[np.int64]
    lead: NDArray[np.int64]
    talks: NDArray[np.float64]
    orders: NDArray[np.float64]
    leaves: NDArray[np.float64]
    fades: NDArray[np.float64]
    fading: NDArray[np.float64]
    pauses: NDArray[np.float64]
    pausing: NDArray[np.float64]

    def join(self, others: Customers) -> Customers:
        """Return these and the others."""
        return Customers(
            *(
                np.concatenate([getattr(part, column.name) for part in (self, others)])
                for column in fields(self)
            )
        )

    def is_leaving(self, day: int) -> NDArray[np.bool_]:
        """Return who shows on this day that he will leave."""
        return (self.fades <= day) & (day < self.leaves)

    def find_interest(self, day: int) -> NDArray[np.float64]:
        """Return how much of his usual interest each has on this day; 0 once he has left."""
        interest = np.where(self.fades <= day, self.fading, 1.0)
        paused = (self.pauses <= day) & (day < self.pauses + 30)
        interest = np.where(paused, interest * self.pausing, interest)
        return np.where(self.leaves <= day, 0.0, interest)


class CustomerBase:
    """All customers with an account; it grows as buyers open one."""

    def __init__(self, generator: np.random.Generator) -> None:
        numbers = np.arange(1, FIRST_CUSTOMERS + 1)
        self.customers = _make_customers(numbers, FIRST_LEAD + numbers, 0, generator)

    def draw(self, day: int, weekday: int, generator: np.random.Generator) -> Leads:
        """Return the dials to customers on a day; an eager one may be dialled twice."""
        customers = self.customers
        mean = customers.talks / REACH * WEEKDAY_VOLUME[weekday] / WEEKDAY_VOLUME.mean()
        given_up = customers.leaves + DIALLED_IN_VAIN_DAYS <= day
        count = np.minimum(generator.poisson(np.where(given_up, 0.0, mean)), 2)
        rows = np.repeat(np.arange(count.size), count)
        whole = np.ones(rows.size, dtype=np.int64)
        return Leads(
            lead=customers.lead[rows],
            channel=CUSTOMER_BASE * whole,
            campaign=CARE * whole,
            quality=np.zeros(rows.size),
            attempt=whole,
            customer=customers.customer[rows],
            reach=REACH * customers.find_interest(day)[rows],
        )

    def open_accounts(
        self, day: int, leads: NDArray[np.int64], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return the customer number of each buyer, 0 for those who open no account."""
        opens = generator.random(leads.size) < ACCOUNT_SHARE
        first = int(self.customers.customer[-1]) + 1
        numbers = np.zeros(leads.size, dtype=np.int64)
        numbers[opens] = np.arange(first, first + int(opens.sum()))
        fresh = _make_customers(numbers[opens], leads[opens], day + 1, generator)
        self.customers = self.customers.join(fresh)
        return numbers

    def name_rivals(
        self, day: int, customer: NDArray[np.int64], generator: np.random.Generator
    ) -> NDArray[np.bool_]:
        """Return in which of these talks the customer names a rival."""
        leaving = self.customers.is_leaving(day)[customer - 1]
        share = np.where(leaving, RIVAL_SHARE_LEAVING, RIVAL_SHARE)
        return generator.random(customer.size) < share


def _make_customers(
    numbers: NDArray[np.int64], leads: NDArray[np.int64], day: int, generator: np.random.Generator
) -> Customers:
    count = numbers.size
    leaves = day + generator.exponential(LEAVE_AFTER_DAYS, count)
    shows = generator.random(count) < SHOWS_SIGNS
    before = generator.uniform(21.0, 45.0, count)
    return Customers(
        customer=numbers,
        lead=leads,
        talks=generator.gamma(TALKS_SHAPE, TALKS_A_MONTH / 30.0 / TALKS_SHAPE, count),
        orders=generator.gamma(ORDERS_SHAPE, ORDERS_A_WEEK / 7.0 / ORDERS_SHAPE, count),
        leaves=leaves,
        fades=np.where(shows, leaves - before, leaves),
        fading=generator.uniform(0.15, 0.55, count),
        pauses=day + generator.exponential(QUIET_MONTH_AFTER_DAYS, count),
        pausing=generator.uniform(0.4, 0.8, count),
    )
