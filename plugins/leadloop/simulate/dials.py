"""One day's dials: who is dialled when and by whom, who answers, how it ends, how long it takes.

Plays with whole columns. What a talk does to its lead is in `funnel`, how it is written down in
`exports`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate import curves
from leadloop.simulate.company import CARE, RETARGET, VISIT
from leadloop.simulate.curves import to_logit, to_share
from leadloop.simulate.keyed import draw_units
from leadloop.simulate.leads import EMPTY_NUMBER, SUSPENDED_NUMBER
from leadloop.simulate.levers import hour_rates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.calendar import DayOf
    from leadloop.simulate.company import Company, People
    from leadloop.simulate.levers import Levers

WON, INTERESTED, REFUSED, DNC, CALLBACK, WRONG, OTHER = range(7)
NO_ANSWER, BUSY, REJECTED, POWER_OFF, SUSPENDED = range(7, 12)
EMPTY, NET_FAIL, VOICEMAIL, ABANDONED = range(12, 16)
# Why nobody was reached though the number exists, and the median and sigma of its ringing.
MISSES = np.array([NO_ANSWER, BUSY, REJECTED, POWER_OFF, NET_FAIL, VOICEMAIL, ABANDONED])
MISS_SHARES = np.array([0.66, 0.12, 0.11, 0.05, 0.012, 0.038, 0.01])
RING_MU = np.zeros(16)
RING_MU[[NO_ANSWER, BUSY, REJECTED, VOICEMAIL, ABANDONED]] = [3.55, 1.2, 2.2, 3.1, 2.3]
# How much longer or shorter than usual each result of a talk tends to be (ranks, not seconds).
TALK_TILT = np.array([0.0, 1.3, -0.35, -1.1, -0.25, -2.6, 0.0])
# Volume of dials: workday, Saturday, Sunday, holiday; shift of the connect rate in logits.
KIND_VOLUME = np.array([1.0, 0.55, 0.05, 0.03])
KIND_CONNECT = np.array([0.0, -0.08, -0.16, -0.25])
WEEKDAY_CONNECT = np.array([-0.04, 0.02, 0.03, 0.03, -0.02, 0.0, 0.0])
ATTEMPT_CONNECT = -0.06
AFTERNOON = 14
LAST_SECOND = 20 * 3600
CONNECT_DRAW, MISS_DRAW = 1, 2


@dataclass(frozen=True, slots=True)
class Dials:
    """Columns of a day's dials in order of their start; seconds since local midnight."""

    row: NDArray[np.int64]
    customer: NDArray[np.int64]
    campaign: NDArray[np.int64]
    attempt: NDArray[np.int64]
    agent: NDArray[np.int64]
    start: NDArray[np.int64]
    status: NDArray[np.int64]
    ring: NDArray[np.int64]
    talk: NDArray[np.int64]
    hold: NDArray[np.int64]
    wrapup: NDArray[np.int64]

    @property
    def is_human(self) -> NDArray[np.bool_]:
        """Whether a person answered and an agent was there."""
        return self.status <= OTHER

    @property
    def is_answered(self) -> NDArray[np.bool_]:
        """Whether the line was answered, by a person or a machine."""
        return (self.status <= OTHER) | (self.status >= VOICEMAIL)

    def take(self, chosen: NDArray[np.int64]) -> Dials:
        """Return the chosen dials."""
        return Dials(*(getattr(self, column.name)[chosen] for column in fields(self)))


@dataclass(frozen=True, slots=True)
class Plan:
    """Who is dialled on a day, before it is known what comes of it."""

    row: NDArray[np.int64]
    customer: NDArray[np.int64]
    campaign: NDArray[np.int64]
    attempt: NDArray[np.int64]
    hour: NDArray[np.int64]
    start: NDArray[np.int64]
    agent: NDArray[np.int64]


