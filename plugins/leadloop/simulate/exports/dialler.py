"""What the dialler exports: call detail records in its codes, its dirt in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.company import CUSTOMER_BASE, QUEUES
from leadloop.simulate.dials import EMPTY, INTERESTED, OTHER, WON
from leadloop.simulate.exports.forms import (
    customer_ids,
    export_time,
    lead_ids,
    lead_phones,
    list_rows,
    local_times,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.dials import Dials
    from leadloop.simulate.world import Played, World

COLUMNS = (
    "call_id", "parent_call_id", "call_type", "caller", "callee", "lead_id", "customer_id",
    "campaign_id", "channel_id", "agent_id", "queue", "attempt_no", "start_time", "ring_time",
    "answer_time", "end_time", "ring_seconds", "bill_seconds", "hold_seconds", "wrapup_seconds",
    "status", "hangup_by", "export_time",
)  # fmt: skip
# In the order of the results in dials.py.
STATUSES = np.array(
    [
        "ANSWERED_WON", "ANSWERED_INTERESTED", "ANSWERED_REFUSED", "ANSWERED_DNC",
        "ANSWERED_CALLBACK", "ANSWERED_WRONG", "ANSWERED_OTHER", "NOANSWER", "BUSY", "REJECTED",
        "POWEROFF", "SUSPENDED", "EMPTY", "NETFAIL", "VOICEMAIL", "ABANDONED",
    ]
)  # fmt: skip
SET_UP_SECONDS = 2  # between the start of a dial and its ringing
# Two releases of its software write some codes in words.
VARIANTS = {WON: ("成交", 0.15), EMPTY: ("空号", 0.30)}
MASKED_SHARE, LEG_SHARE = 0.004, 0.012
# One of its two servers runs ahead on these days of a month, by this much.
FAST_DAYS, FAST_SECONDS = (11, 12, 13), 95


def call_ids(day: str, count: int) -> NDArray[np.str_]:
    """Return the id of each of a day's dials, in order of their start."""
    return np.char.add("C" + day.replace("-", ""), np.char.mod("%06d", np.arange(count)))


def write_calls(world: World, played: Played) -> list[list[str]]:
    """Return one list of text for each dial, in the order of COLUMNS, legs of transfers last."""
    generator, dials, day = played.make("rows"), played.dials, played.day.date
    rows = list_rows(_tabulate(world, played, generator))
    talked = np.flatnonzero((dials.status <= INTERESTED) & (dials.talk > 120))
    passed_on = talked[generator.random(talked.size) < LEG_SHARE]
    return rows + [_write_leg(rows[place], dials, place, day) for place in passed_on.tolist()]


def _tabulate(world: World, played: Played, generator: np.random.Generator) -> dict[str, Any]:
    dials, day, company = played.dials, played.day.date, world.company
    lead, people = world.leads.rows[dials.row], company.people
    late = _run_fast(people.queue[dials.agent], day)
    start = dials.start + late
    ringing = start + SET_UP_SECONDS
    answered = ringing + dials.ring
    none = np.full(dials.start.shape, "")
    phones = lead_phones(dials.row, lead["same_as"])
    masked = generator.random(dials.start.size) < MASKED_SHARE
    hidden = np.array([f"{text[:3]}****{text[-4:]}" for text in phones[masked].tolist()])
    phones[masked] = hidden if masked.any() else phones[masked]
    channels = np.array([item.channel_id for item in company.channels] + [CUSTOMER_BASE])
    channel = np.where(dials.customer > 0, channels.size - 1, lead["channel"])
    return {
        "call_id": call_ids(day, dials.start.size),
        "parent_call_id": "",
        "call_type": "outbound",
        "caller": company.lines[dials.campaign],
        "callee": phones,
        "lead_id": lead_ids(dials.row),
        "customer_id": customer_ids(dials.customer),
        "campaign_id": np.array([item.campaign_id for item in company.campaigns])[dials.campaign],
        "channel_id": channels[channel],
        "agent_id": np.where(dials.status == 15, none, people.agent_id[dials.agent]),
        "queue": np.array(QUEUES)[people.queue[dials.agent]],
        "attempt_no": dials.attempt,
        "start_time": local_times(day, start),
        "ring_time": np.where(dials.ring > 0, local_times(day, ringing), none),
        "answer_time": np.where(dials.is_answered, local_times(day, answered), none),
        "end_time": local_times(day, answered + dials.talk + dials.hold),
        "ring_seconds": dials.ring,
        "bill_seconds": dials.talk,
        "hold_seconds": dials.hold,
        "wrapup_seconds": dials.wrapup,
        "status": _code(world, played, generator),
        "hangup_by": _hangups(dials, generator),
        "export_time": export_time(day),
    }


def _run_fast(queue: NDArray[np.int64], day: str) -> NDArray[np.int64]:
    """Return by how many seconds the clock of each dial's server runs ahead."""
    return np.where((queue == 1) & (int(day[8:]) in FAST_DAYS), FAST_SECONDS, 0)


def _code(world: World, played: Played, generator: np.random.Generator) -> NDArray[np.str_]:
    dials = played.dials
    codes = STATUSES[dials.status].astype("U24")
    for status, (word, share) in VARIANTS.items():
        other = (dials.status == status) & (generator.random(codes.size) < share)
        codes[other] = word
    if (lost := world.levers.lost_answers(played.day.number)) is not None:
        queue = world.company.people.queue[dials.agent]
        gone = dials.is_human & (queue == lost[0]) & (generator.random(codes.size) < lost[1])
        codes[gone] = "NOANSWER"
    return codes


def _hangups(dials: Dials, generator: np.random.Generator) -> NDArray[np.str_]:
    customer = generator.random(dials.start.size) < 0.62
    by_person = np.where(customer, "customer", "agent")
    return np.where(dials.status <= OTHER, by_person, "system")


def _write_leg(row: list[str], dials: Dials, place: int, day: str) -> list[str]:
    """Return the second leg of a talk that was passed on to a colleague: its later half."""
    cells = dict(zip(COLUMNS, row, strict=True))
    half = int(dials.talk[place]) // 2
    ended = np.array([dials.start[place] + SET_UP_SECONDS + dials.ring[place] + dials.talk[place]])
    begun = str(local_times(day, ended - half)[0])
    cells |= {
        "call_id": f"{row[0]}-2",
        "parent_call_id": row[0],
        "start_time": begun,
        "ring_time": "",
        "answer_time": begun,
        "end_time": str(local_times(day, ended)[0]),
        "ring_seconds": "0",
        "bill_seconds": str(half),
        "hold_seconds": "0",
        "wrapup_seconds": "0",
    }
    return [cells[name] for name in COLUMNS]
