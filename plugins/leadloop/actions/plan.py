"""What an action would do, person by person, and what the gate says of each: the preview.

A plan is stored as its proof rows: the send stage takes the people from them, so what was shown
to the approver is what is carried out, less whoever may no longer be called.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa

from leadloop import opstore
from leadloop.action_types import DialPlan, Payload, RemindCompliance, RetentionPackage
from leadloop.actions import ActionError
from leadloop.actions.compliance import FAIL_CLOSED, Context, Decision, Dial, gate
from leadloop.actions.contacts import (
    Contact,
    list_customers,
    list_open_dials,
    rank_hours,
)
from leadloop.actions.known import load_history, open_known
from leadloop.actions.packs import load_packs
from leadloop.ledger import proofs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from leadloop.settings import Settings

# Where no hour is given, an offer is made from this local hour on.
OFFER_HOUR = 10
LONGEST_LOOKBACK = 30
TWICE = "The same number is called for somebody else of this plan."
FIELDS = ("lead_id", "customer_id", "campaign_id", "phone_last4")


class Judged(NamedTuple):
    """One person of a plan and the gate's word."""

    contact: Contact
    decision: Decision


def build_plan(settings: Settings, action: Mapping[str, Any], payload: Payload) -> list[Judged]:
    """Return everybody the action is about, judged; a deferred one moves where that suits."""
    contacts = _list_contacts(settings, payload)
    context = load_context(settings, action, [contact.dial for contact in contacts])
    return judge(
        action,
        contacts,
        context,
        lambda contact, decision: _move(settings, payload, contact, decision),
    )


def judge(
    action: Mapping[str, Any],
    contacts: Sequence[Contact],
    context: Context,
    move: Callable[[Contact, Decision], Contact | None] = lambda _contact, _decision: None,
) -> list[Judged]:
    """Return the gate's word on each contact, in their order; a number is called by one alone.

    `move` may give a deferred contact at another time, which is then judged instead.
    """
    judged = []
    taken: set[str] = set()
    for contact in contacts:
        decision = gate(action, contact.dial, context)
        moved = move(contact, decision)
        if moved is not None:
            contact, decision = moved, gate(action, moved.dial, context)
        number = contact.dial.phone_hash
        if decision.verdict == "allow" and number is not None:
            if number in taken:
                decision = Decision("deny", TWICE, "number-twice", FAIL_CLOSED)
            taken.add(number)
        judged.append(Judged(contact, decision))
    return judged


def postpone(payload: Payload, until: datetime, zone: tzinfo) -> dict[str, Any] | None:
    """Return the changes of an action's row that move its plan to the day of `until`.

    The dials it takes up stay the same. None where no later day comes of it: then there is no
    time at which its hours are allowed.
    """
    if not isinstance(payload, DialPlan | RetentionPackage):
        return None
    local = until.astimezone(zone)
    day = local.date()
    if day <= payload.plan_day:
        return None
    # Of the hours wanted none is left on that day.
    if isinstance(payload, DialPlan) and payload.to_hours and local.hour > max(payload.to_hours):
        day += timedelta(days=1)
    shift = (day - payload.plan_day).days
    change: dict[str, Any] = {"plan_day": day}
    if isinstance(payload, DialPlan):
        change["lookback_days"] = min(LONGEST_LOOKBACK, payload.lookback_days + shift)
    moved = payload.model_copy(update=change)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return {
        "payload": moved.model_dump(mode="json", exclude_none=True),
        "expires_at": end.astimezone(UTC),
    }


def load_context(settings: Settings, action: Mapping[str, Any], dials: Sequence[Dial]) -> Context:
    """Return the packs, and what is known of the numbers, as things stand now."""
    packs = load_packs(settings)
    if not dials:
        return Context(packs, None)
    day = dials[0].planned_at.astimezone(settings.company.zone).date()
    hashes = [dial.phone_hash for dial in dials]
    history = load_history(settings, hashes, day, leave_out=action["action_id"])
    return Context(packs, history)


