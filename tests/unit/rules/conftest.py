"""Rules and windows for the tests of rules."""

from datetime import date, timedelta

import pytest

from leadloop.rules.readings import Reading, Span
from leadloop.rules.schema import Rule

BASE = {
    "id": "made",
    "title": {"zh": "规则", "en": "Made"},
    "owner": "ops_manager",
    "metric": "connect_rate",
    "grain": "day",
    "when": {"below": 0.20},
    "min_sample": 30,
    "severity": "warning",
    "why": "A rule that tests are made with.",
}


@pytest.fixture
def make_rule():
    """A rule of one threshold, with changes."""

    def make(**changes) -> Rule:
        return Rule.model_validate({**BASE, **changes})

    return make


@pytest.fixture
def content():
    """What a rule file holds, to be broken."""
    return dict(BASE)


@pytest.fixture
def make_days():
    """Daily windows of one instance from a Monday on, given as (k, n), None for no row."""

    def make(*sums, instance=(), first="2026-03-02", error=None):
        begin = date.fromisoformat(first)
        return [
            Reading((begin + timedelta(days=place)).isoformat(), instance, item[0], item[1], error)
            for place, item in enumerate(sums)
            if item is not None
        ]

    return make


@pytest.fixture
def make_hours():
    """Hourly windows of one day, from 9 o'clock on."""

    def make(day, *sums, instance=()):
        return [
            Reading(f"{day}T{9 + place:02d}", instance, k, n) for place, (k, n) in enumerate(sums)
        ]

    return make


@pytest.fixture
def span_of():
    """The days from the first to the last window."""

    def span(readings, last=None):
        return Span(readings[0].day, date.fromisoformat(last) if last else readings[-1].day)

    return span
