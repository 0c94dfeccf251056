"""Which talks of a day are written down by the recogniser, and what is to be said in each.

The plan of a talk comes from what happened (its end, its length, what held the lead back, who
spoke) and from the levers; the words are made by `speech`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.company import CONCERN_SHARES, RIVALS
from leadloop.simulate.dials import CALLBACK, DNC, INTERESTED, OTHER, REFUSED, WON, WRONG
from leadloop.simulate.exports.dialler import SET_UP_SECONDS, call_ids
from leadloop.simulate.exports.forms import export_time, lead_phones, local_times
from leadloop.simulate.exports.help import call_in_ids
from leadloop.simulate.levers import USUAL_RIVAL
from leadloop.simulate.service import COMPLAINT
from leadloop.simulate.speech.dialogue import write_talk
from leadloop.simulate.speech.plan import CONCERNS, TalkPlan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from leadloop.simulate.speech.dialogue import Turn
    from leadloop.simulate.world import Played, World

SHORTEST = 3
ENDS = {WON: "won", INTERESTED: "interested", REFUSED: "refused", DNC: "dnc",
        CALLBACK: "callback", WRONG: "wrong", OTHER: "other"}  # fmt: skip
# Refusals in which the person also says never to be called again, whatever the agent noted.
HIDDEN_STOP_SHARE = 0.06
# A talk long enough to argue; the share in which a lead names what holds it back, and a second.
ARGUED_SECONDS, NAMED_SHARE, SECOND_SHARE = 60, 0.62, 0.22
# Nobody asks for a quote who then refuses; the undecided seldom do.
SIGNAL_SHARES = {WON: 0.55, INTERESTED: 0.55, CALLBACK: 0.08, OTHER: 0.08}
COMPANY_SIGNALS, CONSUMER_SIGNALS = ("quote", "budget"), ("after_sales_policy", "trial_request")
# Who pays today does not ask for a trial.
BUYING_SIGNALS = ("after_sales_policy", "discount")
HELD_OUT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Spoken:
    """A talk that was written down: its id, when it began, what was planned and what was said."""

    call_id: str
    started: str
    agent: int
    plan: TalkPlan
    turns: list[Turn]


def listen(world: World, played: Played) -> Iterator[Spoken]:
    """Yield the day's transcribed talks: a share of those with leads, all with customers."""
    generator = played.make("words")
    yield from _hear_dials(world, played, generator)
    yield from _hear_service(world, played, generator)


def write_line(spoken: Spoken, date: str) -> str:
    """Return a transcript as the recogniser exports it: one line of JSON."""
    turns = [
        {"role": turn.role, "begin_ms": turn.begin_ms, "end_ms": turn.end_ms, "text": turn.text,
         "confidence": turn.confidence}
        for turn in spoken.turns
    ]  # fmt: skip
    document = {
        "call_id": spoken.call_id,
        "version": 1,
        "started_at": spoken.started,
        "export_time": export_time(date, minutes=60),
        "turns": turns,
    }
    return json.dumps(document, ensure_ascii=False)


