"""What a rule would have sent, beside its bare words: how it earns trust before it is trusted."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from leadloop.rules.evaluate import evaluate
from leadloop.rules.naive import find_naive
from leadloop.rules.readings import load_readings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.metrics import Metrics
    from leadloop.rules.chances import Kind
    from leadloop.rules.episodes import Episode
    from leadloop.rules.readings import Reading, Span
    from leadloop.rules.schema import Rule

# Windows of an instance that tell what came after an alert.
AFTER_DAYS = 7
# Loaded before the days counted, so that what is usual is known on the first of them.
PAST_DAYS = 56


@dataclass(frozen=True, slots=True)
class Backtest:
    """The counts of one rule over some days; `alerts` are the guarded ones, one by one."""

    rule: str
    guarded: int
    naive: int
    windows: int
    skipped_for_sample: int
    skipped_for_baseline: int
    first_day: str
    last_day: str
    milliseconds: float
    alerts: tuple[dict[str, Any], ...]


def backtest(metrics: Metrics, rule: Rule, span: Span, days: int) -> Backtest:
    """Return what the rule would have sent in the last `days` days of the span.

    The days of the span before them are its past: what was usual, what was open already.
    """
    kind = metrics.catalog.definition(rule.metric).kind
    return measure(rule, kind, load_readings(metrics, rule, span), replace_days(span, days))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A span and the first of its days that count."""

    span: Span
    counted: date


def replace_days(span: Span, days: int) -> Stretch:
    """Return the span of which the last `days` days count."""
    return Stretch(span, max(span.first, span.last - timedelta(days=days - 1)))


def measure(rule: Rule, kind: Kind, readings: Sequence[Reading], stretch: Stretch) -> Backtest:
    """Return the counts for windows that are loaded already."""
    import scipy.special  # noqa: F401  # loaded once in a process; no part of what is measured

    started = time.perf_counter()
    first = stretch.counted.isoformat()
    guarded = evaluate(rule.model_copy(update={"mode": "guarded"}), kind, readings, stretch.span)
    alerts = [item for item in guarded.episodes if item.first >= first]
    naive = sum(item.first >= first for item in find_naive(rule, kind, readings))
    judged = [item for item in guarded.judgements if item.reading.period >= first]
    elapsed = (time.perf_counter() - started) * 1000
    return Backtest(
        rule=rule.id,
        guarded=len(alerts),
        naive=naive,
        windows=len(judged),
        skipped_for_sample=sum(item.state == "too few" for item in judged),
        skipped_for_baseline=sum(item.state == "no baseline" for item in judged),
        first_day=first,
        last_day=stretch.span.last.isoformat(),
        milliseconds=round(elapsed, 1),
        alerts=tuple(describe(kind, item, readings) for item in alerts),
    )


def describe(kind: Kind, episode: Episode, readings: Sequence[Reading]) -> dict[str, Any]:
    """Return one alert as a row: where, when, what was seen, and what came after."""
    until = (episode.windows[-1].reading.day + timedelta(days=AFTER_DAYS)).isoformat()
    after = [
        item
        for item in readings
        if item.instance == episode.instance and episode.last < item.period < f"{until}~"
    ]
    expected = [item.expected for item in episode.windows if item.expected is not None]
    return {
        "kind": episode.kind,
        "dimensions": dict(episode.instance),
        "first": episode.first,
        "last": episode.last,
        "cleared": episode.cleared,
        "windows": len(episode.windows),
        "value": _mean(kind, [item.reading for item in episode.windows]),
        "expected": sum(expected) / len(expected) if expected else None,
        "after": _mean(kind, after) if episode.cleared else None,
    }


def _mean(kind: Kind, readings: Sequence[Reading]) -> float | None:
    base = len(readings) if kind == "count" else sum(item.n for item in readings)
    return sum(item.k for item in readings) / base if base else None