def plan_hours(
    campaign: NDArray[np.int64], lead: Any, day: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the clock hour and the second at which each is dialled.

    The retarget list is dialled in the afternoon; a lead of today not before it came in.
    """
    count = campaign.size
    shares = curves.HOUR_SHARES / curves.HOUR_SHARES.sum()
    late = np.where(curves.HOURS >= AFTERNOON, shares, 0.0)
    early = generator.choice(curves.HOURS.size, size=count, p=shares)
    afternoon = generator.choice(curves.HOURS.size, size=count, p=late / late.sum())
    hour = curves.HOURS[np.where(campaign == RETARGET, afternoon, early)]
    # Lists start with the hour: what an agent has not got to by then runs into the next.
    start = hour * 3600 + generator.integers(0, 2400, count)
    soon = lead["second"] + 30 + generator.exponential(900.0, count).astype(np.int64)
    start = np.where(
        (lead["created"] == day) & (lead["attempt"] == 0), np.maximum(start, soon), start
    )
    # Nobody dials at lunch: what comes in then waits until the afternoon.
    noon = (start >= 12 * 3600) & (start < 14 * 3600)
    start = np.where(noon, 14 * 3600 + (start - 12 * 3600) // 4, start)
    return start // 3600, start


def staff_day(people: People, day: DayOf, generator: np.random.Generator) -> NDArray[np.float64]:
    """Return each agent's share of the day's dials, 0 for who is not here."""
    tenure = people.tenure(day.number)
    here = (tenure >= 0) & (generator.random(tenure.size) >= 0.03)
    if day.kind == 1:  # Saturday: every other one
        here &= people.rest == (day.number // 7) % 2
    elif day.kind > 1:  # Sunday and holidays: a few
        here &= generator.random(tenure.size) < 0.2
    weight = np.clip(people.load, 0.4, 1.5) * np.where(tenure < 20, 0.7, 1.0) * here
    if not weight.any():
        weight = np.where(tenure >= 0, 1.0, 0.0)
    if not weight.any():
        weight = np.ones(tenure.size)
    return np.asarray(weight / weight.sum())


def connect_chances(
    levers: Levers, day: DayOf, plan: Plan, lead: Any, reach: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the chance that a person answers; `reach` is that of customers, nan for leads."""
    company = levers.company
    hours = np.zeros(24)
    hours[curves.HOURS] = to_logit(hour_rates())
    hours[[8, 12, 13, 20, 21, 22, 23]] = to_logit(0.33)
    channel = np.array([item.connect for item in company.channels])
    campaign = np.array([item.connect for item in company.campaigns])
    logit = hours[plan.hour] + KIND_CONNECT[day.kind] + WEEKDAY_CONNECT[day.weekday]
    logit = logit + channel[lead["channel"]] + campaign[plan.campaign] + lead["reach"]
    logit = logit + ATTEMPT_CONNECT * (plan.attempt - 1)
    # A talk was had and another agreed: it is answered more often than a stranger's call.
    logit = logit + np.where(lead["talks"] > 0, 0.55, 0.0)
    logit = logit + levers.connect(day.number, lead, plan.row, plan.hour)
    chance = to_share(logit)
    dead = (lead["number"] == EMPTY_NUMBER) | (
        (lead["number"] == SUSPENDED_NUMBER) & (day.number < lead["recovers"])
    )
    chance = np.where(dead | (lead["asleep"] & (plan.customer == 0)), 0.0, chance)
    return np.where(plan.customer > 0, reach, chance)


def miss_reasons(seed: int, day: DayOf, plan: Plan, lead: Any) -> NDArray[np.int64]:
    """Return how a dial ends that nobody answered."""
    units = draw_units(seed, MISS_DRAW, plan.row, plan.attempt)
    place = np.searchsorted(np.cumsum(MISS_SHARES / MISS_SHARES.sum()), units, side="right")
    missed = MISSES[np.minimum(place, MISSES.size - 1)]
    suspended = (lead["number"] == SUSPENDED_NUMBER) & (day.number < lead["recovers"])
    missed = np.where(lead["number"] == EMPTY_NUMBER, EMPTY, missed)
    return np.where(suspended, SUSPENDED, missed)


def draw_durations(
    people: People, plan: Plan, status: NDArray[np.int64], generator: np.random.Generator
) -> tuple[NDArray[np.int64], ...]:
    """Return seconds of ringing, talk, hold and after-call work.

    Talks without a sale are drawn from one curve and dealt out by rank, so that their lengths
    together follow the curve whatever the mix of results.
    """
    count, human = status.size, status <= OTHER
    talk = _draw_talks(people, plan, status, generator)
    machine = generator.lognormal(2.3, 0.5, count)
    talk = np.where(human, talk, np.where(status == VOICEMAIL, machine, 0.0))
    held = human & (talk > 90) & (generator.random(count) < 0.10)
    hold = np.where(held, generator.lognormal(3.4, 0.6, count), 0.0)
    wrapup = generator.lognormal(3.2, 0.55, count) * people.wrapup_pace[plan.agent]
    rung = generator.lognormal(2.55, 0.5, count)
    ring = np.where(human, rung, generator.lognormal(RING_MU[status], 0.35))
    ring = np.where(human | (RING_MU[status] > 0), np.clip(ring, 1, 60), 0.0)
    parts = (ring, talk, hold, np.where(human, wrapup, 0.0))
    return tuple(np.rint(part).astype(np.int64) for part in parts)


def _draw_talks(
    people: People, plan: Plan, status: NDArray[np.int64], generator: np.random.Generator
) -> NDArray[np.float64]:
    talk = np.zeros(status.size)
    known = (plan.campaign == CARE) | (plan.campaign == VISIT)
    sold = status == WON
    unsold = np.flatnonzero((status <= OTHER) & ~sold & ~known)
    spread = curves.AGENT_TALK_SIGMA
    lengths = curves.read_quantiles(curves.TALK_UNSOLD, generator.random(unsold.size), spread)
    score = TALK_TILT[status[unsold]] + generator.normal(0.0, 1.0, unsold.size)
    ranked = np.empty(unsold.size)
    ranked[np.argsort(score)] = np.sort(lengths)
    talk[unsold] = ranked
    deals = np.flatnonzero(sold)
    talk[deals] = curves.read_quantiles(curves.TALK_SOLD, generator.random(deals.size))
    served = np.flatnonzero((status <= OTHER) & known & ~sold)
    talk[served] = generator.lognormal(curves.SERVICE_MU, curves.SERVICE_SIGMA, served.size)
    # How long a deal takes is the customer's matter more than the agent's.
    talk *= people.talk_pace[plan.agent] ** np.where(sold, 0.4, 1.0)
    at_once = (status > INTERESTED) & (generator.random(status.size) < curves.HANG_UP_SHARE)
    talk = np.where(at_once, generator.uniform(1.0, 9.4, status.size), talk)
    return np.clip(talk, 1, 3600)


def queue_up(
    start: NDArray[np.int64], agent: NDArray[np.int64], busy: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return starts at which no agent is on two calls at once: a busy one dials later."""
    moved = start.copy()
    for number in np.unique(agent):
        own = np.flatnonzero(agent == number)
        before = np.concatenate(([0], np.cumsum(busy[own])[:-1]))
        moved[own] = np.maximum.accumulate(start[own] - before) + before
    return moved


def settle(
    company: Company, plan: Plan, status: NDArray[np.int64], generator: np.random.Generator
) -> tuple[Dials, NDArray[np.int64]]:
    """Return the day's dials in order of their start, and the place of each in the plan."""
    parts = draw_durations(company.people, plan, status, generator)
    order = np.argsort(plan.start, kind="stable")
    ring, talk, hold, wrapup = (part[order] for part in parts)
    agent = plan.agent[order]
    start = queue_up(plan.start[order], agent, ring + talk + hold + wrapup + 5)
    dials = Dials(
        plan.row[order],
        plan.customer[order],
        plan.campaign[order],
        plan.attempt[order],
        agent,
        start,
        status[order],
        ring,
        talk,
        hold,
        wrapup,
    )
    last = np.argsort(start, kind="stable")
    return dials.take(last), order[last]
