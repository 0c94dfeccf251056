"""What an alert proposes: rows of the ledger's actions, the same row each time it is proposed.

The payloads are those of `leadloop.action_types`. A plan for tomorrow is made anew each day, a
retention list takes who is new on it; everything else is proposed once for an alert. Carrying it
out is no business of rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, get_args

from leadloop import ledger, opstore
from leadloop.action_types import PlaceKey, last_outcome_day, read_payload
from leadloop.errors import UsageError
from leadloop.intervals import share_change_interval, widen_for_choices
from leadloop.rules.readings import ALIASES, render_where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadloop.metrics import Metrics
    from leadloop.rules.episodes import Episode
    from leadloop.rules.schema import Rule, Step
    from leadloop.settings import Settings

# Proposed anew each day; their key holds the day, all others' key holds the alert.
DAILY = {"reschedule_dials", "smart_redial", "retention_package"}
EXPIRES_AFTER = timedelta(days=7)
USUAL_DAYS = 28
# An hour with less of the day's dials is no hour that anybody could plan with.
EARNEST_SHARE = 0.02
MOST_HOURS = 4
# Share of customers at risk -> the metric that names them.
CUSTOMERS = "churn_flagged_customers"
MOST_CUSTOMERS = 5000


@dataclass(frozen=True, slots=True)
class Case:
    """An open alert with what an action may need to know of it."""

    alert_id: str
    rule: Rule
    episode: Episode
    day: str

    @property
    def tomorrow(self) -> date:
        """The day after the business day."""
        return date.fromisoformat(self.day) + timedelta(days=1)


def make_action(
    settings: Settings, metrics: Metrics, case: Case, step: Step
) -> dict[str, Any] | None:
    """Return the action row of one step of a rule; None where there is nobody to act on."""
    kind = str(step.action)
    made = make_payload(settings, metrics, case, kind)
    if made is None:
        return None
    content = {"holdout": step.holdout or 0.0, **made, **step.with_}
    payload = read_payload(kind, content)
    target_type, target_id = find_target(settings, case.episode)
    cycle = case.day if kind in DAILY else case.alert_id
    key = f"{kind}/{target_type}/{target_id}/{cycle}"
    mode, now = step.mode or "propose", opstore.now()
    is_plan = kind in DAILY
    return {
        "action_id": hashlib.sha256(key.encode()).hexdigest()[:32],
        "alert_id": case.alert_id,
        "type": kind,
        "payload": payload.model_dump(mode="json", exclude_none=True),
        "target_type": target_type,
        "target_id": target_id,
        "mode": mode,
        "state": "approved" if mode == "auto" else "proposed",
        "approver": step.approver,
        "proposed_at": now,
        "decided_at": now if mode == "auto" else None,
        "decided_by": f"rule:{case.rule.id}" if mode == "auto" else None,
        "gate": {},
        "idempotency_key": key,
        "expires_at": _end_of(settings, case.tomorrow)
        + (timedelta() if is_plan else EXPIRES_AFTER),
        "outcome_window_end": _end_of(settings, last_outcome_day(kind, payload)),
        "cost": None,
    }


def make_payload(
    settings: Settings, metrics: Metrics, case: Case, kind: str
) -> dict[str, Any] | None:
    """Return what the alert knows of an action's payload; the rule's `with` adds the rest."""
    if kind in ("reschedule_dials", "smart_redial"):
        return plan_hours(metrics, case)
    if kind == "remind_compliance":
        readings = [item.reading for item in case.episode.windows]
        n = sum(item.n for item in readings)
        agents = [str(value) for name, value in case.episode.instance if name == "agent"]
        if not agents:
            return None
        return {
            "agent_id": agents[0],
            "day": case.day,
            "metric": case.rule.metric,
            "value": sum(item.k for item in readings) / n if n else None,
            "limit": case.rule.when.limit,
            "call_count": n,
        }
    customers = list_customers(settings, metrics, case)
    if not customers:
        return None
    return {
        "customer_ids": customers,
        "plan_day": case.tomorrow.isoformat(),
        "reasons": (case.rule.id,),
    }


def list_customers(settings: Settings, metrics: Metrics, case: Case) -> list[str]:
    """Return the customers at risk on the day whom no earlier proposal names."""
    if CUSTOMERS not in metrics.catalog.names:
        return []
    table = ledger.actions
    earlier = opstore.read(settings, table.select().where(table.c.type == "retention_package"))
    today = f"/{case.day}"
    named = {
        str(customer)
        for row in earlier
        if not str(row["idempotency_key"]).endswith(today)
        for customer in row["payload"].get("customer_ids", ())
    }
    values = metrics.query([CUSTOMERS], by=["customer"], start=case.day, end=case.day)
    found = [str(item.dimensions["customer"]) for item in values if item.k]
    return [customer for customer in found if customer not in named][:MOST_CUSTOMERS]


def find_target(settings: Settings, episode: Episode) -> tuple[str, str]:
    """Return what an action is about: the alert's first dimension, or the company."""
    if not episode.instance:
        return "company", settings.company.tenant_id
    name, value = episode.instance[0]
    return name, str(value)