def summarise(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return the preview: how many will be skipped, and why, each with rule and source."""
    reasons: Counter[tuple[str, str, str, str]] = Counter()
    examples: dict[tuple[str, str, str, str], str] = {}
    consent = 0
    for _, decision in judged:
        if decision.verdict == "allow":
            # Allowed in spite of a rule: that of an unknown consent, the only one that lets pass.
            consent += decision.rule_id is not None
            continue
        group = (decision.verdict, decision.rule_id or "", decision.source or "", "")
        reasons[group] += 1
        examples.setdefault(group, decision.reason)
    total, skipped = len(judged), sum(reasons.values())
    by_reason = [
        {
            "verdict": group[0],
            "rule_id": group[1],
            "source": group[2],
            "count": count,
            "reason": examples[group],
        }
        for group, count in reasons.most_common()
    ]
    untils = [item.decision.until for item in judged if item.decision.until]
    return {
        "total": total,
        "allowed": total - skipped,
        "skipped": skipped,
        "by_reason": by_reason,
        "consent_unknown": consent,
        "until": min(untils).isoformat() if untils else None,
        "sentence": describe_skips(total, by_reason),
    }


def describe_skips(total: int, by_reason: Sequence[Mapping[str, Any]]) -> str:
    """Return the preview in a sentence.

    >>> describe_skips(9, [{"rule_id": "cn-hours", "count": 2}])
    '2 of 9 will be skipped: 2 by cn-hours.'
    """
    skipped = sum(item["count"] for item in by_reason)
    parts = ", ".join(f"{item['count']} by {item['rule_id']}" for item in by_reason)
    return f"{skipped} of {total} will be skipped{': ' + parts if parts else ''}."


def write_proofs(
    connection: sa.Connection, action_id: str, stage: str, judged: Sequence[Judged]
) -> None:
    """Add a proof for each person; the same word on the same dial is written once."""
    moment = opstore.now()
    for contact, decision in judged:
        planned_at = contact.dial.planned_at.isoformat()
        word = (stage, contact.unit_id, decision.verdict, decision.rule_id or "", planned_at)
        text = "\n".join((action_id, *word))
        row = {
            "proof_id": hashlib.sha256(text.encode()).hexdigest()[:32],
            "action_id": action_id,
            "stage": stage,
            "verdict": decision.verdict,
            "reason": decision.reason,
            "rule_id": decision.rule_id,
            "source": decision.source,
            "evaluated_at": moment,
            "detail": {
                "unit_id": contact.unit_id,
                "phone_hash": contact.dial.phone_hash,
                "phone_region": contact.dial.phone_region,
                "planned_at": planned_at,
                "until": decision.until.isoformat() if decision.until else None,
                **contact.fields,
            },
        }
        opstore.insert_new(connection, proofs, row)


def read_plan(settings: Settings, action_id: str) -> list[Contact]:
    """Return the people whom the gate allowed when the action was planned."""
    query = sa.select(proofs.c.detail).where(
        proofs.c.action_id == action_id, proofs.c.stage == "plan", proofs.c.verdict == "allow"
    )
    contacts = []
    for row in opstore.read(settings, query):
        detail = row["detail"]
        planned_at = datetime.fromisoformat(detail["planned_at"])
        dial = Dial(detail["phone_hash"], planned_at, detail["phone_region"])
        fields = {name: detail.get(name) for name in FIELDS if detail.get(name) is not None}
        contacts.append(Contact(detail["unit_id"], dial, fields))
    return sorted(contacts, key=lambda contact: (contact.dial.planned_at, contact.unit_id))


def _list_contacts(settings: Settings, payload: Payload) -> list[Contact]:
    if isinstance(payload, RemindCompliance):
        moment = datetime.combine(payload.day, time(), settings.company.zone)
        return [Contact(payload.agent_id, Dial(None, moment))]
    with open_known(settings) as connection:
        if connection is None:
            message = "fct_dials is not published, so nobody can be found: run the daily cycle."
            raise ActionError(message)
        if isinstance(payload, DialPlan):
            hours = payload.to_hours or rank_hours(connection, payload)
            if not hours:
                message = "No hour has enough dials to say that people answer in it."
                raise ActionError(message)
            return _spread(settings, payload, hours, list_open_dials(connection, payload))
        if isinstance(payload, RetentionPackage):
            zone = settings.company.zone
            moment = datetime.combine(payload.plan_day, time(OFFER_HOUR), zone)
            return [_make_contact(row, moment) for row in list_customers(connection, payload)]
    message = f"{type(payload).__name__} names nobody; add it to actions/plan.py."
    raise ActionError(message)


def _spread(
    settings: Settings, plan: DialPlan, hours: Sequence[int], rows: Sequence[dict[str, Any]]
) -> list[Contact]:
    """Give the first of the rows to the best hour, and spread them evenly within each hour."""
    share = -(-len(rows) // len(hours)) if rows else 0
    contacts = []
    for position, row in enumerate(rows):
        hour, place = hours[position // share], position % share
        moment = datetime.combine(plan.plan_day, time(hour), settings.company.zone)
        moment += timedelta(seconds=3600 * place // share)
        contacts.append(_make_contact(row, moment))
    return contacts


def _make_contact(row: dict[str, Any], planned_at: datetime) -> Contact:
    fields = {name: row[name] for name in FIELDS if row.get(name) is not None}
    dial = Dial(row["phone_hash"], planned_at, row["phone_region"])
    return Contact(str(row["unit_id"]), dial, fields)


def _move(
    settings: Settings, payload: Payload, contact: Contact, decision: Decision
) -> Contact | None:
    """Return a deferred person at the time allowed, if that still suits the plan."""
    if decision.verdict != "defer" or decision.until is None:
        return None
    zone = settings.company.zone
    until = decision.until.astimezone(zone)
    if until.date() != contact.dial.planned_at.astimezone(zone).date():
        return None
    if isinstance(payload, DialPlan) and payload.to_hours and until.hour not in payload.to_hours:
        return None
    if isinstance(payload, DialPlan) and until.hour in payload.from_hours:
        return None
    return Contact(contact.unit_id, replace(contact.dial, planned_at=until), contact.fields)
