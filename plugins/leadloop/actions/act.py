"""From proposal to delivery: gate, approve what may go by itself, draw who is held out, send.

Each step is a change of one row's state, made once: proposed -> approved -> sent, or denied,
deferred, rejected, expired, failed, holdout. A step that dies half-way is taken up again by the
next call; nothing is planned, drawn or sent twice. Neighbour: `leadloop.acting`, the whole day.
"""

from __future__ import annotations

import logging
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.action_types import (
    PayloadError,
    find_type,
    first_outcome_day,
    last_outcome_day,
    read_payload,
)
from leadloop.actions import ActionError
from leadloop.actions.assignment import assign
from leadloop.actions.compliance import FAIL_CLOSED, Decision
from leadloop.actions.connections import find_connection, find_route
from leadloop.actions.messages import compose
from leadloop.actions.outbox import drain, queue_message
from leadloop.actions.plan import (
    Judged,
    build_plan,
    judge,
    load_context,
    postpone,
    read_plan,
    summarise,
    write_proofs,
)
from leadloop.errors import LeadloopError
from leadloop.keys import DEMO_TENANT, load_key
from leadloop.ledger import actions, assignments
from leadloop.pointer import read_pointer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadloop.settings import Settings

SENDER = "auto"
log = logging.getLogger(__name__)


def acting_time(settings: Settings, day: str) -> datetime:
    """Return the moment by which plans are judged: now.

    The demo's people live on the days of its data, so its now is the morning after the day.
    """
    if settings.company.tenant_id != DEMO_TENANT:
        return opstore.now()
    hour, minute = (int(part) for part in settings.company.daily_at.split(":"))
    morning = date.fromisoformat(day) + timedelta(days=1)
    return datetime.combine(morning, time(hour, minute), settings.company.zone).astimezone(UTC)


def last_known_day(settings: Settings) -> str:
    """Return the last day with published numbers; today where there are none."""
    known = read_pointer(settings.home).get("data_until")
    return str(known or opstore.now().astimezone(settings.company.zone).date())


def handle_actions(settings: Settings, day: str) -> dict[str, int]:
    """Take every action as far as it may go on a day; return how many went where."""
    moment = acting_time(settings, day)
    counts: Counter[str] = Counter()
    counts["expired"] += expire(settings, moment)
    counts["revived"] += revive(settings, moment)
    # A rule in mode auto writes its row approved; it is gated all the same.
    for action in [*_list_actions(settings, "proposed"), *_list_actions(settings, "approved")]:
        if not action["gate"]:
            counts[f"planned_{plan_action(settings, action)}"] += 1
    for action in _list_actions(settings, "approved"):
        try:
            counts[execute(settings, action)] += 1
        except LeadloopError as error:
            # Something around it is missing, such as a key: it waits, and the others go on.
            log.warning("%s could not be carried out yet: %s", action["action_id"], error)
            counts["postponed"] += 1
    counts.update(send(settings, day))
    return {name: count for name, count in sorted(counts.items()) if count}


def carry_out(settings: Settings, action_id: str) -> dict[str, Any]:
    """Send one approved action now; return the state in which it is afterwards."""
    action = _find_action(settings, action_id)
    if action["state"] == "approved" and not action["gate"]:
        plan_action(settings, action)
        action = _find_action(settings, action_id)
    if action["state"] == "approved":
        execute(settings, action)
        send(settings, last_known_day(settings))
        action = _find_action(settings, action_id)
    return {"action_id": action_id, "state": action["state"]}


def send(settings: Settings, day: str) -> dict[str, int]:
    """Send what is due; an action's message is gated once more right before it goes."""
    moment = acting_time(settings, day)
    return drain(settings, lambda row: refresh_body(settings, row["action_id"], moment))


def expire(settings: Settings, moment: datetime) -> int:
    """End proposals that nobody decided on in time; return how many.

    What is approved does not expire: it is carried out, and the gate says of each dial whose slot
    has passed that it has.
    """
    count = 0
    for state in ("proposed", "deferred"):
        for action in _list_actions(settings, state):
            if action["expires_at"] and action["expires_at"] <= moment:
                expect, change = {"state": state}, {"state": "expired"}
                count += opstore.compare_and_set(
                    settings, actions, action["action_id"], expect, change
                )
    return count


def revive(settings: Settings, moment: datetime) -> int:
    """Propose deferred actions again on the morning of their new day; they are gated anew."""
    count = 0
    today = moment.astimezone(settings.company.zone).date()
    for action in _list_actions(settings, "deferred"):
        if first_outcome_day(read_payload(action["type"], action["payload"])) <= today:
            expect, change = {"state": "deferred"}, {"state": "proposed", "gate": {}}
            count += opstore.compare_and_set(settings, actions, action["action_id"], expect, change)
    return count


