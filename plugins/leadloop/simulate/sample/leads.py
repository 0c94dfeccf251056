"""The leads of the made company and when each is dialled again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.sample.company import RETARGET, RETARGET_SHARE, SHORT_VIDEO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadloop.simulate.sample.company import MadeCompany

MAX_ATTEMPTS = 6
RETRY_SHARE = 0.61  # attempts to a lead are about geometric with p = .39


@dataclass(frozen=True, slots=True)
class Leads:
    """Columns of some leads; `attempt` is the number of the attempt about to be made.

    Existing customers are dialled too: their `customer` is above 0, and `reach` is the chance
    that they answer (leads answer by the hour, and have nan there).
    """

    lead: NDArray[np.int64]
    channel: NDArray[np.int64]
    campaign: NDArray[np.int64]
    quality: NDArray[np.float64]
    attempt: NDArray[np.int64]
    customer: NDArray[np.int64]
    reach: NDArray[np.float64]

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Leads:
        """Return the chosen leads."""
        return Leads(*(getattr(self, column.name)[chosen] for column in fields(self)))


def join_leads(parts: Sequence[Leads]) -> Leads:
    """Return all leads of the parts, in their order."""
    if not parts:
        whole, real = np.empty(0, dtype=np.int64), np.empty(0)
        return Leads(whole, whole, whole, real, whole, whole, real)
    columns = (column.name for column in fields(Leads))
    return Leads(*(np.concatenate([getattr(part, name) for part in parts]) for name in columns))


@dataclass(slots=True)
class LeadPool:
    """Leads that wait for their day, and the number of the next new one."""

    company: MadeCompany
    next_lead: int = 1
    waiting: dict[int, list[Leads]] = field(default_factory=dict)

    def draw(self, day: int, count: int, generator: np.random.Generator) -> Leads:
        """Return the leads dialled on a day: those that are due first, then new ones."""
        due = join_leads(self.waiting.pop(day, []))
        if due.lead.size > count:
            self._wait(day + 1, due.take(np.arange(count, due.lead.size)))
            return due.take(np.arange(count))
        return join_leads([due, self._new(count - due.lead.size, generator)])

    def reload(self, leads: Leads, generator: np.random.Generator) -> Leads:
        """Return the leads with those of the afternoon list exchanged for ones never dialled.

        A dead number is not tried again, so the list would run dry: it is topped up to its usual
        share of the day.
        """
        fresh = (leads.campaign == RETARGET) & (leads.attempt > 1)
        numbers = leads.lead.copy()
        numbers[fresh] = self._number(int(fresh.sum()))
        leads = replace(leads, lead=numbers, attempt=np.where(fresh, 1, leads.attempt))
        usual = self.company.channels[SHORT_VIDEO].share * RETARGET_SHARE * leads.lead.size
        short = max(0, round(usual) - int((leads.campaign == RETARGET).sum()))
        more = self._new(short, generator)
        whole = np.ones(short, dtype=np.int64)
        more = replace(more, channel=SHORT_VIDEO * whole, campaign=RETARGET * whole)
        return join_leads([leads, more])

    def retry(
        self,
        day: int,
        leads: Leads,
        again: NDArray[np.bool_],
        generator: np.random.Generator,
    ) -> None:
        """Put a share of the leads that were not reached back, one to three days later."""
        kept = again & (generator.random(again.size) < RETRY_SHARE)
        kept &= leads.attempt < MAX_ATTEMPTS
        gap = generator.integers(1, 4, again.size)
        for days in (1, 2, 3):
            part = leads.take(kept & (gap == days))
            self._wait(day + days, replace(part, attempt=part.attempt + 1))

    def _wait(self, day: int, leads: Leads) -> None:
        self.waiting.setdefault(day, []).append(leads)

    def _new(self, count: int, generator: np.random.Generator) -> Leads:
        company = self.company
        channel = _choose([item.share for item in company.channels], count, generator)
        campaign = _choose([item.share for item in company.campaigns], count, generator)
        listed = (channel == SHORT_VIDEO) & (generator.random(count) < RETARGET_SHARE)
        return Leads(
            lead=self._number(count),
            channel=channel,
            campaign=np.where(listed, RETARGET, campaign),
            quality=generator.normal(0.0, 0.5, count),
            attempt=np.ones(count, dtype=np.int64),
            customer=np.zeros(count, dtype=np.int64),
            reach=np.full(count, np.nan),
        )

    def _number(self, count: int) -> NDArray[np.int64]:
        self.next_lead += count
        return np.arange(self.next_lead - count, self.next_lead)


def _choose(shares: list[float], count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return generator.choice(len(shares), size=count, p=np.asarray(shares) / sum(shares))
