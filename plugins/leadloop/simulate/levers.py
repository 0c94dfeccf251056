"""What faults and actions change on a day: the only place that knows them.

Each function answers one question of the world (how much better do these leads answer?) by
going through what is on that day. A world without faults and actions gets zeros and ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from leadloop.simulate import curves, faults
from leadloop.simulate.company import QUEUES
from leadloop.simulate.curves import to_logit
from leadloop.simulate.speech.plan import CONCERNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from leadloop.simulate.company import Company
    from leadloop.simulate.effects import Action

F = TypeVar("F", bound=faults.Fault)


@dataclass(frozen=True, slots=True)
class Levers:
    """The troubles and actions of one world."""

    company: Company
    days: int
    planted: tuple[faults.Fault, ...] = ()
    actions: tuple[Action, ...] = ()
    with_effects: bool = True

    def check(self) -> None:
        """Raise UsageError where a fault or an action names a place this company does not have."""
        for fault in self.planted:
            self._check_place(fault)
        for action in self.actions:
            if action.channel is not None:
                self.company.find_channel(action.channel)

    def _check_place(self, fault: faults.Fault) -> None:
        for name in ("channel", "campaign", "agent"):
            if (value := getattr(fault, name, None)) is not None:
                getattr(self.company, f"find_{name}")(value)
        for agent in getattr(fault, "agents", ()):
            self.company.find_agent(agent)

    def on(self, day: int, kind: type[F]) -> Iterator[F]:
        """Yield the faults of a kind that hold on a day."""
        for fault in self.planted:
            if isinstance(fault, kind) and fault.is_on(day, self.days):
                yield fault

    def acting(self, day: int, shifts: str) -> Iterator[Action]:
        """Yield the actions that change something on a day; none with the switch off."""
        if self.with_effects:
            for action in self.actions:
                if action.shifts == shifts and action.is_on(day, self.days):
                    yield action

    # -- who comes -------------------------------------------------------------------------

    def volume(self, day: int) -> NDArray[np.float64]:
        """Return the factor of each channel's new leads."""
        factor = np.ones(len(self.company.channels)) * self._season(day)
        for action in self.acting(day, "volume"):
            place = self.company.find_channel(action.channel or self.company.channels[0].channel_id)
            factor[place] *= 1.0 + action.effect
        return np.maximum(factor, 0.0)

    def _season(self, day: int) -> float:
        factor = 1.0
        for fault in self.on(day, faults.Seasonality):
            factor *= 1.0 + fault.amplitude * np.sin(2 * np.pi * day / fault.period_days)
        return float(factor)

    def fall_asleep(self, day: int, fresh: Any, units: NDArray[np.float64]) -> None:
        """Mark which new leads never say a word; about .3 of all are never reached anyway."""
        for fault in self.on(day, faults.DormantChannel):
            channel = self.company.find_channel(fault.channel)
            themes = self.company.channels[channel].themes
            here = fresh["channel"] == channel
            if fault.theme in themes:
                here &= fresh["theme"] == themes.index(fault.theme)
            share = max(0.0, (fault.share - NATURAL_SLEEP) / (1 - NATURAL_SLEEP))
            fresh["asleep"] |= here & (units < share)

    # -- who answers, is interested, buys --------------------------------------------------

    def connect(self, day: int, lead: Any, rows: NDArray[np.int64], hour: NDArray[np.int64]) -> Any:
        """Return the shift of the connect rate in logits; `hour` is the clock's."""
        shift = np.zeros(rows.size)
        usual = dict(zip(curves.HOURS.tolist(), hour_rates().tolist(), strict=True))
        for fault in self.on(day, faults.HourShift):
            for clock, rate in fault.rates.items():
                if clock in usual:
                    change = float(to_logit(rate) - to_logit(usual[clock]))
                    shift += np.where(hour == clock, change, 0.0)
        for action in self.acting(day, "connect"):
            shift += action.effect * self._treats(action, lead, rows)
        return shift

    def interest(self, day: int, lead: Any) -> NDArray[np.float64]:
        """Return the shift of the chance of interest in logits, for leads being talked to."""
        shift = np.full(lead.size, np.log(self._season(day)))
        for fault in self.on(day, faults.Drift):
            first, last = fault.span(self.days)
            shift += fault.logits * (day - first) / max(1, last - first)
        return np.asarray(shift)

    def win(self, day: int, lead: Any, rows: NDArray[np.int64], agent: NDArray[np.int64]) -> Any:
        """Return the shift in logits and the factor of the chance that a decision is a deal."""
        shift, factor = np.zeros(rows.size), np.ones(rows.size)
        for broken in self.on(day, faults.StageBreak):
            shift += float(to_logit(broken.rate) - to_logit(broken.usual))
        for poor in self.on(day, faults.PoorChannel):
            here = lead["channel"] == self.company.find_channel(poor.channel)
            factor *= np.where(here, min(1.0, poor.rate / poor.usual), 1.0)
        for action in self.acting(day, "win"):
            treated = (
                action.choose(agent) if action.unit == "agent" else self._treats(action, lead, rows)
            )
            shift += action.effect * treated
        return shift, factor

    def _treats(self, action: Action, lead: Any, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        treated = action.choose(rows + 1)
        if action.channel is not None:
            treated &= lead["channel"] == self.company.find_channel(action.channel)
        return treated

    # -- what is said ----------------------------------------------------------------------

    def script_share(self, day: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return for each agent the share of talks with the star's line, and what it lifts."""
        used, lift = np.zeros(self._agents), np.zeros(self._agents)
        for fault in self.on(day, faults.StarScript):
            place = self.company.find_agent(fault.agent)
            used[place], lift[place] = fault.used, fault.lift
        return used, lift

    def objection_pace(self, day: int) -> NDArray[np.float64]:
        """Return for each agent the factor of the time that objections take."""
        pace = np.ones(self._agents)
        tenure = self.company.people.tenure(day)
        for fault in self.on(day, faults.SlowObjections):
            pace = np.where((tenure >= 0) & (tenure < fault.tenure_days), fault.pace, pace)
        for action in self.acting(day, "objections"):
            treated = action.choose(np.arange(self._agents))
            pace = np.where(treated, 1.0 + (pace - 1.0) * (1.0 - action.effect), pace)
        return pace

    def forbidden_share(self, day: int) -> NDArray[np.float64]:
        """Return for each agent the share of talks with forbidden words."""
        share = self.company.people.loose.copy()
        for fault in self.on(day, faults.ForbiddenWords):
            share[self.company.find_agent(fault.agent)] = fault.share
        return share * self._tips(day)

    def sour_share(self, day: int) -> NDArray[np.float64]:
        """Return for each agent the share of talks in which the customer turns sour."""
        share = np.full(self._agents, USUAL_SOUR)
        for fault in self.on(day, faults.NegativeSwings):
            share[self.company.find_agent(fault.agent)] = fault.share
        return share * self._tips(day)

    def _tips(self, day: int) -> NDArray[np.float64]:
        factor = np.ones(self._agents)
        for action in self.acting(day, "forbidden"):
            factor *= np.where(action.choose(np.arange(self._agents)), 1.0 - action.effect, 1.0)
        return factor

    def concern_shares(self, day: int) -> NDArray[np.float64]:
        """Return how often each of CONCERNS is what holds a lead back, added to the usual."""
        added = np.zeros(len(CONCERNS))
        for fault in self.on(day, faults.GrowingConcern):
            first, last = fault.span(self.days)
            added[CONCERNS.index(fault.concern)] = fault.share * (
                (day - first + 1) / max(1, last - first + 1)
            )
        return added

    def break_concern(self, day: int) -> tuple[int, float] | None:
        """Return the concern that most who fail name, and their share; None if nothing broke."""
        for fault in self.on(day, faults.StageBreak):
            return CONCERNS.index(fault.concern), fault.share
        return None

    # -- customers, data -------------------------------------------------------------------

    def rival_share(self, day: int) -> float:
        """Return in which share of talks a customer who is about to leave names a rival."""
        return max((fault.share for fault in self.on(day, faults.RivalChurn)), default=USUAL_RIVAL)

    def repurchase(self, day: int, customer: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the added chance of an order within thirty days after a problem was solved."""
        added = np.zeros(customer.size)
        for fault in self.on(day, faults.ServiceRepurchase):
            added += fault.rate - fault.usual
        for action in self.acting(day, "repeat"):
            added += action.effect * action.choose(customer)
        return np.minimum(added, 0.95)

    def lost_answers(self, day: int) -> tuple[int, float] | None:
        """Return the team whose answers the export loses, and the share; None if all is well."""
        for fault in self.on(day, faults.LostAnswers):
            return QUEUES.index(fault.queue), fault.share
        return None

    @property
    def _agents(self) -> int:
        return int(self.company.people.agent_id.size)


# What a healthy company has, as this world gives it (measured on made worlds, not on real ones).
NATURAL_SLEEP = 0.30
USUAL_SOUR = 0.035
USUAL_RIVAL = 0.015


def hour_rates() -> NDArray[np.float64]:
    """Return the connect rate of each of curves.HOURS on an ordinary workday."""
    mean = float(np.average(curves.HOUR_CONNECT, weights=curves.HOUR_SHARES))
    return CONNECT_MEAN + (curves.HOUR_CONNECT - mean) * HOUR_AMPLITUDE


CONNECT_MEAN = 0.34
HOUR_AMPLITUDE = 1.3