def _hear_dials(world: World, played: Played, generator: np.random.Generator) -> Iterator[Spoken]:
    dials, day = played.dials, played.day.date
    heard = dials.is_human & (dials.talk >= SHORTEST)
    chance = np.where(dials.customer > 0, 1.0, world.script.scale.transcribed)
    place = np.flatnonzero(heard & (generator.random(heard.size) < chance))
    ids, draws = call_ids(day, heard.size)[place].tolist(), generator.random((place.size, 12))
    started = local_times(day, dials.start[place] + SET_UP_SECONDS + dials.ring[place]).tolist()
    lead = world.leads.rows[dials.row[place]]
    phones = lead_phones(dials.row[place], lead["same_as"]).tolist()
    facts = _Facts.read(world, played.day.number)
    leaving = _find_leaving(world, played, place)
    for row, number in enumerate(place.tolist()):
        agent = int(dials.agent[number])
        plan = TalkPlan(
            end=ENDS[int(dials.status[number])],
            seconds=int(dials.talk[number]),
            phone=phones[row],
            segment="company" if lead["company"][row] else "consumer",
            **_plan_words(facts, agent, draws[row].tolist(), _Lead.of(played, number, lead[row])),
            **_plan_customer(dials, number, facts, bool(leaving[row]), draws[row].tolist()),
        )
        yield Spoken(ids[row], started[row], agent, plan, write_talk(plan, generator))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What holds for all talks of a day."""

    forbidden: list[float]
    sour: list[float]
    pace: list[float]
    talk_share: list[float]
    rivals: float

    @classmethod
    def read(cls, world: World, day: int) -> _Facts:
        levers = world.levers
        return cls(
            levers.forbidden_share(day).tolist(),
            levers.sour_share(day).tolist(),
            levers.objection_pace(day).tolist(),
            world.company.people.talk_share.tolist(),
            levers.rival_share(day),
        )


@dataclass(frozen=True, slots=True)
class _Lead:
    """What is known of one talk before its words."""

    status: int
    seconds: int
    concern: int
    decided: bool
    is_customer: bool
    is_company: bool
    said_line: bool

    @classmethod
    def of(cls, played: Played, place: int, lead: Any) -> _Lead:
        dials, results = played.dials, played.results
        status = int(dials.status[place])
        return cls(
            status,
            int(dials.talk[place]),
            int(results.concern[place]),
            bool(results.decided[place]) and status in (WON, REFUSED),
            bool(dials.customer[place] > 0),
            bool(lead["company"]),
            bool(results.said_line[place]),
        )


def _plan_words(facts: _Facts, agent: int, draws: list[float], talk: _Lead) -> dict[str, Any]:
    """Return what the talk's plan says of its words."""
    concerns, answered = _plan_concerns(draws, talk)
    sour = draws[0] < facts.sour[agent] and talk.status != WON
    # An agent with something to say says it in three parts, or in the star's own way.
    argued = talk.seconds >= ARGUED_SECONDS and not talk.is_customer
    parts = ("pain", "evidence", "offer")
    script = parts[: 1 + int(draws[1] * 3)] if argued and draws[2] < 0.5 else ()
    if talk.said_line and argued:
        script = (*script, "rate_lock")
    asked = BUYING_SIGNALS if talk.status == WON else CONSUMER_SIGNALS
    signals = COMPANY_SIGNALS if talk.is_company else asked
    wanted = SIGNAL_SHARES.get(talk.status, 0.0)
    return {
        "pool": "held_out" if draws[3] < HELD_OUT_SHARE else "seen",
        "concerns": concerns,
        "answered": answered,
        "signals": signals if argued and draws[4] < wanted else (),
        "forbidden": talk.seconds >= 15 and draws[5] < facts.forbidden[agent],
        "asks_stop": talk.status == REFUSED and not talk.is_customer
        and draws[6] < HIDDEN_STOP_SHARE,
        "script": script,
        "objection_pace": facts.pace[agent],
        "talk_share": facts.talk_share[agent],
        "arc": "drop" if sour else ("warming" if talk.status == WON else "flat"),
    }  # fmt: skip


def _plan_concerns(draws: list[float], talk: _Lead) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """Return what the lead holds against it, and whether the answer settles it."""
    if talk.is_customer or talk.seconds < ARGUED_SECONDS or talk.status in (WRONG, DNC, CALLBACK):
        return (), ()
    # Who has said no at the end says why; others name it in so many talks.
    lost = talk.decided and talk.status == REFUSED
    named = [talk.concern] if lost or draws[7] < NAMED_SHARE else []
    if draws[8] < SECOND_SHARE and talk.seconds > 2 * ARGUED_SECONDS:
        other = int(np.searchsorted(np.cumsum(CONCERN_SHARES), draws[9], side="right"))
        named += [min(other, len(CONCERNS) - 1)] if other != talk.concern else []
    settled = talk.status in (WON, INTERESTED)
    return tuple(CONCERNS[item] for item in named), tuple(settled for _ in named)


def _plan_customer(
    dials: Any, place: int, facts: _Facts, leaving: bool, draws: list[float]
) -> dict[str, Any]:
    known = dials.customer[place] > 0
    kind = "sales" if not known else "care"
    share = facts.rivals if leaving else USUAL_RIVAL
    named = known and draws[10] < share and dials.talk[place] >= 10
    rival = RIVALS[int(draws[11] * len(RIVALS))] if named else None
    return {"kind": kind, "rival": rival}


def _find_leaving(world: World, played: Played, place: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which of these talks are with customers who are about to leave."""
    held, day = world.customers.rows, played.day.number
    customer = played.dials.customer[place]
    row = np.maximum(customer - 1, 0)
    soon = (held["leaves"][row] - day < 30) & (held["leaves"][row] > day)
    return np.asarray((customer > 0) & soon)


def _hear_service(world: World, played: Played, generator: np.random.Generator) -> Iterator[Spoken]:
    """Yield the calls that customers made because of a problem."""
    tickets, day = played.tickets, played.day.date
    ids = call_in_ids(world, played).tolist()
    rows = world.customers.rows["row"][tickets.customer - 1].astype(np.int64)
    phones = lead_phones(rows, world.leads.rows["same_as"][rows]).tolist()
    started = local_times(day, tickets.opened + tickets.waited).tolist()
    for place in np.flatnonzero(tickets.called & ~tickets.gave_up).tolist():
        complains = bool(tickets.category[place] == COMPLAINT)
        agent = int(tickets.agent[place])
        plan = TalkPlan(
            end="solved" if tickets.solved[place] >= 0 and not complains else "unsolved",
            kind="service",
            seconds=int(tickets.talk[place]),
            phone=phones[place],
            pool="held_out" if generator.random() < HELD_OUT_SHARE else "seen",
            talk_share=0.5,
            arc="drop" if complains else "flat",
        )
        yield Spoken(ids[place], started[place], agent, plan, write_talk(plan, generator))
