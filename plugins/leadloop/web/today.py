"""What the page Today says of a day in numbers: tiles, hours and channels, all by metric name.

`numbers` keeps what is gathered here for each published version; `loop` has alerts and actions.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from leadloop.intervals import MINIMUM_SAMPLE, estimate_share_dispersion, share_band
from leadloop.publish.report_content import (
    Span,
    describe_metric,
    describe_point,
    describe_tile,
    look_back,
    mark_group,
    points,
    shift_day,
)
from leadloop.warehouse import MissingTableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.metric_catalog import Days
    from leadloop.metric_values import MetricValue
    from leadloop.metrics import Metrics

TILES = 5
BAND_WEEKS = 8
BAND_DAYS = 3  # like weekdays that a band needs
MOST_GROUPS = 12
# In the order of wanting; those without a number give way to those with one.
OUTBOUND = (
    "dials",
    "connect_rate",
    "conversion_rate",
    "forbidden_word_rate",
    "handling_time",
    "short_talk_share",
)
INBOUND = ("calls_offered", "served_share", *OUTBOUND[2:])
BOTH = (*OUTBOUND[:3], *INBOUND)
# What calls come in by, the first of them that the company's data tell.
DIMENSIONS = ("channel", "queue", "campaign")


def gather_today(metrics: Metrics, day: str, targets: dict[str, float]) -> dict[str, Any]:
    """Return tiles, hours and channels of a day with the definitions of all metrics in them."""
    span = look_back(day)
    window: Days = {"start": span.first, "end": span.day}
    has = {name: _has_numbers(metrics, name, window) for name in ("dials", "calls_offered")}
    reached, counted = ("connect_rate", "dials")
    if has["calls_offered"] and not has["dials"]:
        reached, counted = ("served_share", "calls_offered")
    wanted = BOTH if all(has.values()) else INBOUND if reached == "served_share" else OUTBOUND
    names = choose_tiles(metrics, wanted, window)
    return {
        "tiles": [describe_target(describe_tile(metrics, name, span), targets) for name in names],
        "hours": gather_hours(metrics, reached, day),
        "channels": gather_channels(metrics, (counted, reached, "conversion_rate"), span),
        "definitions": {
            name: describe_metric(metrics, name, span)
            for name in sorted({*names, counted, reached, "conversion_rate"})
        },
        "unknown_targets": sorted(set(targets) - set(metrics.catalog.names)),
    }


def choose_tiles(metrics: Metrics, wanted: Sequence[str], window: Days) -> list[str]:
    """Return the five metrics to show, in their order: those that have numbers come in first."""
    known = [name for name in dict.fromkeys(wanted) if name in metrics.catalog.names]
    filled = {name: _has_numbers(metrics, name, window) for name in known}
    usable = [name for name in known if filled[name] is not None]
    chosen = sorted(usable, key=lambda name: not filled[name])[:TILES]
    return [name for name in usable if name in chosen]


def describe_target(tile: dict[str, Any], targets: dict[str, float]) -> dict[str, Any]:
    """Return the tile with the company's target and whether it is met, missed or not yet clear.

    A share whose interval holds the target is neither met nor missed.
    """
    target = targets.get(tile["name"])
    if target is None:
        return {**tile, "target": None}
    value, tone = tile["value"], tile["tone"]
    low = value if tile["low"] is None else tile["low"]
    high = value if tile["high"] is None else tile["high"]
    verdict = None
    if value is not None and tone:
        above, below = low >= target, high <= target
        good, bad = (above, below) if tone > 0 else (below, above)
        verdict = "met" if good else "missed" if bad else "unclear"
    return {**tile, "target": {"value": target, "verdict": verdict}}


def gather_hours(metrics: Metrics, reached: str, day: str) -> dict[str, Any]:
    """Return the day's rate by hour beside the band in which like weekdays let it lie."""
    span: Days = {"start": shift_day(day, -7 * BAND_WEEKS), "end": shift_day(day, -7)}
    where = {"weekday": date.fromisoformat(day).isoweekday()}
    earlier = metrics.query([reached], by=["day", "dial_hour"], where=where, **span)
    today = metrics.query([reached], by=["dial_hour"], start=day, end=day)
    band = draw_band(earlier, today)
    edges = {item["dial_hour"]: (item["low"], item["high"]) for item in band}
    return {
        "metric": reached,
        "points": [
            {**point, "mark": mark_hour(point, edges.get(point["dial_hour"]))}
            for point in points(today)
        ],
        "band": band,
        "weeks": BAND_WEEKS,
        "sql": metrics.sql(reached, by=["dial_hour"], start=day, end=day),
        "band_sql": metrics.sql(reached, by=["day", "dial_hour"], where=where, **span),
    }


