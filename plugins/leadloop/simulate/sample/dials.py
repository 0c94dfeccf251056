"""One day of the made company: who is dialled when, by whom, how it ends and how long it takes.

Plays with whole columns; `dialect.py` writes them the way a dialler exports them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.curves import to_logit, to_share
from leadloop.simulate.dials import queue_up
from leadloop.simulate.sample.company import (
    AFTERNOON,
    ATTEMPT_CONNECT,
    ATTEMPT_WIN,
    HOUR_SHARES,
    HOURS,
    RETARGET,
    WEEKDAY_CONNECT,
    hour_logits,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.sample.company import MadeCompany
    from leadloop.simulate.sample.leads import Leads

WON, INTERESTED, REFUSED, DNC, CALLBACK, WRONG, OTHER = range(7)
NO_ANSWER, BUSY, REJECTED, POWER_OFF, SUSPENDED = range(7, 12)
EMPTY, NET_FAIL, VOICEMAIL, ABANDONED = range(12, 16)
# What people say when no deal is made, and the lognormal (mu, sigma) of each talk in seconds.
HUMAN_SHARES = np.array([0.0, 0.14, 0.44, 0.04, 0.13, 0.06, 0.19])
TALK_MU = np.array([6.07, 5.55, 4.45, 3.30, 4.55, 3.20, 4.60])
TALK_SIGMA = np.array([0.71, 0.75, 1.00, 0.90, 0.85, 0.75, 0.95])
# What existing customers say of the same: mostly that they talked.
CUSTOMER_SHARES = np.array([0.0, 0.12, 0.05, 0.0, 0.11, 0.0, 0.72])
# The share of each that hangs up within ten seconds: about 7 % of talks, as on a real desk.
HANGUP_SHARES = np.array([0.0, 0.0, 0.07, 0.12, 0.01, 0.08, 0.06])
# Why nobody was reached, from no answer to a call dropped by the dialler; invalid numbers apart.
MISS_SHARES = np.array([0.66, 0.12, 0.11, 0.05, 0.0, 0.0, 0.012, 0.038, 0.01])
RING_MU = np.array([3.55, 1.20, 2.20, 0.0, 0.0, 0.0, 0.0, 3.10, 2.30])
RETRIED = np.array([NO_ANSWER, BUSY, REJECTED, POWER_OFF, NET_FAIL, VOICEMAIL, ABANDONED, CALLBACK])


@dataclass(frozen=True, slots=True)
class Dials:
    """Columns of a day's dials in order of their start; seconds since local midnight."""

    leads: Leads
    agent: NDArray[np.int64]
    status: NDArray[np.int64]
    start: NDArray[np.int64]
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

    @property
    def is_retried(self) -> NDArray[np.bool_]:
        """Whether the dialler may try the lead again; customers have their own rhythm."""
        return np.asarray(np.isin(self.status, RETRIED) & (self.leads.customer == 0))


@dataclass(frozen=True, slots=True)
class DeadList:
    """A planted loss: nearly all numbers of one campaign's list do not exist."""

    campaign: int
    share: float


def play_day(
    company: MadeCompany,
    leads: Leads,
    weekday: int,
    generator: np.random.Generator,
    fault: DeadList | None = None,
) -> Dials:
    """Return the day's dials; `weekday` is 0 on Monday."""
    count = leads.lead.size
    hour = _choose_hours(leads, generator)
    agent = generator.integers(0, company.agents.agent_id.size, count)
    chance = _connect_chance(company, leads, hour, weekday)
    reached = generator.random(count) < chance
    status = np.where(
        reached,
        _talk_results(company, leads, agent, generator),
        _miss_reasons(company, leads, generator),
    )
    if fault is not None:
        dead = (leads.campaign == fault.campaign) & (generator.random(count) < fault.share)
        status = np.where(dead, EMPTY, status)
    start = HOURS[hour] * 3600 + generator.integers(0, 3600, count)
    order = np.argsort(start, kind="stable")
    parts = (status[order], agent[order])
    ring, talk, hold, wrapup = _durations(company, *parts, generator)
    start = queue_up(start[order], agent[order], ring + talk + hold + wrapup + 5)
    dials = Dials(leads.take(order), agent[order], status[order], start, ring, talk, hold, wrapup)
    return _sort(dials)


