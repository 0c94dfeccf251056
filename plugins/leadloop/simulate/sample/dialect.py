"""How the made company's dialler writes a day: CSV columns, codes and local times as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.exports.forms import customer_ids, export_time, local_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.sample.company import MadeCompany
    from leadloop.simulate.sample.dials import Dials

COLUMNS = (
    "call_id",
    "call_type",
    "caller",
    "callee",
    "lead_id",
    "customer_id",
    "campaign_id",
    "channel_id",
    "agent_id",
    "queue",
    "attempt_no",
    "start_time",
    "ring_time",
    "answer_time",
    "end_time",
    "ring_seconds",
    "bill_seconds",
    "hold_seconds",
    "wrapup_seconds",
    "status",
    "hangup_by",
    "export_time",
)
# In the order of the results in dials.py.
STATUSES = np.array(
    [
        "ANSWERED_WON",
        "ANSWERED_INTERESTED",
        "ANSWERED_REFUSED",
        "ANSWERED_DNC",
        "ANSWERED_CALLBACK",
        "ANSWERED_WRONG",
        "ANSWERED_OTHER",
        "NOANSWER",
        "BUSY",
        "REJECTED",
        "POWEROFF",
        "SUSPENDED",
        "EMPTY",
        "NETFAIL",
        "VOICEMAIL",
        "ABANDONED",
    ]
)
SET_UP_SECONDS = 2  # between the start of a dial and its ringing


def write_rows(
    company: MadeCompany, dials: Dials, day: str, generator: np.random.Generator
) -> list[list[str]]:
    """Return one list of text for each dial, in the order of COLUMNS."""
    leads, people = dials.leads, company.agents
    nobody = dials.status == STATUSES.size - 1  # dropped before an agent was free
    ringing = dials.start + SET_UP_SECONDS
    answered = ringing + dials.ring
    ended = answered + dials.talk + dials.hold
    none = np.full(dials.start.shape, "")
    columns = (
        _ids(day, dials.start.size),
        np.full(dials.start.shape, "outbound"),
        company.call_numbers[leads.campaign],
        lead_phones(leads.lead),
        lead_ids(leads.lead),
        customer_ids(leads.customer),
        np.array([item.campaign_id for item in company.campaigns])[leads.campaign],
        np.array([item.channel_id for item in company.channels])[leads.channel],
        np.where(nobody, none, people.agent_id[dials.agent]),
        people.queue[dials.agent],
        leads.attempt.astype(str),
        local_times(day, dials.start),
        np.where(dials.ring > 0, local_times(day, ringing), none),
        np.where(dials.is_answered, local_times(day, answered), none),
        local_times(day, ended),
        dials.ring.astype(str),
        dials.talk.astype(str),
        dials.hold.astype(str),
        dials.wrapup.astype(str),
        STATUSES[dials.status],
        _hangups(dials, generator),
        np.full(dials.start.shape, export_time(day)),
    )
    return [list(row) for row in zip(*(column.tolist() for column in columns), strict=True)]


def lead_ids(lead: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the CRM's id of each lead."""
    return np.char.add("L", np.char.mod("%07d", lead))


def lead_phones(lead: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return a number for each lead under 154, a prefix that China has not assigned.

    >>> str(lead_phones(np.array([1]))[0])
    '15436054321'
    """
    # Multiplying by a number prime to 10^8 spreads the leads without giving two the same number.
    spread = (lead * 36_054_321) % 100_000_000
    return np.char.add("154", np.char.mod("%08d", spread))


def _ids(day: str, count: int) -> NDArray[np.str_]:
    return np.char.add("C" + day.replace("-", ""), np.char.mod("%06d", np.arange(count)))


def _hangups(dials: Dials, generator: np.random.Generator) -> NDArray[np.str_]:
    customer = generator.random(dials.start.size) < 0.62
    by_person = np.where(customer, "customer", "agent")
    return np.where(dials.is_human, by_person, "system")
