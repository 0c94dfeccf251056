"""What the report says of a day: tiles, curves and comparisons, all asked for by metric name.

Gives plain values (see `gather_content`); nothing is computed after this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from leadloop import opstore
from leadloop.intervals import (
    count_change_interval,
    estimate_dispersion,
    mean_change_interval,
    share_change_interval,
)
from leadloop.labels import load_names
from leadloop.ledger_view import read_actions, read_alerts
from leadloop.metrics import Days, Metrics, open_metrics
from leadloop.publish.labels import load_words
from leadloop.publish.report_health import read_gates, read_loads, read_status
from leadloop.warehouse import WarehouseError

if TYPE_CHECKING:
    from leadloop.metric_values import Definition, MetricValue
    from leadloop.settings import Settings

WINDOW_DAYS = 28
MOST_AGENTS = 30
OUTBOUND = (
    "dials",
    "connect_rate",
    "talk_time",
    "handling_time",
    "short_talk_share",
    "conversion_rate",
)
INBOUND = ("calls_offered", "served_share")
# Panels of groups: what is compared between whom.
GROUPS = {
    "agents": ("handling_time", "agent"),
    "queues": ("handling_time", "queue"),
    "channels": ("conversion_rate", "channel"),
    "campaigns": ("conversion_rate", "campaign"),
}
# Whether more is better (1), worse (-1) or neither: a colour is never the only sign of it.
TONES = {
    "connect_rate": 1,
    "conversion_rate": 1,
    "served_share": 1,
    "short_talk_share": -1,
    "forbidden_word_rate": -1,
}


@dataclass(frozen=True, slots=True)
class Span:
    """The day reported, the same weekday a week before, and the days that curves look back on."""

    day: str
    week_before: str
    first: str


def gather_content(settings: Settings, day: str) -> dict[str, Any]:
    """Return all that the page shows: company, status, numbers, gates, loads, words in zh and en.

    `numbers` is None where nothing is published yet.
    """
    company = settings.company
    try:
        with open_metrics(settings) as metrics:
            numbers = gather_numbers(metrics, day)
    except WarehouseError:
        numbers = None
    return {
        "company": {
            "name": company.name,
            "language": company.language,
            "currency": company.currency,
            "timezone": company.timezone,
            "week_start": company.week_start,
            "short_talk_seconds": company.short_talk_seconds,
        },
        "day": day,
        "weekday": date.fromisoformat(day).isoweekday(),
        "made_at": opstore.now().isoformat(timespec="seconds"),
        "status": read_status(settings, day),
        "numbers": numbers,
        "alerts": [_plain(alert) for alert in read_alerts(settings)],
        "actions": [_plain(action) for action in read_actions(settings)],
        "gates": read_gates(settings, day),
        "loads": read_loads(settings, day),
        "names": load_names(settings),
        "words": load_words(),
    }


def gather_numbers(metrics: Metrics, day: str) -> dict[str, Any]:
    """Return tiles, panels and definitions for a day."""
    span = look_back(day)
    shown = list(OUTBOUND)
    window: Days = {"start": span.first, "end": span.day}
    is_inbound = metrics.query(["calls_offered"], **window)[0].value is not None
    is_outbound = metrics.query(["dials"], **window)[0].value is not None
    if is_inbound:
        shown = [*INBOUND, *shown] if not is_outbound else [*shown, *INBOUND]
    reached = "connect_rate" if is_outbound or not is_inbound else "served_share"
    return {
        "span": {"first": span.first, "week_before": span.week_before},
        "reached": reached,
        "tiles": [describe_tile(metrics, name, span) for name in shown],
        "panels": gather_panels(metrics, span, reached),
        "definitions": {name: describe_metric(metrics, name, span) for name in {*shown, reached}},
    }


def gather_panels(metrics: Metrics, span: Span, reached: str) -> dict[str, Any]:
    """Return the points of each panel."""
    window: Days = {"start": span.first, "end": span.day}
    today: Days = {"start": span.day, "end": span.day}
    groups = {
        panel: compare_groups(
            metrics.query([name], by=[by], **window), metrics.query([name], **window)[0]
        )
        for panel, (name, by) in GROUPS.items()
    }
    return {
        "hours": {
            "day": points(metrics.query([reached], by=["dial_hour"], **today)),
            "window": points(metrics.query([reached], by=["dial_hour"], **window)),
        },
        "weekdays": points(metrics.query([reached], by=["weekday", "dial_hour"], **window)),
        "days": {
            name: points(metrics.query([name], by=["day"], **window))
            for name in (reached, "short_talk_share")
        },
        **groups,
    }


def points(values: list[MetricValue]) -> list[dict[str, Any]]:
    """Return values as the page draws them; those without a number stay out."""
    return [describe_point(value) for value in values if value.value is not None]


def compare_groups(values: list[MetricValue], overall: MetricValue) -> dict[str, Any]:
    """Return groups from high to low, each marked above or below where its interval is.

    Groups of too few are counted and not shown: their order would be chance.
    """
    known = [value for value in values if value.state == "ok" and value.value is not None]
    most = sorted(known, key=lambda value: -(value.n or 0))[:MOST_AGENTS]
    ordered = sorted(most, key=lambda value: -(value.value or 0.0))
    return {
        "overall": describe_point(overall) if overall.value is not None else None,
        "groups": [
            {**describe_point(value), "mark": mark_group(value, overall.value)} for value in ordered
        ],
        "hidden": len(values) - len(ordered),
    }


def describe_tile(metrics: Metrics, name: str, span: Span) -> dict[str, Any]:
    """Return one metric of the day with its change against the same weekday last week."""
    now = metrics.query([name], start=span.day, end=span.day)[0]
    before = metrics.query([name], start=span.week_before, end=span.week_before)[0]
    definition = metrics.catalog.definition(name)
    dispersion = _dispersion(metrics, name, span) if definition.kind == "count" else 1.0
    change = describe_change(definition, now, before, dispersion)
    return {"name": name, **describe_point(now), "change": change, "tone": TONES.get(name, 0)}


def describe_change(
    definition: Definition, now: MetricValue, before: MetricValue, dispersion: float = 1.0
) -> dict[str, Any] | None:
    """Return the difference with its interval; None where one of the two is not there.

    A difference whose interval holds zero is noise: nobody should act on it.
    """
    if now.value is None or before.value is None:
        return None
    band: tuple[float, float] | None = None
    if definition.kind == "count":
        band = count_change_interval(now.value, before.value, dispersion)
    elif definition.kind == "share":
        parts = [(value.k or 0.0, float(value.n or 0)) for value in (now, before)]
        band = share_change_interval(parts[0], parts[1])
    elif now.low is not None and before.low is not None:
        triples = [(v.value or 0.0, v.low or 0.0, v.high or 0.0) for v in (now, before)]
        band = mean_change_interval(triples[0], triples[1])
    low, high = band or (None, None)
    return {
        "before": before.value,
        "difference": now.value - before.value,
        "low": low,
        "high": high,
        "is_noise": low is None or high is None or low <= 0 <= high,
    }


def describe_metric(metrics: Metrics, name: str, span: Span) -> dict[str, Any]:
    """Return what a number means: label, formula, unit and the SQL that gave it."""
    definition = metrics.catalog.definition(name)
    return {
        "kind": definition.kind,
        "unit": definition.unit,
        "label": {"zh": definition.meta.get("label_zh", definition.label), "en": definition.label},
        "formula": definition.formula,
        "about": definition.description,
        "sql": metrics.sql(name, start=span.day, end=span.day),
    }


def _dispersion(metrics: Metrics, name: str, span: Span) -> float:
    """Return how much more than Poisson a day differs from the same weekday a week before."""
    rows = metrics.query([name], by=["day"], start=span.first, end=span.week_before)
    values = {row.dimensions["day"]: row.value or 0.0 for row in rows}
    pairs = [
        (value, values[earlier])
        for day, value in values.items()
        if (earlier := shift_day(day, -7)) in values
    ]
    return estimate_dispersion(pairs)


def mark_group(value: MetricValue, overall: float | None) -> str:
    """Return above or below where the interval clears the overall value, else none."""
    if overall is None or value.low is None or value.high is None:
        return "none"
    if value.low > overall:
        return "above"
    return "below" if value.high < overall else "none"


def describe_point(value: MetricValue) -> dict[str, Any]:
    """Return a value with its dimensions, as pages take it."""
    numbers = {key: _round(getattr(value, key)) for key in ("value", "low", "high", "k", "n")}
    return {**value.dimensions, **numbers, "state": value.state}


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of the ledger with its times as text."""
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in row.items()
    }


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 6)


def look_back(day: str) -> Span:
    """Return the days that a page on a day speaks of."""
    return Span(day=day, week_before=shift_day(day, -7), first=shift_day(day, 1 - WINDOW_DAYS))


def shift_day(day: str, days: int) -> str:
    """Return the day so many days later (or earlier, where negative)."""
    return (date.fromisoformat(day) + timedelta(days=days)).isoformat()