def plan_action(settings: Settings, action: Mapping[str, Any]) -> str:
    """Gate a proposal, store preview and proofs, and return the state it has then.

    Deferred is what as a whole becomes possible on a later day: it is moved to that day.
    """
    try:
        payload = read_payload(action["type"], action["payload"])
        judged = build_plan(settings, action, payload)
    except LeadloopError as error:
        return _settle(settings, action, {"state": "failed", "gate": {"error": str(error)}})
    preview = summarise(judged)
    change: dict[str, Any] = {"state": "proposed", "gate": preview}
    if not preview["allowed"]:
        until = preview["until"] and datetime.fromisoformat(preview["until"])
        later = postpone(payload, until, settings.company.zone) if until else None
        change |= {"state": "denied"} if later is None else {"state": "deferred", **later}
    elif action["mode"] == "auto" or action["state"] == "approved":
        change["state"] = "approved"
    return _settle(settings, action, change, judged)


def execute(settings: Settings, action: Mapping[str, Any]) -> str:
    """Draw the held-out of an approved action and put it into the outbox, once.

    Returns queued, or the state where nothing is left to be sent. What cannot be carried out is
    failed with the reason, so that it stops no other action.
    """
    try:
        return _execute(settings, action)
    except (ActionError, PayloadError) as error:
        gate = {**action["gate"], "error": str(error)}
        return _settle(settings, action, {"state": "failed", "gate": gate})


def _execute(settings: Settings, action: Mapping[str, Any]) -> str:
    action_id = action["action_id"]
    payload = read_payload(action["type"], action["payload"])
    units = [contact.unit_id for contact in read_plan(settings, action_id)]
    if not units:
        return _settle_approved(settings, action_id, "denied")
    target = find_route(settings, action["type"])
    last_day = last_outcome_day(action["type"], payload) + timedelta(days=1)
    window_end = datetime.combine(last_day, time(), settings.company.zone).astimezone(UTC)
    experiment = {
        "name": payload.experiment or action_id,
        "action_type": action["type"],
        "share": payload.holdout,
    }
    body = {"subject": f"{action['type']} {action_id}", "text": ""}
    row = {"channel": find_connection(settings, target).kind, "action_id": action_id, "body": body}
    with opstore.transaction(settings) as connection:
        if payload.holdout > 0:
            key = load_key(settings, "assignment")
            arms = assign(connection, key, experiment, units)
            if "treat" not in arms.values():
                change = {"state": "holdout", "outcome_window_end": window_end}
                opstore.compare_and_set(
                    connection, actions, action_id, {"state": "approved"}, change
                )
                return "holdout"
        queue_message(connection, target, f"{action['idempotency_key']}:{target}", row)
        change = {"outcome_window_end": window_end}
        opstore.compare_and_set(connection, actions, action_id, {"state": "approved"}, change)
    return "queued"


def refresh_body(settings: Settings, action_id: str, moment: datetime) -> dict[str, Any] | None:
    """Return what may be sent of an action at this moment, proven; None if nothing may."""
    action = _find_action(settings, action_id)
    if action["state"] != "approved":
        return None
    payload = read_payload(action["type"], action["payload"])
    held = _list_held(settings, payload.experiment or action_id)
    contacts = [item for item in read_plan(settings, action_id) if item.unit_id not in held]
    context = load_context(settings, action, [contact.dial for contact in contacts])
    calls_people = find_type(action["type"]).calls_people
    judged = []
    for contact, decision in judge(action, contacts, context):
        if calls_people and contact.dial.planned_at < moment:
            decision = Decision("deny", "The slot has passed.", "slot-passed", FAIL_CLOSED)
        judged.append(Judged(contact, decision))
    with opstore.transaction(settings) as connection:
        write_proofs(connection, action_id, "send", judged)
    allowed = [contact for contact, decision in judged if decision.verdict == "allow"]
    return compose(settings, action, payload, allowed) if allowed else None


def _settle(
    settings: Settings,
    action: Mapping[str, Any],
    change: dict[str, Any],
    judged: Sequence[Judged] = (),
) -> str:
    """Write the outcome of planning, with its proofs, unless somebody decided meanwhile."""
    state = str(change["state"])
    if state == "approved" and action["state"] == "proposed":
        change = {**change, "decided_at": opstore.now(), "decided_by": SENDER}
    with opstore.transaction(settings) as connection:
        expect = {"state": action["state"]}
        if opstore.compare_and_set(connection, actions, action["action_id"], expect, change):
            write_proofs(connection, action["action_id"], "plan", judged)
            return state
    return "taken"


def _settle_approved(settings: Settings, action_id: str, state: str) -> str:
    opstore.compare_and_set(settings, actions, action_id, {"state": "approved"}, {"state": state})
    return state


def _list_held(settings: Settings, experiment: str) -> set[str]:
    query = sa.select(assignments.c.unit_id).where(
        assignments.c.experiment == experiment, assignments.c.arm == "holdout"
    )
    return {row["unit_id"] for row in opstore.read(settings, query)}


def _list_actions(settings: Settings, state: str) -> list[dict[str, Any]]:
    query = sa.select(actions).where(actions.c.state == state)
    return opstore.read(settings, query.order_by(actions.c.proposed_at, actions.c.action_id))


def _find_action(settings: Settings, action_id: str) -> dict[str, Any]:
    if found := opstore.find(settings, actions, action_id):
        return found
    message = f"There is no action {action_id!r}; `leadloop actions list` shows them."
    raise ActionError(message)
