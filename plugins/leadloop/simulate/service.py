"""What customers ask by themselves: problems (calls in and messages), tickets, satisfaction.

Arrivals vary more than chance, as on a bank's line: an hour's rate has a spread of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate import curves
from leadloop.simulate.customers import COMPLAINT_SHARE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.customers import CustomerBook

CATEGORIES = ("打印机", "对账不符", "登录", "退款", "会员储值", "发票", "投诉")
COMPLAINT = len(CATEGORIES) - 1
CALL_IN_SHARE = 0.6
SOLVED_SHARE = 0.88
OFFERED_SHARE, ANSWERED_SHARE = 0.7, 0.4
OPENING, CLOSING = 8 * 3600, 22 * 3600


@dataclass(frozen=True, slots=True)
class Tickets:
    """Columns of tickets opened on a day; seconds since its midnight, -1 for not (yet) solved."""

    number: NDArray[np.int64]
    customer: NDArray[np.int64]
    category: NDArray[np.int64]
    opened: NDArray[np.int64]
    replied: NDArray[np.int64]
    solved: NDArray[np.int64]
    called: NDArray[np.bool_]
    agent: NDArray[np.int64]
    # The call that opened it: seconds waited, seconds of talk, whether the caller gave up.
    waited: NDArray[np.int64]
    talk: NDArray[np.int64]
    gave_up: NDArray[np.bool_]
    # -1: not asked, 0: asked and silent, 1 to 5: the score given.
    score: NDArray[np.int64]


@dataclass(slots=True)
class ServiceDesk:
    """Opens tickets; remembers those to be solved on a later day."""

    count: int = 0
    solving: dict[int, list[NDArray[np.int64]]] = field(default_factory=dict)

    def open(
        self, day: int, customers: CustomerBook, staff: NDArray[np.float64],
        generator: np.random.Generator,
    ) -> Tickets:  # fmt: skip
        """Return the tickets that customers open on a day."""
        rows = customers.rows
        here = (rows["leaves"] > day) & (rows["since"] < day)
        hourly = generator.gamma(1 / curves.ARRIVAL_SPREAD**2, curves.ARRIVAL_SPREAD**2, 24)
        pull = curves.ARRIVAL_HOURS / curves.ARRIVAL_HOURS.sum() * hourly
        daily = generator.gamma(1 / curves.DAY_SPREAD**2, curves.DAY_SPREAD**2)
        busy = np.where(here, rows["tickets"] * daily * pull.sum(), 0.0)
        customer = np.flatnonzero(generator.random(busy.size) < busy) + 1
        count = customer.size
        hour = generator.choice(24, size=count, p=pull / pull.sum())
        opened = np.clip(hour * 3600 + generator.integers(0, 3600, count), OPENING, CLOSING)
        called = generator.random(count) < CALL_IN_SHARE
        waits = generator.random(count) < curves.WAIT_SHARE
        waited = np.where(waits, generator.exponential(curves.WAIT_MEAN, count), 0.0)
        # Who waits long gives up: so many that the share of all callers is the real one.
        gave_up = waits & (generator.random(count) < curves.GIVE_UP_SHARE / curves.WAIT_SHARE)
        talk = generator.lognormal(curves.SERVICE_MU, curves.SERVICE_SIGMA, count)
        solved = opened + generator.lognormal(9.6, 1.1, count).astype(np.int64)
        solved = np.where(generator.random(count) < SOLVED_SHARE, solved, -1)
        complains = generator.random(count) < COMPLAINT_SHARE
        kind = generator.integers(0, COMPLAINT, count)
        self.count += count
        return Tickets(
            number=np.arange(self.count - count, self.count) + 1,
            customer=customer,
            category=np.where(complains, COMPLAINT, kind),
            opened=opened,
            replied=opened + _draw_replies(called, waited, generator),
            solved=solved,
            called=called,
            agent=generator.choice(staff.size, size=count, p=staff),
            waited=np.rint(waited).astype(np.int64),
            talk=np.clip(np.rint(talk), 5, 3600).astype(np.int64),
            gave_up=called & gave_up,
            score=_draw_scores(complains, solved >= 0, generator),
        )

    def settle(self, day: int, tickets: Tickets, customers: CustomerBook,
               generator: np.random.Generator) -> NDArray[np.int64]:  # fmt: skip
        """Let complaints take effect; return who has a problem solved on this day."""
        customers.complain(day, tickets.customer[tickets.category == COMPLAINT], generator)
        later = day + tickets.solved // 86_400
        for moment in np.unique(later[tickets.solved >= 0]).tolist():
            chosen = (later == moment) & (tickets.solved >= 0) & (tickets.category != COMPLAINT)
            self.solving.setdefault(moment, []).append(tickets.customer[chosen])
        parts = self.solving.pop(day, [])
        return np.unique(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int64)


def _draw_replies(
    called: NDArray[np.bool_], waited: NDArray[np.float64], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return seconds until somebody answered: at once on the phone, later in writing."""
    return np.where(called, waited, generator.exponential(1500.0, called.size)).astype(np.int64)


def _draw_scores(
    complains: NDArray[np.bool_], solved: NDArray[np.bool_], generator: np.random.Generator
) -> NDArray[np.int64]:
    """Return satisfaction: good (4, 5), middle (3) or bad (1, 2).

    About as in the dialogues of a shop's service (SSA, 8,000): .23, .64 and .13.
    """
    count = complains.size
    units = generator.random(count)
    bad = np.where(complains, 0.7, np.where(solved, 0.04, 0.30))
    good = np.where(complains, 0.03, np.where(solved, 0.27, 0.08))
    score = np.where(units < bad, generator.integers(1, 3, count), 3)
    score = np.where(units > 1 - good, generator.integers(4, 6, count), score)
    offered = generator.random(count) < OFFERED_SHARE
    answered = generator.random(count) < ANSWERED_SHARE
    return np.where(offered, np.where(answered, score, 0), -1)