def _choose_hours(leads: Leads, generator: np.random.Generator) -> NDArray[np.int64]:
    count = leads.lead.size
    hour = generator.choice(HOURS.size, size=count, p=HOUR_SHARES / HOUR_SHARES.sum())
    late = np.where(HOURS >= AFTERNOON, HOUR_SHARES, 0.0)
    afternoon = generator.choice(HOURS.size, size=count, p=late / late.sum())
    return np.where(leads.campaign == RETARGET, afternoon, hour)


def _connect_chance(
    company: MadeCompany, leads: Leads, hour: NDArray[np.int64], weekday: int
) -> NDArray[np.float64]:
    channel = np.array([item.connect for item in company.channels])
    campaign = np.array([item.connect for item in company.campaigns])
    logit = hour_logits()[hour] + WEEKDAY_CONNECT[weekday]
    logit = logit + channel[leads.channel] + campaign[leads.campaign]
    chance = to_share(logit + 0.4 * leads.quality + ATTEMPT_CONNECT * (leads.attempt - 2))
    return np.where(leads.customer > 0, leads.reach, chance)


def _talk_results(
    company: MadeCompany,
    leads: Leads,
    agent: NDArray[np.int64],
    generator: np.random.Generator,
) -> NDArray[np.int64]:
    base = to_logit(np.array([item.win_rate for item in company.channels]))
    shift = np.array([item.win for item in company.campaigns])
    logit = base[leads.channel] + shift[leads.campaign] + company.agents.skill[agent]
    logit = logit + 0.8 * leads.quality + ATTEMPT_WIN * (leads.attempt - 1)
    won = generator.random(agent.size) < to_share(logit)
    lost, kept = (
        generator.choice(shares.size, size=agent.size, p=shares / shares.sum())
        for shares in (HUMAN_SHARES, CUSTOMER_SHARES)
    )
    return np.where(won, WON, np.where(leads.customer > 0, kept, lost))


def _miss_reasons(
    company: MadeCompany, leads: Leads, generator: np.random.Generator
) -> NDArray[np.int64]:
    count = leads.lead.size
    missed = NO_ANSWER + generator.choice(
        MISS_SHARES.size, size=count, p=MISS_SHARES / MISS_SHARES.sum()
    )
    # A dead number shows on the first attempt; later attempts only reach numbers that exist.
    invalid = np.array([item.invalid for item in company.channels])[leads.channel]
    invalid = np.where(leads.attempt == 1, invalid * 1.6, 0.0)
    dead = np.where(generator.random(count) < 0.7, EMPTY, SUSPENDED)
    return np.where(generator.random(count) < invalid, dead, missed)


def _durations(
    company: MadeCompany,
    status: NDArray[np.int64],
    agent: NDArray[np.int64],
    generator: np.random.Generator,
) -> tuple[NDArray[np.int64], ...]:
    count = status.size
    people = company.agents
    human = status <= OTHER
    said = np.where(human, status, OTHER)
    talk = generator.lognormal(TALK_MU[said], TALK_SIGMA[said]) * people.talk_pace[agent]
    at_once = generator.random(count) < HANGUP_SHARES[said]
    talk = np.where(at_once, generator.uniform(1.0, 9.4, count), talk)
    talk = np.clip(talk, np.where(status == WON, 45, 1), 3000)
    machine = generator.lognormal(2.3, 0.5, count)
    talk = np.where(human, talk, np.where(status == VOICEMAIL, machine, 0.0))
    held = human & (talk > 90) & (generator.random(count) < 0.10)
    hold = np.where(held, generator.lognormal(3.4, 0.6, count), 0.0)
    wrapup = generator.lognormal(3.2, 0.55, count) * people.wrapup_pace[agent]
    wrapup = np.where(human, wrapup, 0.0)
    rung = generator.lognormal(2.55, 0.5, count)
    missed = np.where(human, 0, status - NO_ANSWER)
    ring = np.where(human, rung, generator.lognormal(RING_MU[missed], 0.35))
    ring = np.where(human | (RING_MU[missed] > 0), np.clip(ring, 1, 60), 0.0)
    return tuple(np.rint(part).astype(np.int64) for part in (ring, talk, hold, wrapup))


def _sort(dials: Dials) -> Dials:
    order = np.argsort(dials.start, kind="stable")
    return Dials(
        dials.leads.take(order),
        *(
            column[order]
            for column in (
                dials.agent,
                dials.status,
                dials.start,
                dials.ring,
                dials.talk,
                dials.hold,
                dials.wrapup,
            )
        ),
    )