def plan_hours(metrics: Metrics, case: Case) -> dict[str, Any]:
    """Return whose dials leave which hours tomorrow, and the hours that usually do best.

    Left are the hours in which an hourly alert fired, or which surely fell on the days of a daily
    one; the others are ranked by the four weeks before it. Empty where hours are not kept: whoever
    carries it out works them out from the marts.
    """
    first = case.episode.windows[0].reading.day
    usual = _by_hour(metrics, case, (first - timedelta(days=USUAL_DAYS), first - timedelta(days=1)))
    if case.rule.grain == "hour":
        fallen = {item.reading.hour for item in case.episode.windows}
    else:
        now = _by_hour(metrics, case, (first, date.fromisoformat(case.day)))
        fallen = find_fallen(usual, now)
    least = EARNEST_SHARE * sum(n for _, n in usual.values())
    best = sorted(
        (hour for hour, (_, n) in usual.items() if n >= least and hour not in fallen),
        key=lambda hour: (-usual[hour][0] / usual[hour][1], hour),
    )
    places = get_args(PlaceKey)
    return {
        "plan_day": case.tomorrow.isoformat(),
        "place": {
            name: str(value)
            for name, value in case.episode.instance
            if name in places and value is not None
        },
        "from_hours": sorted(fallen),
        "to_hours": best[:MOST_HOURS],
    }


def find_fallen(
    usual: Mapping[int, tuple[float, float]], now: Mapping[int, tuple[float, float]]
) -> set[int]:
    """Return the hours whose rate surely fell, each judged as one of as many as there are."""
    z = widen_for_choices(len(now))
    return {
        hour
        for hour in usual.keys() & now.keys()
        if share_change_interval(now[hour], usual[hour], z=z)[1] < 0
    }


def _by_hour(
    metrics: Metrics, case: Case, days: tuple[date, date]
) -> Mapping[int, tuple[float, float]]:
    """Return k and n of each hour; empty where the metric does not keep hours."""
    where = render_where(case.rule)
    for name, value in case.episode.instance:
        where[ALIASES.get(name, name)] = value
    first, last = (day.isoformat() for day in days)
    try:
        values = metrics.query(
            [case.rule.metric], by=["dial_hour"], where=where, start=first, end=last
        )
    except UsageError:
        return {}
    return {
        item.dimensions["dial_hour"]: (item.k, item.n)
        for item in values
        if item.k is not None and item.n
    }


def _end_of(settings: Settings, day: date) -> datetime:
    """Return the moment at which a local day ends, in UTC."""
    begin = datetime.combine(day + timedelta(days=1), time(), settings.company.zone)
    return begin.astimezone(UTC)
