"""What a talk does to its lead: interest, decision, deal or loss, and when it is dialled again.

A lead decides some days after it came in (a lognormal lag, as on Olist's funnel). Until then a
talk can only win or lose its interest; the first talk after it is the decision.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate import curves
from leadloop.simulate.curves import to_logit, to_share
from leadloop.simulate.dials import (
    CALLBACK,
    DNC,
    INTERESTED,
    OTHER,
    REFUSED,
    WON,
    WRONG,
)
from leadloop.simulate.keyed import draw_units
from leadloop.simulate.leads import CONNECTED, DEAD, DIALLED, INTENT, LOST, QUOTED
from leadloop.simulate.leads import WON as DEAL
from leadloop.simulate.speech.plan import CONCERNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.dials import Dials, Plan
    from leadloop.simulate.leads import LeadBook
    from leadloop.simulate.levers import Levers

BASE_INTEREST = -1.25
WIN_RATE = 0.32
MOST_ATTEMPTS, MOST_TALKS = 10, 7
# What people say who are not interested.
UNINTERESTED = np.array([REFUSED, DNC, CALLBACK, WRONG, OTHER])
UNINTERESTED_SHARES = np.array([0.48, 0.04, 0.14, 0.07, 0.27])
RETRY_SHARE, RECALL_SHARE = 0.72, 0.20
SELF_BUY_SHARE = 0.4
INTEREST_DRAW, WIN_DRAW, SAY_DRAW, RETRY_DRAW, SCRIPT_DRAW, BREAK_DRAW, SELF_DRAW = range(3, 10)


@dataclass(frozen=True, slots=True)
class Results:
    """What came of talks with leads, one element a planned dial (also of those not answered).

    `said_line` is whether the star's line was said; `decided` whether this talk was the decision;
    `concern` what the lead holds against it (a place in CONCERNS, -1 for nothing).
    """

    status: NDArray[np.int64]
    said_line: NDArray[np.bool_]
    decided: NDArray[np.bool_]
    concern: NDArray[np.int64]

    def take(self, chosen: NDArray[np.int64]) -> Results:
        """Return the chosen ones."""
        return Results(*(getattr(self, column.name)[chosen] for column in fields(self)))


def talk_results(seed: int, levers: Levers, day: int, plan: Plan, lead: Any) -> Results:
    """Return how each dial would end if a person answers."""
    rows, turn = plan.row, lead["talks"].astype(np.int64)
    interested = (lead["stage"] >= INTENT) | (
        draw_units(seed, INTEREST_DRAW, rows, turn) < interest_chances(levers, day, plan, lead)
    )
    decided = interested & (day - lead["created"] >= np.floor(lead["decides"]))
    used, lift = levers.script_share(day)
    said = draw_units(seed, SCRIPT_DRAW, rows, turn) < used[plan.agent]
    chance = win_chances(levers, day, plan, lead) * np.where(said, 1.0 + lift[plan.agent], 1.0)
    won = decided & (draw_units(seed, WIN_DRAW, rows) < chance)
    place = np.searchsorted(
        np.cumsum(UNINTERESTED_SHARES), draw_units(seed, SAY_DRAW, rows, turn), side="right"
    )
    unsaid = UNINTERESTED[np.minimum(place, UNINTERESTED.size - 1)]
    status = np.where(
        won, WON, np.where(decided, REFUSED, np.where(interested, INTERESTED, unsaid))
    )
    return Results(status, said, decided, _name_concern(seed, levers, day, rows, lead, won))


def interest_chances(levers: Levers, day: int, plan: Plan, lead: Any) -> NDArray[np.float64]:
    """Return the chance that a talk finds a lead interested that was not before."""
    company = levers.company
    channel = np.array([item.interest for item in company.channels])
    logit = BASE_INTEREST + channel[lead["channel"]] + 0.9 * lead["quality"]
    logit = logit + 0.5 * company.people.skill[plan.agent]
    logit = logit + 1.2 * curves.ATTEMPT_SALE * (plan.attempt - 1)
    return to_share(logit + levers.interest(day, lead))


def win_chances(levers: Levers, day: int, plan: Plan, lead: Any) -> NDArray[np.float64]:
    """Return the chance that a decision is a deal."""
    company = levers.company
    campaign = np.array([item.win for item in company.campaigns])
    ramp = -0.5 * np.exp(-np.maximum(company.people.tenure(day), 0) / 20.0)
    ramp = np.where(company.people.tenure(day) < 200, ramp, 0.0)
    logit = to_logit(WIN_RATE) + 0.4 * lead["quality"] + campaign[plan.campaign]
    logit = logit + (company.people.skill + ramp)[plan.agent]
    shift, factor = levers.win(day, lead, plan.row, plan.agent)
    return np.asarray(to_share(logit + shift) * factor)


def _name_concern(
    seed: int, levers: Levers, day: int, rows: Any, lead: Any, won: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """Return what each holds against it: its own concern, one that grows, or the broken stage's."""
    concern = lead["concern"].astype(np.int64)
    units = draw_units(seed, BREAK_DRAW, rows)
    for place, share in enumerate(levers.concern_shares(day)):
        concern = np.where(units < share, place, concern)
    if (broken := levers.break_concern(day)) is not None:
        concern = np.where(~won & (units < broken[1]), broken[0], concern)
    return np.asarray(concern)


