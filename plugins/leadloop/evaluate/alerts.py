"""Scores of alerts: which troubles were reported, how soon, and what was reported falsely."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from leadloop.evaluate.scoreboard import Place, Row, not_built, share_row, weekly_row
from leadloop.warehouse import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable

Alert = dict[str, Any]


def _names(alert: Alert, key: str, value: str) -> bool:
    return bool(json.loads(alert["dimensions"] or "{}").get(key) == value)


# Kind of trouble -> whether an alert is about it. A kind without a line has no detector yet.
DETECTORS: dict[str, Callable[[Alert, dict[str, Any]], bool]] = {
    "dead_list": lambda alert, fault: (
        alert["metric_id"] == "connect_rate"
        and (
            _names(alert, "campaign", fault["campaign"])
            or fault["campaign"] in str(alert["causes"])
        )
    ),
    "forbidden_words": lambda alert, fault: (
        alert["metric_id"] == "forbidden_word_rate" and _names(alert, "agent", fault["agent"])
    ),
    "dormant_channel": lambda alert, fault: (
        alert["metric_id"] == "connect_rate" and _names(alert, "channel", fault["channel"])
    ),
}


def score_alerts(marts: Any, told: dict[str, Any], place: Place, daily_days: int) -> list[Row]:
    """Return for each kind of trouble whether it was reported, and false alarms a week.

    Only the days that ran one by one can raise alerts, so a trouble counts from the first of them.
    """
    set_, seed = place
    alerts = read_rows(
        marts, "select metric_id, dimensions, causes, grain, period_key from fct_alerts"
    )
    rows, explained = [], set()
    for fault in told["faults"]:
        kind = fault["kind"]
        if kind not in DETECTORS:
            rows.append(not_built(f"alerts: {kind}", set_, "recall", seed))
            continue
        hits = [number for number, alert in enumerate(alerts) if DETECTORS[kind](alert, fault)]
        explained |= set(hits)
        rows.append(share_row((f"alerts: {kind}", set_, "recall"), int(bool(hits)), 1, seed))
        if hits:
            rows.append(_time_detection(kind, fault, [alerts[n] for n in hits], (told, place)))
    false = len(alerts) - len(explained)
    rows.append(weekly_row(("alerts", set_, "false_alarms_a_week"), false, daily_days, seed))
    return rows


def _end_period(alert: Alert) -> date:
    """Return the last day that an alert is about: its week or month is known at its end."""
    first = date.fromisoformat(str(alert["period_key"])[:10])
    return first + timedelta(days=6 if alert["grain"] == "week" else 0)


def _time_detection(
    kind: str, fault: dict[str, Any], alerts: list[Alert], world: tuple[dict[str, Any], Place]
) -> Row:
    told, (set_, seed) = world
    began = date.fromisoformat(told["first_day"]) + timedelta(days=fault["days"][0] - 1)
    first = min(_end_period(alert) for alert in alerts)
    return Row(
        f"alerts: {kind}", set_, "days_to_detect", float((first - began).days), n=len(alerts),
        seed=seed,
    )  # fmt: skip
