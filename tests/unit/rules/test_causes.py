"""Which days an alert is explained by, and which it is held against."""

from __future__ import annotations

from leadloop.rules.causes import compare
from leadloop.rules.evaluate import evaluate
from leadloop.rules.readings import Reading, Span


def list_days(slots):
    return sorted({day for day, _ in slots})


def test_a_weekly_alert_of_two_weeks_is_about_the_last_and_held_against_weeks_before_it(make_rule):
    from datetime import date

    weeks = ["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23", "2026-03-02", "2026-03-09"]
    sums = [(160, 400)] * 4 + [(40, 400)] * 2
    readings = [Reading(week, (), k, n) for week, (k, n) in zip(weeks, sums, strict=True)]
    rule = make_rule(grain="week")
    span = Span(date(2026, 2, 2), date(2026, 3, 15), "monday")
    (episode,) = evaluate(rule, "share", readings, span).episodes
    assert (episode.first, episode.last) == ("2026-03-02", "2026-03-09")
    found = compare(rule, episode)
    assert list_days(found.now) == [f"2026-03-{day:02}" for day in range(9, 16)]
    before = list_days(found.before)
    # Four weeks back from 9 March, without that of the 2nd, which had fired as well.
    assert (before[0], before[-1], len(before)) == ("2026-02-09", "2026-03-01", 21)


def test_a_daily_alert_is_about_its_days_of_the_last_week(make_rule, make_days, span_of):
    days = make_days(*[(160, 400)] * 28, *[(40, 400)] * 9)
    rule = make_rule()
    (episode,) = evaluate(rule, "share", days, span_of(days)).episodes
    found = compare(rule, episode)
    # Nine days fire from 30 March on; the last seven of them are explained.
    assert list_days(found.now) == [f"2026-04-{day:02}" for day in range(1, 8)]
    assert not found.now & found.before
    assert "2026-03-30" not in list_days(found.before)