def book_dials(
    seed: int, book: LeadBook, day: int, dials: Dials, results: Results
) -> NDArray[np.int64]:
    """Write what happened into the leads and plan their next dials; return who buys by himself.

    `dials` and `results` belong together element by element and are of leads alone. The rows
    returned are interested ones whose decision falls on the next day and who then buy online.
    """
    lead, rows = book.rows, dials.row
    lead["attempt"][rows] = np.minimum(dials.attempt, 100)
    lead["touched"][rows] = day
    human = dials.is_human
    talked = rows[human]
    first = talked[lead["talks"][talked] == 0]
    lead["first_talk_attempt"][first] = lead["attempt"][first]
    lead["talks"][talked] += 1
    lead["last_talk"][talked] = day
    _move_stages(lead, dials, results)
    won = rows[dials.status == WON]
    lead["won_day"][won] = day
    _plan_next(seed, book, day, dials)
    return _find_self_buyers(seed, lead, day, dials)


def _move_stages(lead: Any, dials: Dials, results: Results) -> None:
    rows, status = dials.row, dials.status
    stage = np.where(dials.is_human, CONNECTED, DIALLED)
    again = lead["stage"][rows] >= INTENT
    stage = np.where(status == INTERESTED, np.where(again, QUOTED, INTENT), stage)
    stage = np.where(status == WON, DEAL, stage)
    gone = results.decided & (status == REFUSED)
    stage = np.where(gone | np.isin(status, (REFUSED, DNC, WRONG)), LOST, stage)
    stage = np.where(status == 12, DEAD, stage)  # 空号
    final = np.isin(stage, (LOST, DEAD))
    lead["stage"][rows] = np.where(final, stage, np.maximum(stage, lead["stage"][rows]))
    reason = np.where(gone, results.concern + 1, len(CONCERNS) + 1)
    reason = np.where(status == WRONG, len(CONCERNS) + 2, reason)
    reason = np.where(status == DNC, len(CONCERNS) + 3, reason)
    lead["lost"][rows] = np.where(stage == LOST, reason, lead["lost"][rows])
    lead["stopped"][rows] |= status == DNC
    talked = (status == INTERESTED) & (lead["owner"][rows] < 0)
    lead["owner"][rows[talked]] = dials.agent[talked]


def _plan_next(seed: int, book: LeadBook, day: int, dials: Dials) -> None:
    lead, rows, status = book.rows[dials.row], dials.row, dials.status
    units = draw_units(seed, RETRY_DRAW, rows, dials.attempt)
    missed = ~dials.is_human & (lead["stage"] != DEAD) & (dials.attempt < MOST_ATTEMPTS)
    keen = lead["stage"] >= INTENT
    retry = missed & (keen | (units < RETRY_SHARE))
    gap = 1 + (units * 997 % 3).astype(np.int64)
    recall = (status == OTHER) & (units < RECALL_SHARE) & (lead["talks"] < MOST_TALKS)
    gap = np.where(recall, 10 + (units * 9973 % 20).astype(np.int64), gap)
    promised = status == CALLBACK
    left = np.maximum(1, np.floor(lead["decides"]).astype(np.int64) - (day - lead["created"]))
    # Between two talks with an interested lead days pass, more each time; the last is its decision.
    pause = np.ceil((2 + units * 5) * (1 + lead["talks"])).astype(np.int64)
    nurtured = (status == INTERESTED) & (lead["talks"] < 40)
    gap = np.where(nurtured, np.minimum(left, pause * 2), gap)
    again = retry | recall | (promised & (lead["talks"] < MOST_TALKS)) | nurtured
    book.wait(rows[again], day + gap[again])


def _find_self_buyers(seed: int, lead: Any, day: int, dials: Dials) -> NDArray[np.int64]:
    rows = dials.row[dials.status == INTERESTED]
    ready = np.floor(lead["decides"][rows]) <= day + 1 - lead["created"][rows]
    units = draw_units(seed, SELF_DRAW, rows)
    wins = draw_units(seed, WIN_DRAW, rows) < WIN_RATE
    return np.asarray(rows[ready & wins & (units < SELF_BUY_SHARE)])
