"""What an action says to whoever carries it out: the plan of a dialler, or words to people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.action_types import (
    DialPlan,
    Payload,
    RemindCompliance,
    RetentionPackage,
    find_type,
)
from leadloop.actions import ActionError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadloop.actions.contacts import Contact
    from leadloop.settings import Settings

DIAL_COLUMNS = (
    "action_id",
    "planned_at",
    "lead_id",
    "customer_id",
    "campaign_id",
    "phone_hash",
    "phone_last4",
)
PACKAGE_COLUMNS = (
    "action_id",
    "customer_id",
    "package",
    "offered_from",
    "phone_hash",
    "phone_last4",
)


def compose(
    settings: Settings,
    action: Mapping[str, Any],
    payload: Payload,
    contacts: Sequence[Contact],
) -> dict[str, Any]:
    """Return the body of an action's message, with the people whom the gate allows."""
    kind = find_type(action["type"])
    head = {"action_id": action["action_id"], "type": kind.name}
    if isinstance(payload, DialPlan):
        body = _compose_dials(settings, action, contacts)
        body["name"] = f"{kind.name}_{payload.plan_day}"
        body["subject"] = f"{kind.zh} · {kind.en}: {payload.plan_day}, {len(contacts)}"
        head["plan_day"] = str(payload.plan_day)
    elif isinstance(payload, RetentionPackage):
        body = _compose_package(settings, action, payload, contacts)
        body["name"] = f"{kind.name}_{payload.plan_day}"
        body["subject"] = f"{kind.zh} · {kind.en}: {payload.package}, {len(contacts)}"
        head["package"] = payload.package
    elif isinstance(payload, RemindCompliance):
        body = {"name": kind.name, "text": _describe_reminder(payload)}
        body["subject"] = f"{kind.zh} · {kind.en}: {payload.agent_id}"
        head["agent_id"] = payload.agent_id
    else:
        message = f"{kind.name} has no message; add it to actions/messages.py."
        raise ActionError(message)
    return {**body, "data": head}


def _compose_dials(
    settings: Settings, action: Mapping[str, Any], contacts: Sequence[Contact]
) -> dict[str, Any]:
    zone = settings.company.zone
    rows = [
        [
            action["action_id"],
            contact.dial.planned_at.astimezone(zone).isoformat(timespec="seconds"),
            *(contact.fields.get(name) for name in ("lead_id", "customer_id", "campaign_id")),
            contact.dial.phone_hash,
            contact.fields.get("phone_last4"),
        ]
        for contact in contacts
    ]
    hours = sorted({contact.dial.planned_at.astimezone(zone).hour for contact in contacts})
    text = (
        f"{len(rows)} 个号码排入 {_list_hours(hours)}。\n"
        f"{len(rows)} numbers are planned for {_list_hours(hours)}."
    )
    return {"text": text, "columns": list(DIAL_COLUMNS), "rows": rows}


def _compose_package(
    settings: Settings,
    action: Mapping[str, Any],
    payload: RetentionPackage,
    contacts: Sequence[Contact],
) -> dict[str, Any]:
    zone = settings.company.zone
    rows = [
        [
            action["action_id"],
            contact.unit_id,
            payload.package,
            contact.dial.planned_at.astimezone(zone).isoformat(timespec="seconds"),
            contact.dial.phone_hash,
            contact.fields.get("phone_last4"),
        ]
        for contact in contacts
    ]
    text = (
        f"{len(rows)} 位客户可获得“{payload.package}”；条件：{payload.eligibility}\n"
        f"{len(rows)} customers are offered {payload.package}; who may have it: "
        f"{payload.eligibility}"
    )
    return {"text": text, "columns": list(PACKAGE_COLUMNS), "rows": rows}


def _describe_reminder(payload: RemindCompliance) -> str:
    lines = [f"坐席 {payload.agent_id}，截至 {payload.day}：{payload.metric}"]
    if payload.value is not None:
        limit = "" if payload.limit is None else f"，上限 {payload.limit:.1%}"
        lines[0] += f" {payload.value:.1%}{limit}"
        if payload.call_count is not None:
            lines[0] += f"（{payload.call_count} 通）"
    lines.append("请与坐席一起复听下列通话，并说明哪些话不能说。")
    lines.append("Please listen to these calls with the agent and say what must not be said.")
    return "\n".join([*lines, *payload.call_ids])


def _list_hours(hours: Sequence[int]) -> str:
    return ", ".join(f"{hour:02}:00" for hour in hours)
