"""The gate before every dial: allow, defer until, or deny with reason, rule and source.

What cannot be checked is refused: an unknown number, region or zone, a region without a pack, a
history that is not there. It is asked when a dial is planned and again when it is sent. The rules
are those of `packs`; what is known of a number comes from `contacts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from leadloop.action_types import find_type
from leadloop.actions.packs import Consent, DoNotCall, Frequency, Hours, Pack
from leadloop.actions.zones import find_zones

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from leadloop.actions.packs import Duty

FAIL_CLOSED = "leadloop: what cannot be checked is refused (docs/compliance.md)"
SEARCH_DAYS = 62
_STEPS = 400


@dataclass(frozen=True, slots=True)
class Dial:
    """A call about to be made; times are aware."""

    phone_hash: str | None
    planned_at: datetime
    phone_region: str | None = None
    has_consent: bool | None = None


class OptOut(NamedTuple):
    """Somebody asked not to be called again."""

    requested_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class History:
    """What is known of numbers: when each was or will be dialled, who opted out, who agreed."""

    dials: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    opt_outs: Mapping[str, OptOut] = field(default_factory=dict)
    consents: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """What the gate judges by; without a history nothing is allowed."""

    packs: tuple[Pack, ...]
    history: History | None


@dataclass(frozen=True, slots=True)
class Decision:
    """The gate's word on one dial; `until` is when a deferred one would be allowed."""

    verdict: Literal["allow", "defer", "deny"]
    reason: str
    rule_id: str | None = None
    source: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One number at one moment, with the zones its clock may show."""

    dial: Dial
    at: datetime
    zones: tuple[ZoneInfo, ...]
    history: History

    @property
    def dials(self) -> Sequence[datetime]:
        """When the number was or will be dialled."""
        return self.history.dials.get(self.dial.phone_hash or "", ())

    @property
    def has_consent(self) -> bool | None:
        """Whether the person agreed to calls; None where nothing is on record."""
        if self.dial.has_consent is not None:
            return self.dial.has_consent
        return self.history.consents.get(self.dial.phone_hash or "")

    @property
    def days(self) -> set[date]:
        """The local days that it may be."""
        return {self.at.astimezone(zone).date() for zone in self.zones}


class Breach(NamedTuple):
    """A rule that a case breaks, and when it no longer would (None: never)."""

    rule: Duty
    reason: str
    until: datetime | None


def gate(action: Mapping[str, Any], dial: Dial, context: Context) -> Decision:
    """Return whether a dial of an action may be made at its time.

    Deferred means that the same dial is allowed at `until` as things stand now.
    """
    if not find_type(action["type"]).calls_people:
        return Decision("allow", "Nobody is called.")
    refused = _refuse_unknown(dial, context)
    if refused:
        return refused
    packs, names = _find_packs(dial, context.packs)
    if not names:
        return _refuse("unknown-zone", f"No time zone is known for {_name_region(dial)}.")
    case = Case(
        dial, dial.planned_at.astimezone(UTC), find_zones(names), context.history or History()
    )
    breaches = list(_list_breaches(case, packs))
    if not breaches:
        return _allow(case, packs)
    worst = next((item for item in breaches if item.until is None), breaches[0])
    until = None if worst.until is None else _find_opening(case, packs)
    return Decision(
        "deny" if until is None else "defer", worst.reason, worst.rule.id, worst.rule.source, until
    )


def _refuse_unknown(dial: Dial, context: Context) -> Decision | None:
    if context.history is None:
        reason = "Nothing is known of earlier dials: fct_dials is not published."
        return _refuse("unknown-history", reason)
    if not dial.phone_hash:
        return _refuse("unknown-number", "The number is withheld, so no list can be checked.")
    if dial.planned_at.tzinfo is None:
        return _refuse("unknown-time", "The planned time has no zone.")
    packs, _ = _find_packs(dial, context.packs)
    if dial.phone_region is None and any(pack.unknown_zone == "refuse" for pack in context.packs):
        return _refuse("unknown-zone", "The number's region is unknown, and with it its clock.")
    if not packs:
        return _refuse("no-pack", f"No compliance pack is for {_name_region(dial)}.")
    return None


def _find_packs(dial: Dial, packs: tuple[Pack, ...]) -> tuple[tuple[Pack, ...], tuple[str, ...]]:
    """Return the packs a number falls under, and every zone that its clock may show."""
    if dial.phone_region is None:
        names = {
            name for pack in packs for region in pack.regions for name in pack.list_zones(region)
        }
        return packs, tuple(sorted(names))
    found = tuple(pack for pack in packs if dial.phone_region in pack.regions)
    names = {name for pack in found for name in pack.list_zones(dial.phone_region)}
    return found, tuple(sorted(names))


def _list_breaches(case: Case, packs: tuple[Pack, ...]) -> Iterator[Breach]:
    for pack in packs:
        for rule in pack.rules:
            # A rule that holds on one of the days that it may be there, holds.
            if any(rule.is_active(day) for day in case.days):
                yield from _judge(rule, case)


def _judge(rule: Duty, case: Case) -> Iterator[Breach]:
    if isinstance(rule, Hours):
        yield from _judge_hours(rule, case)
    elif isinstance(rule, Frequency):
        yield from _judge_frequency(rule, case)
    elif isinstance(rule, DoNotCall):
        yield from _judge_opt_out(rule, case)
    elif isinstance(rule, Consent):
        if case.has_consent is False:
            yield Breach(rule, "The called party has refused calls for sale.", None)
        elif case.has_consent is None and rule.unknown == "deny":
            yield Breach(rule, "No consent to calls is on record.", None)


def _judge_hours(rule: Hours, case: Case) -> Iterator[Breach]:
    for zone in case.zones:
        clock = case.at.astimezone(zone).time()
        if _is_open(rule, clock):
            continue
        allowed = ", ".join(str(window) for window in rule.allow)
        forbidden = ", ".join(str(window) for window in rule.forbid)
        limits = f"outside {allowed}" if allowed else f"within {forbidden}"
        reason = f"{clock:%H:%M} in {zone.key} is {limits}."
        yield Breach(rule, reason, _find_open_time(rule, case))
        return


def _is_open(rule: Hours, clock: time) -> bool:
    is_allowed = not rule.allow or any(window.holds(clock) for window in rule.allow)
    return is_allowed and not any(window.holds(clock) for window in rule.forbid)


def _find_open_time(rule: Hours, case: Case) -> datetime | None:
    """Return the next moment at which the rule is open on every clock, if one comes."""
    edges = {window.begin for window in rule.allow} | {window.end for window in rule.forbid}
    moments = {
        datetime.combine(day + timedelta(days=shift), edge, zone).replace(fold=fold).astimezone(UTC)
        for day in case.days
        for shift in range(-1, 9)
        for edge in edges
        for zone in case.zones
        # A clock that is set back shows an hour twice.
        for fold in (0, 1)
    }
    for moment in sorted(moments):
        if moment > case.at and all(
            _is_open(rule, moment.astimezone(zone).time()) for zone in case.zones
        ):
            return moment
    return None


def _judge_frequency(rule: Frequency, case: Case) -> Iterator[Breach]:
    if rule.min_gap_hours is not None:
        gap = timedelta(hours=rule.min_gap_hours)
        near = [moment for moment in case.dials if abs(moment - case.at) < gap]
        if near:
            reason = f"A dial lies less than {rule.min_gap_hours:g} h away."
            yield Breach(rule, reason, max(near) + gap)
    if rule.per_day is not None:
        for zone in case.zones:
            day = case.at.astimezone(zone).date()
            count = sum(moment.astimezone(zone).date() == day for moment in case.dials)
            if count >= rule.per_day:
                reason = f"{count} dial(s) on {day} already; at most {rule.per_day}."
                yield Breach(rule, reason, _find_midnight(day + timedelta(days=1), zone))
                return
    if rule.per_30_days is not None:
        yield from _judge_month(rule, rule.per_30_days, case)


def _judge_month(rule: Frequency, limit: int, case: Case) -> Iterator[Breach]:
    """A dial breaks the limit if any 30 days that hold it would hold more than the limit."""
    span = timedelta(days=30)
    near = sorted(moment for moment in case.dials if abs(moment - case.at) < span)
    for end in [case.at, *(moment for moment in near if moment > case.at)]:
        held = [moment for moment in near if end - span < moment <= end]
        if len(held) >= limit:
            reason = f"{len(held)} dial(s) within 30 days; at most {limit}."
            yield Breach(rule, reason, max(held[0] + span, case.at + timedelta(seconds=1)))
            return


def _find_midnight(day: date, zone: ZoneInfo) -> datetime:
    # Some clocks skip midnight when they go forward; the first moment of the day comes later.
    moment = datetime.combine(day, time(), zone).astimezone(UTC)
    while moment.astimezone(zone).date() < day:
        moment += timedelta(minutes=15)
    return moment


def _judge_opt_out(rule: DoNotCall, case: Case) -> Iterator[Breach]:
    opt_out = case.history.opt_outs.get(case.dial.phone_hash or "")
    if opt_out is None:
        return
    asked = f"Asked on {opt_out.requested_at:%Y-%m-%d} not to be called again ({opt_out.source})"
    if rule.months is None:
        yield Breach(rule, f"{asked}.", None)
        return
    # A month counts 31 days here, so that an entry never ends too early.
    end = opt_out.requested_at + timedelta(days=31 * rule.months)
    if case.at < end:
        yield Breach(rule, f"{asked}; kept for {rule.months} months.", end)


def _find_opening(case: Case, packs: tuple[Pack, ...]) -> datetime | None:
    """Return the first moment at which no rule is broken, as things stand; None if too far."""
    moment, last = case.at, case.at + timedelta(days=SEARCH_DAYS)
    for _ in range(_STEPS):
        later = Case(case.dial, moment, case.zones, case.history)
        breaches = list(_list_breaches(later, packs))
        if not breaches:
            return moment
        ends = [breach.until for breach in breaches]
        if any(end is None or end > last for end in ends):
            return None
        moment = max(end for end in ends if end is not None).astimezone(UTC)
    return None


def _allow(case: Case, packs: tuple[Pack, ...]) -> Decision:
    names = ", ".join(pack.id for pack in packs)
    if case.has_consent is None:
        for rule in (rule for pack in packs for rule in pack.rules):
            if isinstance(rule, Consent) and any(rule.is_active(day) for day in case.days):
                reason = f"Allowed by {names}; no consent is on record."
                return Decision("allow", reason, rule.id, rule.source)
    return Decision("allow", f"Allowed by {names}.")


def _refuse(rule_id: str, reason: str) -> Decision:
    return Decision("deny", reason, rule_id, FAIL_CLOSED)


def _name_region(dial: Dial) -> str:
    return f"numbers of {dial.phone_region}" if dial.phone_region else "a number without a region"
