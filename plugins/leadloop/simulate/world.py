"""A made company lives through its days: the order in which everything happens.

`World.play` returns what happened on a day, whole columns at a time; `exports` writes it down as
its systems would, `truth` what nobody there knows. The same seed plays the same world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate import calendar, curves, dials, faults, funnel
from leadloop.simulate.company import (
    CARE,
    COLD_LIST,
    RETARGET,
    SHORT_VIDEO,
    VISIT,
    build_company,
)
from leadloop.simulate.customers import PLAN_SHARES, PLANS, CustomerBook
from leadloop.simulate.dials import Plan
from leadloop.simulate.keyed import draw_units
from leadloop.simulate.leads import (
    DUPLICATE_SHARE,
    EMPTY_NUMBER,
    WON,
    LeadBook,
    make_leads,
)
from leadloop.simulate.levers import Levers
from leadloop.simulate.service import ServiceDesk

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from leadloop.simulate.calendar import DayOf
    from leadloop.simulate.company import Company
    from leadloop.simulate.customers import Bought
    from leadloop.simulate.dials import Dials
    from leadloop.simulate.effects import Action
    from leadloop.simulate.scale import Scale
    from leadloop.simulate.service import Tickets

# Leads that come by themselves, a day, for each dial: the rest of the day is filled from lists.
ARRIVALS_PER_DIAL = 0.20
LEAD_SPREAD = 0.12
# More is planned than the agents get to: what is left by the evening is dialled tomorrow.
OVERPLANNED = 1.08
# The retarget list's part of a day's dials, until its own past tells better.
USUAL_LIST_SHARE = 0.13
ASLEEP_DRAW, DUPLICATE_DRAW = 20, 21
# What people say to their account manager, in the order of the results of a talk.
CARE_SHARES = np.array([0.02, 0.11, 0.05, 0.0, 0.11, 0.0, 0.71])
VISIT_SHARE, OWNER_SHARE = 0.5, 0.5
PURPOSES = (
    "leads", "hours", "staff", "dials", "care", "orders", "service", "inquiries", "words", "rows",
    "dirt", "desk", "money", "checks",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be played: seed, scale, days, and what is planted in them."""

    seed: int
    scale: Scale
    first_day: str
    days: int
    faults: tuple[faults.Fault, ...] = ()
    actions: tuple[Action, ...] = ()
    with_effects: bool = True
    null: bool = False


@dataclass(frozen=True, slots=True)
class Orders:
    """Columns of a day's orders; agent is -1 where nobody made the deal on the phone."""

    customer: NDArray[np.int64]
    row: NDArray[np.int64]
    agent: NDArray[np.int64]
    second: NDArray[np.int64]
    amount: NDArray[np.float64]
    # What it is: a first deal, an add-on, a renewal.
    kind: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Played:
    """Everything that happened on one day."""

    day: DayOf
    make: Callable[[str], np.random.Generator]
    fresh: NDArray[np.int64]
    dials: Dials
    results: funnel.Results
    self_bought: NDArray[np.int64]
    orders: Orders
    tickets: Tickets
    solved: NDArray[np.int64]
    staff: NDArray[np.float64]


