"""What is proposed: payloads that can be carried out, under keys that come out the same."""

from datetime import UTC, date, datetime

import pytest

from leadloop import ledger, opstore
from leadloop.metric_values import Definition, judge
from leadloop.rules.episodes import Episode, Judgement
from leadloop.rules.proposals import Case, make_action
from leadloop.rules.readings import Reading


class Shelf:
    """Metrics of a company, as many as a proposal asks for."""

    def __init__(self, rows, names=("connect_rate", "churn_flagged_customers")):
        self.rows, self.asked, self.names, self.catalog = rows, [], names, self

    def query(self, names, **options):
        self.asked.append((names, options))
        kind = "count" if names == ["churn_flagged_customers"] else "share"
        parts = ("k",) if kind == "count" else ("k", "n")
        definition = Definition(names[0], kind, "", "", "", parts)
        return [judge(definition, place, sums) for place, sums in self.rows]


@pytest.fixture
def make_case(make_rule):
    def make(instance, *periods, k=10, n=100, **changes):
        rule = make_rule(grain="hour" if "T" in periods[0] else "day", **changes)
        windows = tuple(Judgement(Reading(item, instance, k, n), "broken") for item in periods)
        return Case("alert-1", rule, Episode(instance, windows), "2026-03-31")

    return make


def step(rule):
    return rule.do[0]


def test_the_hour_plan_leaves_the_bad_hours_for_the_best_others(settings, make_case):
    case = make_case(
        (("channel", "short_video"),),
        "2026-03-31T14",
        "2026-03-31T15",
        by=["channel"],
        do=[{"action": "reschedule_dials", "mode": "approve", "approver": "me", "holdout": 0.1}],
    )
    hours = {9: (300, 1000), 10: (450, 1000), 11: (400, 1000), 14: (900, 1000), 20: (10, 12)}
    shelf = Shelf([({"dial_hour": hour}, {"k": k, "n": n}) for hour, (k, n) in hours.items()])
    action = make_action(settings, shelf, case, step(case.rule))
    assert action["payload"] == {
        "holdout": 0.1,
        "plan_day": "2026-04-01",
        "place": {"channel": "short_video"},
        "from_hours": [14, 15],
        "to_hours": [10, 11, 9],  # 14 fired; twelve stray dials at 20 are no hour
        "lookback_days": 3,
        "limit": 500,
    }
    assert action["idempotency_key"] == "reschedule_dials/channel/short_video/2026-03-31"
    # The plan ends with its day, midnight in Shanghai; its outcome two days later.
    assert action["expires_at"] == datetime(2026, 4, 1, 16, tzinfo=UTC)
    assert action["outcome_window_end"] == datetime(2026, 4, 3, 16, tzinfo=UTC)
    assert (action["state"], action["decided_by"]) == ("proposed", None)
    # The four weeks end before the trouble began.
    assert shelf.asked[0][1]["end"] == "2026-03-30"


def test_an_agent_is_reminded_once_for_an_alert(settings, make_case):
    case = make_case(
        (("agent", "A7"),),
        "2026-03-31",
        metric="forbidden_word_rate",
        when={"above": 0.05},
        by=["agent"],
        do=[{"action": "remind_compliance", "mode": "auto"}],
    )
    action = make_action(settings, Shelf([]), case, step(case.rule))
    assert action["payload"]["agent_id"] == "A7"
    assert (action["payload"]["value"], action["payload"]["limit"]) == (0.1, 0.05)
    assert action["idempotency_key"] == "remind_compliance/agent/A7/alert-1"
    assert (action["state"], action["decided_by"]) == ("approved", "rule:made")


RETENTION = [
    {
        "action": "retention_package",
        "mode": "approve",
        "approver": "me",
        "with": {"package": "loyal", "eligibility": "All the same."},
    }
]


def test_a_retention_list_takes_those_whom_no_earlier_list_names(settings, make_case):
    shelf = Shelf([({"customer": name}, {"k": flag}) for name, flag in (("c1", 1), ("c2", 0))])
    case = make_case((), "2026-03-31", do=RETENTION)
    action = make_action(settings, shelf, case, step(case.rule))
    assert action["payload"]["customer_ids"] == ["c1"]
    assert action["payload"]["package"] == "loyal"
    opstore.insert_new(settings, ledger.actions, action)
    # The same day makes the same list, the next one nobody new.
    assert make_action(settings, shelf, case, step(case.rule))["payload"] == action["payload"]
    later = Case(case.alert_id, case.rule, case.episode, "2026-04-01")
    assert make_action(settings, shelf, later, step(case.rule)) is None


def test_nobody_at_risk_is_no_proposal(settings, make_case):
    case = make_case((), "2026-03-31", do=RETENTION)
    assert make_action(settings, Shelf([]), case, step(case.rule)) is None
    assert make_action(settings, Shelf([], names=()), case, step(case.rule)) is None


def test_tomorrow_is_the_day_after_the_business_day(make_case):
    assert make_case((), "2026-03-31").tomorrow == date(2026, 4, 1)
