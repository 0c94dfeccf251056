"""Which calls of a day are transcribed, and the transcripts of them as JSON lines."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.exports.forms import export_time, local_times
from leadloop.simulate.sample.dialect import lead_phones
from leadloop.simulate.sample.dialogues import Talk, write_dialogue
from leadloop.simulate.sample.dials import REFUSED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.sample.customers import CustomerBase
    from leadloop.simulate.sample.dials import Dials

# Talks with leads are sampled, talks with customers are all transcribed.
LEAD_TALKS_PER_DAY = 40
SHORTEST_TRANSCRIBED = 3
FORBIDDEN_SHARE, LOOSE_SHARE = 0.008, 0.22
# Refusals in which the person also says never to be called again, whatever the agent noted.
HIDDEN_STOP_SHARE = 0.06


@dataclass(frozen=True, slots=True)
class Conversations:
    """A day's calls and who of the agents has the habit of forbidden words (or nobody)."""

    dials: Dials
    rows: list[list[str]]
    number: int
    date: str
    loose_tongue: int | None


def write_transcripts(
    day: Conversations, base: CustomerBase, generator: np.random.Generator
) -> list[str]:
    """Return one line of JSON for each transcribed call, in the order of the calls."""
    dials = day.dials
    chosen = _choose(dials, generator)
    started = local_times(day.date, dials.start[chosen])
    talks = _foresee(day, base, chosen, generator)
    lines = []
    for place, moment, talk in zip(chosen, started, talks, strict=True):
        document = {
            "call_id": day.rows[place][0],
            "version": 1,
            "started_at": str(moment),
            "export_time": export_time(day.date, minutes=60),
            "turns": write_dialogue(talk, generator),
        }
        lines.append(json.dumps(document, ensure_ascii=False))
    return lines


def _choose(dials: Dials, generator: np.random.Generator) -> NDArray[np.int64]:
    heard = dials.is_human & (dials.talk >= SHORTEST_TRANSCRIBED)
    customers = np.flatnonzero(heard & (dials.leads.customer > 0))
    leads = generator.permutation(np.flatnonzero(heard & (dials.leads.customer == 0)))
    return np.sort(np.concatenate([customers, leads[:LEAD_TALKS_PER_DAY]]))


def _foresee(
    day: Conversations,
    base: CustomerBase,
    chosen: NDArray[np.int64],
    generator: np.random.Generator,
) -> list[Talk]:
    dials = day.dials
    customer = dials.leads.customer[chosen]
    is_customer = customer > 0
    rival = np.zeros(chosen.size, dtype=np.bool_)
    rival[is_customer] = base.name_rivals(day.number, customer[is_customer], generator)
    loose = dials.agent[chosen] == (-1 if day.loose_tongue is None else day.loose_tongue)
    forbidden = generator.random(chosen.size) < np.where(loose, LOOSE_SHARE, FORBIDDEN_SHARE)
    stops = (dials.status[chosen] == REFUSED) & ~is_customer
    stops &= generator.random(chosen.size) < HIDDEN_STOP_SHARE
    phones = lead_phones(dials.leads.lead[chosen])
    return [
        Talk(
            status=int(dials.status[place]),
            seconds=int(dials.talk[place]),
            phone=str(phones[row]),
            is_customer=bool(is_customer[row]),
            names_rival=bool(rival[row]),
            is_forbidden=bool(forbidden[row]),
            asks_stop=bool(stops[row]),
        )
        for row, place in enumerate(chosen)
    ]