@dataclass(slots=True)
class World:
    """One made company and all that it remembers from day to day."""

    script: Script
    company: Company
    levers: Levers
    leads: LeadBook
    customers: CustomerBook
    desk: ServiceDesk = field(default_factory=ServiceDesk)
    self_buying: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    visiting: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    usual_list: float = 0.0

    @classmethod
    def build(cls, script: Script) -> World:
        """Return the world on the eve of its first day; raise UsageError for a place it lacks."""
        generator = np.random.default_rng([script.seed, 0])
        company = build_company(generator, script.scale, script.days, alike=script.null)
        levers = Levers(company, script.days, script.faults, script.actions, script.with_effects)
        levers.check()
        for fault in script.faults:
            if isinstance(fault, faults.SlowObjections):
                places = [company.find_agent(agent) for agent in fault.agents]
                company.people.hired[places] = fault.span(script.days)[0]
        room = script.scale.dials * script.days // 2 + script.scale.customers
        world = cls(script, company, levers, LeadBook(room), CustomerBook(alike=script.null))
        world._settle_customers(generator)
        world.usual_list = USUAL_LIST_SHARE * script.scale.dials
        return world

    def _settle_customers(self, generator: np.random.Generator) -> None:
        """Give the company the customers that it has from before the first day."""
        count = self.script.scale.customers
        channel = generator.integers(0, len(self.company.channels), count)
        rows = make_leads(self.company, 0, channel, generator)
        rows["stage"], rows["number"], rows["created"] = WON, 0, -1
        # Before the first export: no file has these leads, only their customers.
        rows["touched"] = -1
        placed = self.leads.add(rows)
        numbers = self.customers.open(placed, rows["company"], 0, generator, established=True)
        self.leads.rows["customer"][placed] = numbers

    def play(self, day: DayOf) -> Played:
        """Return what happens on a day; the world is a day older afterwards."""
        streams: dict[str, np.random.Generator] = {}

        def make(purpose: str) -> np.random.Generator:
            # One stream a purpose and day: asked for again it goes on. Begun anew, it would give
            # two choices the same numbers, and who dials would follow from the hour.
            if purpose not in streams:
                key = [self.script.seed, 1, day.number, PURPOSES.index(purpose)]
                streams[purpose] = np.random.default_rng(key)
            return streams[purpose]

        fresh = self._welcome(day, make("leads"))
        staff = dials.staff_day(self.company.people, day, make("staff"))
        plan, reach = self._plan(day, staff, make)
        made, results = self._dial(day, plan, reach, make("dials"))
        bought = self.customers.order_again(day.number, self.levers, make("orders"))
        self_bought = self.self_buying[self.leads.rows["stage"][self.self_buying] < WON]
        self.self_buying = self._book(day, made, results)
        orders = self._sell(day, made, self_bought, bought, make("money"))
        tickets = self.desk.open(day.number, self.customers, staff, make("service"))
        solved = self.desk.settle(day.number, tickets, self.customers, make("service"))
        self.customers.solve(day.number, solved, self.levers, make("service"))
        self.customers.save(day.number, self.levers, make("care"))
        self.visiting = solved
        return Played(day, make, fresh, made, results, self_bought, orders, tickets, solved, staff)

    # -- who is dialled ----------------------------------------------------------------------

    def _welcome(self, day: DayOf, generator: np.random.Generator) -> NDArray[np.int64]:
        """Add the leads that come by themselves; those of the late evening wait for the morning."""
        shares = np.array([item.share for item in self.company.channels])
        mean = self.script.scale.dials * ARRIVALS_PER_DIAL * shares / max(shares.sum(), 1e-9)
        mean = mean * self.levers.volume(day.number) * (1.0 if day.kind == 0 else 0.75)
        count = generator.poisson(mean * generator.gamma(1 / LEAD_SPREAD**2, LEAD_SPREAD**2))
        rows = self._add(day, np.repeat(np.arange(shares.size), count), generator)
        second = self.leads.rows["second"][rows]
        self.leads.wait(
            rows, np.where(second < dials.LAST_SECOND - 5400, day.number, day.number + 1)
        )
        return rows

    def _add(
        self, day: DayOf, channel: NDArray[np.int64], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        fresh = make_leads(self.company, day.number, channel, generator)
        numbers = np.arange(self.leads.count, self.leads.count + fresh.size)
        self.levers.fall_asleep(
            day.number, fresh, draw_units(self.script.seed, ASLEEP_DRAW, numbers)
        )
        twice = draw_units(self.script.seed, DUPLICATE_DRAW, numbers) < DUPLICATE_SHARE
        earlier = numbers - 1 - generator.integers(0, 400, fresh.size)
        fresh["same_as"] = np.where(twice & (earlier >= 0), earlier, -1)
        return self.leads.add(fresh)

    def _plan(
        self, day: DayOf, staff: NDArray[np.float64], make: Callable[[str], np.random.Generator]
    ) -> tuple[Plan, NDArray[np.float64]]:
        """Return the day's dials to leads and customers, and how likely customers answer."""
        volume = float(dials.KIND_VOLUME[day.kind])
        rows = self._choose_leads(day, volume, make("leads"))
        lead = self.leads.rows[rows]
        customer, reach = self.customers.dial(day.number, volume, make("care"))
        visits = self.visiting[make("care").random(self.visiting.size) < VISIT_SHARE]
        everyone = np.concatenate([np.zeros(rows.size, np.int64), customer, visits])
        whole = np.concatenate(
            [rows, self.customers.rows["row"][np.concatenate([customer, visits]) - 1]]
        ).astype(np.int64)
        campaign = np.concatenate(
            [lead["campaign"], np.full(customer.size, CARE), np.full(visits.size, VISIT)]
        ).astype(np.int64)
        attempt = np.concatenate(
            [lead["attempt"].astype(np.int64) + 1, np.ones(customer.size + visits.size, np.int64)]
        )
        reaches = np.concatenate([np.full(rows.size, np.nan), reach, np.full(visits.size, 0.75)])
        seen = self.leads.rows[whole]
        hour, start = dials.plan_hours(campaign, seen, day.number, make("hours"))
        agent = self._choose_agents(seen, staff, make("hours"))
        return Plan(whole, everyone, campaign, attempt, hour, start, agent), reaches

    def _choose_leads(
        self, day: DayOf, volume: float, generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return whom the dialler takes up: who is due, then lists of strangers."""
        mean = self.script.scale.dials * volume * OVERPLANNED
        # Gamma times Poisson: days vary more than chance alone, with a coefficient of about .05.
        count = int(generator.poisson(mean * generator.gamma(400.0, 1 / 400.0)))
        due = self.leads.take_due(day.number)
        lead = self.leads.rows[due]
        due = due[(lead["stage"] < WON) & ~lead["stopped"]]
        # Who said yes to another talk comes first, then who was never dialled.
        lead = self.leads.rows[due]
        due = due[np.lexsort((lead["attempt"], -lead["talks"].astype(np.int64)))]
        due = self._reload_list(day, due, generator)
        if due.size > count:
            self.leads.wait(due[count:], np.full(due.size - count, day.number + 1))
            return due[:count]
        strangers = np.full(count - due.size, min(COLD_LIST, len(self.company.channels) - 1))
        return np.concatenate([due, self._add(day, strangers, generator)])

    def _reload_list(
        self, day: DayOf, due: NDArray[np.int64], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return the leads with a dead list in the place of the campaign's usual one."""
        campaigns = self.leads.rows["campaign"][due]
        for fault in self.levers.on(day.number, faults.DeadList):
            campaign = self.company.find_campaign(fault.campaign)
            wanted = round(self.usual_list * dials.KIND_VOLUME[day.kind])
            fresh = make_leads(self.company, day.number, np.full(wanted, SHORT_VIDEO), generator)
            dead = generator.random(wanted) < fault.share
            fresh["campaign"] = campaign
            fresh["number"] = np.where(dead, EMPTY_NUMBER, fresh["number"])
            fresh["second"] = np.minimum(fresh["second"], 8 * 3600)
            later = due[campaigns == campaign]
            self.leads.wait(later, np.full(later.size, day.number + 1))
            return np.concatenate([self.leads.add(fresh), due[campaigns != campaign]])
        if day.kind == calendar.WORKDAY:
            seen = float((campaigns == RETARGET).sum())
            self.usual_list = 0.8 * self.usual_list + 0.2 * seen
        return due

    def _choose_agents(
        self, lead: Any, staff: NDArray[np.float64], generator: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return who dials: whoever looks after the lead if he is here, else anyone."""
        anyone = generator.choice(staff.size, size=lead.size, p=staff)
        owner = lead["owner"].astype(np.int64)
        here = (owner >= 0) & (staff[owner] > 0) & (generator.random(lead.size) < OWNER_SHARE)
        return np.asarray(np.where(here, owner, anyone))

    # -- what comes of it --------------------------------------------------------------------

    def _dial(
        self, day: DayOf, plan: Plan, reach: NDArray[np.float64], generator: np.random.Generator
    ) -> tuple[Dials, funnel.Results]:
        lead, seed = self.leads.rows[plan.row], self.script.seed
        chance = dials.connect_chances(self.levers, day, plan, lead, reach)
        turn = np.where(plan.customer > 0, 1000 + day.number, plan.attempt + 100 * lead["talks"])
        answers = draw_units(seed, dials.CONNECT_DRAW, plan.row, turn) < chance
        results = funnel.talk_results(seed, self.levers, day.number, plan, lead)
        cared = generator.choice(CARE_SHARES.size, size=plan.row.size, p=CARE_SHARES)
        said = np.where(plan.customer > 0, cared, results.status)
        status = np.where(answers, said, dials.miss_reasons(seed, day, plan, lead))
        made, place = dials.settle(self.company, plan, status, generator)
        # What an agent did not get to by the evening is dialled tomorrow.
        over = (made.start > dials.LAST_SECOND) & (made.customer == 0)
        self.leads.wait(made.row[over], np.full(int(over.sum()), day.number + 1))
        done = np.flatnonzero(made.start <= dials.LAST_SECOND)
        return made.take(done), results.take(place[done])

    def _book(self, day: DayOf, made: Dials, results: funnel.Results) -> NDArray[np.int64]:
        """Write the day into the leads; return who will buy by himself tomorrow."""
        own = np.flatnonzero(made.customer == 0)
        return funnel.book_dials(
            self.script.seed, self.leads, day.number, made.take(own), results.take(own)
        )

    def _sell(
        self,
        day: DayOf,
        made: Dials,
        self_bought: NDArray[np.int64],
        bought: Bought,
        generator: np.random.Generator,
    ) -> Orders:
        """Return the day's orders: deals on the phone, online, add-ons and renewals."""
        deals = np.flatnonzero(made.status == dials.WON)
        lead = self.leads.rows
        lead["stage"][self_bought], lead["won_day"][self_bought] = WON, day.number
        lead["touched"][self_bought] = day.number
        buyers = np.concatenate([made.row[deals], self_bought])
        known = np.concatenate([made.customer[deals], np.zeros(self_bought.size, np.int64)])
        opening = buyers[known == 0]
        known[known == 0] = self.customers.open(
            opening, lead["company"][opening], day.number, generator
        )
        lead["customer"][buyers] = known
        held = self.customers.rows
        first = PLANS[generator.choice(PLANS.size, size=buyers.size, p=PLAN_SHARES)]
        ended = made.start[deals] + made.ring[deals] + made.talk[deals] + made.hold[deals] + 2
        again = bought.customer.size
        return Orders(
            customer=np.concatenate([known, bought.customer]),
            row=np.concatenate([buyers, held["row"][bought.customer - 1]]).astype(np.int64),
            agent=np.concatenate([made.agent[deals], np.full(self_bought.size + again, -1)]),
            second=np.concatenate(
                [
                    ended + generator.integers(60, 3600, deals.size),
                    curves.draw_moments(self_bought.size + again, generator),
                ]
            ),
            amount=np.concatenate([first, bought.amount]),
            kind=np.concatenate(
                [np.zeros(buyers.size, np.int64), 1 + bought.is_renewal.astype(np.int64)]
            ),
        )
