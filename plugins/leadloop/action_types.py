"""What can be done about an alert: the types of action, and the payload that each one carries.

Whoever proposes an action fills its payload, whoever carries it out reads it: both take the
models from here, so that a proposal nobody could carry out is refused when it is written.
Neighbours: `ledger.actions` (the rows), `leadloop.actions` (carries them out), docs/actions.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadloop.errors import LeadloopError

if TYPE_CHECKING:
    from collections.abc import Mapping

Hour = Annotated[int, Field(ge=0, le=23)]
PlaceKey = Literal["channel", "campaign", "list", "queue", "agent", "source"]


class PayloadError(LeadloopError):
    """A payload that does not fit its type of action."""


class Payload(BaseModel):
    """What every payload may say; unknown keys are mistakes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    holdout: float = Field(
        default=0.0, ge=0, le=0.5, description="Share of units left as they are, to measure by."
    )
    experiment: str | None = Field(
        default=None,
        min_length=1,
        description="Experiment that the units belong to; the action's own if not given. Actions "
        "that share one are measured together, and a unit keeps its arm in all of them.",
    )


class DialPlan(Payload):
    """Dials of one day put into hours: who was not reached is tried where people answer."""

    plan_day: date = Field(description="Local day of the dials.")
    place: dict[PlaceKey, str] = Field(
        default_factory=dict, description="Whose dials, such as {channel: referral}; all if empty."
    )
    from_hours: tuple[Hour, ...] = Field(
        default=(), description="Hours whose dials are moved; all if empty."
    )
    to_hours: tuple[Hour, ...] = Field(
        default=(), description="Hours to dial in, best first; worked out from the marts if empty."
    )
    lookback_days: int = Field(
        default=3, ge=1, le=30, description="Days before plan_day whose open dials are taken up."
    )
    limit: int = Field(default=500, ge=1, le=5000, description="Dials planned at most.")


class RescheduleDials(DialPlan):
    """Tomorrow's hour-slot plan: open dials leave the hours that do badly."""


class SmartRedial(DialPlan):
    """Who was tried too few times is dialled again in the best hours."""

    max_attempts: int = Field(
        default=4, ge=1, le=20, description="Leads tried as often as this are left alone."
    )


class RemindCompliance(Payload):
    """A reminder to an agent who says what must not be said; nobody is called."""

    agent_id: str = Field(min_length=1, description="Agent reminded.")
    day: date = Field(description="Last day that was looked at.")
    metric: str = Field(default="forbidden_word_rate", description="What was too high.")
    value: float | None = Field(default=None, description="Its value.")
    limit: float | None = Field(default=None, description="The value it should stay below.")
    call_count: int | None = Field(default=None, ge=0, description="Calls looked at.")
    call_ids: tuple[str, ...] = Field(default=(), description="Calls to listen to.")


class RetentionPackage(Payload):
    """An offer to customers about to leave, handed to the CRM."""

    customer_ids: tuple[str, ...] = Field(min_length=1, max_length=5000, description="Who gets it.")
    plan_day: date = Field(description="Local day from which it is offered.")
    package: str = Field(min_length=1, description="Name of the offer in the CRM.")
    eligibility: str = Field(
        min_length=1, description="Who may have it, in words: the same for all on the same terms."
    )
    reasons: tuple[str, ...] = Field(default=(), description="Why these customers, as codes.")
    metric: Literal["ordered_rate", "order_amount"] = Field(
        default="ordered_rate",
        description="What is measured: the share that orders again, or the mean amount.",
    )


@dataclass(frozen=True, slots=True)
class ActionType:
    """One type: its payload, who it is about, and how its effect is measured."""

    name: str
    payload: type[Payload]
    unit: Literal["phone_hash", "customer_id", "agent_id"]
    metric: str
    horizon_days: int
    calls_people: bool
    zh: str
    en: str


TYPES: dict[str, ActionType] = {
    item.name: item
    for item in (
        ActionType(
            "reschedule_dials",
            RescheduleDials,
            "phone_hash",
            "reached_rate",
            3,
            True,
            "调整明日外呼时段",
            "Hour-slot plan for tomorrow's dials",
        ),
        ActionType(
            "smart_redial",
            SmartRedial,
            "phone_hash",
            "reached_rate",
            3,
            True,
            "智能重拨",
            "Dial again at the best hour",
        ),
        ActionType(
            "remind_compliance",
            RemindCompliance,
            "agent_id",
            "forbidden_word_rate",
            14,
            False,
            "合规提醒",
            "Compliance reminder",
        ),
        ActionType(
            "retention_package",
            RetentionPackage,
            "customer_id",
            "ordered_rate",
            60,
            True,
            "挽留方案",
            "Retention package",
        ),
    )
}


def find_type(name: str) -> ActionType:
    """Return the type of that name; PayloadError lists the known ones."""
    if found := TYPES.get(name):
        return found
    message = f"There is no action {name!r}; known: {', '.join(TYPES)} (docs/actions.md)."
    raise PayloadError(message)


def read_payload(name: str, payload: Mapping[str, Any]) -> Payload:
    """Return the payload of an action, checked; PayloadError names every mistake at once.

    >>> read_payload("reschedule_dials", {"plan_day": "2026-04-01", "from_hours": [14]}).limit
    500
    """
    kind = find_type(name)
    try:
        return kind.payload.model_validate(dict(payload))
    except ValidationError as error:
        lines = [f"The payload of {name} has {error.error_count()} mistake(s) (docs/actions.md):"]
        for item in error.errors():
            place = ".".join(str(part) for part in item["loc"]) or "(whole payload)"
            lines.append(f"  {place}: {item['msg']} (seen: {item.get('input')!r})")
        raise PayloadError("\n".join(lines)) from error


def first_outcome_day(payload: Payload) -> date:
    """Return the first local day on which the action can have had an effect."""
    if isinstance(payload, DialPlan | RetentionPackage):
        return payload.plan_day
    if isinstance(payload, RemindCompliance):
        return payload.day + timedelta(days=1)
    message = f"{type(payload).__name__} has no day; give it one here."
    raise PayloadError(message)


def last_outcome_day(name: str, payload: Payload) -> date:
    """Return the last local day whose outcomes count.

    >>> plan = read_payload("reschedule_dials", {"plan_day": "2026-04-01"})
    >>> str(last_outcome_day("reschedule_dials", plan))
    '2026-04-03'
    """
    return first_outcome_day(payload) + timedelta(days=find_type(name).horizon_days - 1)