def draw_band(earlier: list[MetricValue], today: list[MetricValue]) -> list[dict[str, Any]]:
    """Return for each hour the level of like weekdays and the band around it.

    The band is as wide as the day's own count of calls lets chance be; an hour without calls yet
    gets that of a usual day.
    """
    history: dict[int, list[tuple[float, float]]] = {}
    for value in earlier:
        if value.n:
            pair = (value.k or 0.0, float(value.n))
            history.setdefault(value.dimensions["dial_hour"], []).append(pair)
    counts = {value.dimensions["dial_hour"]: value.n for value in today}
    dispersion = estimate_share_dispersion(list(history.values()))
    band = []
    for hour, pairs in sorted(history.items()):
        total = sum(n for _, n in pairs)
        if len(pairs) < BAND_DAYS or total < MINIMUM_SAMPLE:
            continue
        low, high = share_band(pairs, counts.get(hour) or total / len(pairs), dispersion)
        band.append(
            {
                "dial_hour": hour,
                "value": round(sum(k for k, _ in pairs) / total, 6),
                "low": round(low, 6),
                "high": round(high, 6),
                "n": int(total),
                "days": len(pairs),
            }
        )
    return band


def mark_hour(point: dict[str, Any], edges: tuple[float, float] | None) -> str:
    """Return above or below where an hour of enough calls lies outside its band, else none."""
    if edges is None or point["state"] != "ok" or edges[0] <= point["value"] <= edges[1]:
        return "none"
    return "above" if point["value"] > edges[1] else "below"


def gather_channels(metrics: Metrics, names: tuple[str, str, str], span: Span) -> dict[str, Any]:
    """Return the groups that calls come in by: count and rate of the day, conversion of 28 days.

    Deals ripen for days, so the day's own conversion would say little. The groups are those of the
    first dimension in `DIMENSIONS` that the data tell.
    """
    counted, reached, won = names
    window: Days = {"start": span.first, "end": span.day}
    today: Days = {"start": span.day, "end": span.day}
    for dimension in DIMENSIONS:
        counts = metrics.query([counted], by=[dimension], **window)
        if any(value.dimensions[dimension] is not None for value in counts):
            break
    by: list[str] = [dimension]
    columns = {
        "count": metrics.query([counted], by=by, **today),
        "reached": metrics.query([reached], by=by, **today),
        "won": metrics.query([won], by=by, **window),
    }
    overall = {
        "count": metrics.query([counted], **today)[0],
        "reached": metrics.query([reached], **today)[0],
        "won": metrics.query([won], **window)[0],
    }
    rows = _join_groups(dimension, columns, overall)
    return {
        "dimension": dimension,
        "metrics": {"count": counted, "reached": reached, "won": won},
        "groups": rows[:MOST_GROUPS],
        "hidden": max(0, len(rows) - MOST_GROUPS),
        "overall": {name: describe_point(value) for name, value in overall.items()},
        "sql": {
            "count": metrics.sql(counted, by=by, **today),
            "reached": metrics.sql(reached, by=by, **today),
            "won": metrics.sql(won, by=by, **window),
        },
    }


def _join_groups(
    dimension: str, columns: dict[str, list[MetricValue]], overall: dict[str, MetricValue]
) -> list[dict[str, Any]]:
    rows: dict[Any, dict[str, Any]] = {}
    for column, values in columns.items():
        for value in values:
            if value.value is None:
                continue
            code = value.dimensions[dimension]
            row = rows.setdefault(code, {"code": code, "count": None, "reached": None, "won": None})
            judged = value.state == "ok" and value.low is not None
            mark = mark_group(value, overall[column].value) if judged else "none"
            row[column] = {**describe_point(value), "mark": mark}
    return sorted(rows.values(), key=lambda row: -((row["count"] or {}).get("value") or 0.0))


def _has_numbers(metrics: Metrics, name: str, window: Days) -> bool | None:
    """Return whether a metric has a number in these days; None where its mart is not published."""
    try:
        return metrics.query([name], **window)[0].value is not None
    except MissingTableError:
        return None
