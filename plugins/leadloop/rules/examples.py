"""The tests that a rule carries: rows on which it must fire, rows on which it must stay quiet."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from leadloop.rules.evaluate import evaluate
from leadloop.rules.readings import Reading, Span

if TYPE_CHECKING:
    from leadloop.rules.chances import Kind
    from leadloop.rules.schema import Example, Row, Rule

# A Monday; any would do.
DAY = date(2026, 3, 30)


def run_example(rule: Rule, kind: Kind, example: Example) -> str | None:
    """Return what is wrong, or None if the rule does what the example says."""
    readings = make_readings(rule, example)
    first_row = readings[-_length(rule, example)].period
    span = Span(readings[0].day, readings[-1].day)
    found = evaluate(rule, kind, readings, span).episodes
    fired = any(item.last >= first_row and item.kind == "value" for item in found)
    seen = "fire" if fired else "quiet"
    if seen == example.expect:
        return None
    return f"{rule.id}: {example.name}: wanted {example.expect}, seen {seen}"


def make_readings(rule: Rule, example: Example) -> list[Reading]:
    """Return the example's windows of one instance, with what was usual before them."""
    length = _length(rule, example)
    rows = [*example.rows, *[example.rows[-1]] * (length - len(example.rows))]
    now = [_reading(rule, place, row) for place, row in enumerate(rows)]
    before = example.before
    if before is None:
        return now
    earlier: dict[str, Reading] = {}
    for place in range(length):
        for back in range(1, _history(rule) + 1):
            reading = _reading(rule, place, before, back)
            earlier[reading.period] = reading
    taken = {item.period for item in now}
    past = [earlier[period] for period in sorted(earlier) if period < min(taken)]
    return [*past, *now]


def _length(rule: Rule, example: Example) -> int:
    return max(len(example.rows), rule.for_)


def _history(rule: Rule) -> int:
    """Return how many days, weeks or months of past the condition looks at."""
    step = 7 if rule.grain == "week" else 30 if rule.grain == "month" else 1
    if rule.when.drop_vs is not None:
        return max(1, rule.when.drop_vs.days // step)
    lookback = rule.when.baseline.lookback if rule.when.baseline else 1
    return lookback if step > 1 else lookback * 7


def _reading(rule: Rule, place: int, row: Row, back: int = 0) -> Reading:
    error = None if row.spread is None or not row.n else row.spread / row.n**0.5
    return Reading(_period(rule, place, back), (("example", 1),), row.k, row.n, error)


def _period(rule: Rule, place: int, back: int) -> str:
    if rule.grain == "hour":
        moment = DAY + timedelta(days=place // 24 - back)
        return f"{moment.isoformat()}T{place % 24:02d}"
    if rule.grain == "month":
        months = DAY.year * 12 + DAY.month - 1 + place - back
        return f"{months // 12:04d}-{months % 12 + 1:02d}"
    days = 7 if rule.grain == "week" else 1
    return (DAY + timedelta(days=(place - back) * days)).isoformat()
