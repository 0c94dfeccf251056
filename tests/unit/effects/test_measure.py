"""Effects: a verdict where there is a holdout, a reason where there is none."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa

from leadloop import ledger, opstore, pointer
from leadloop.effects.estimate import Arm, compare_means, ratio_chance, smallest_effect
from leadloop.effects.measure import measure_due
from leadloop.effects.verdict import Question, judge
from leadloop.warehouse import open_memory

SHARE = Question("share", True, 0.2)
MOMENT = datetime(2026, 3, 31, 20, tzinfo=UTC)


def count(n: int, k: int) -> Arm:
    return Arm(n, k, k)


def compare(question: Question, treat: Arm, holdout: Arm):
    """The verdict where every unit that was drawn has an outcome."""
    return judge(question, (treat.n, holdout.n), (treat, holdout))


@pytest.mark.parametrize(
    ("treat", "holdout", "word"),
    [
        pytest.param(count(400, 200), count(100, 30), "proven", id="clearly better"),
        pytest.param(count(400, 120), count(100, 28), "no effect shown", id="within chance"),
        pytest.param(count(400, 80), count(100, 45), "harmful", id="clearly worse"),
        pytest.param(count(400, 200), count(29, 5), "cannot be measured", id="too few held out"),
        pytest.param(count(400, 200), count(0, 0), "cannot be measured", id="nobody held out"),
        pytest.param(count(400, 200), count(40, 5), "cannot be measured", id="broken draw"),
    ],
)
def test_a_verdict_follows_the_interval_and_says_when_there_is_none(treat, holdout, word):
    assert compare(SHARE, treat, holdout).word == word


def test_a_verdict_that_cannot_be_given_says_why():
    assert compare(SHARE, count(9, 3), count(0, 0)).reason.startswith("Nobody was held out")
    assert compare(SHARE, count(400, 200), count(29, 5)).reason == (
        "Too few: 400 with the action and 29 without; "
        "a difference below 27 points would mostly stay unseen."
    )
    reason = compare(SHARE, count(400, 200), count(40, 5)).reason
    assert reason.startswith("40 of 440 were held out where 20% was meant")


def test_where_less_is_better_a_fall_is_proven():
    question = Question("mean", False, 0.5)
    low, high = Arm(40, 2.0, 0.2), Arm(40, 6.0, 1.0)
    assert compare(question, low, high).word == "proven"
    assert compare(question, high, low).word == "harmful"


def test_means_are_compared_by_the_normal_interval():
    # Variances 1 and 4, both n = 100: half = 1.96 * sqrt(0.01 + 0.04) = 0.438.
    seen = compare_means(Arm(100, 500, 2599), Arm(100, 400, 1996))
    assert seen.value == pytest.approx(1.0)
    assert seen.high - seen.value == pytest.approx(0.43826, abs=1e-5)


def test_more_units_show_smaller_differences():
    # 2.8016 * sqrt(.25 * (1/100 + 1/100)) = 0.1981
    assert smallest_effect(100, 100) == pytest.approx(0.1981, abs=1e-4)
    assert smallest_effect(400, 400) == pytest.approx(0.0990, abs=1e-4)


def test_a_fair_split_is_likely_and_a_broken_one_is_not():
    assert ratio_chance(900, 100, 0.1) > 0.9
    assert ratio_chance(880, 120, 0.1) > 0.001
    assert ratio_chance(800, 200, 0.1) < 1e-9


def publish(settings, tables):
    home = settings.home
    home.marts.mkdir(parents=True, exist_ok=True)
    file = home.marts / "marts_20260401T000000Z_000001.duckdb"
    with open_memory() as connection:
        connection.execute(f"attach '{file}' as made")
        for name, query in tables.items():
            connection.execute(f"create table made.{name} as {query}")
        connection.execute("detach made")
    pointer.swap_link(home, file)


def send(settings, kind="reschedule_dials", payload=None, held=range(100), **changes):
    """An action that was sent to 500 units, of which those in `held` were left out."""
    numbers = changes.pop("numbers", range(500))
    row = {
        "action_id": "act-1",
        "type": kind,
        "payload": payload or {"plan_day": "2026-04-01", "holdout": 0.2},
        "target_type": "channel",
        "target_id": "short_video",
        "mode": "approve",
        "state": "sent",
        "proposed_at": MOMENT,
        "gate": {},
        **changes,
    }
    action_id = row["action_id"]
    row["idempotency_key"] = f"key of {action_id}"
    opstore.append(settings, ledger.actions, [row])
    experiment = row["payload"].get("experiment", action_id)
    with opstore.transaction(settings) as connection:
        for number in numbers:
            unit = {
                "experiment": experiment,
                "unit_id": f"p{number}",
                "action_type": kind,
                "arm": "holdout" if number in held else "treat",
                "assigned_at": MOMENT,
                "hash": "0",
            }
            if held:
                opstore.insert_new(connection, ledger.assignments, unit)
        proofs = [
            {
                "proof_id": f"{action_id}-{number}",
                "action_id": action_id,
                "stage": "plan",
                "verdict": "allow",
                "reason": "Allowed.",
                "evaluated_at": MOMENT,
                "detail": {"unit_id": f"p{number}"},
            }
            for number in numbers
        ]
        opstore.append(connection, ledger.proofs, proofs)


def read(settings):
    return opstore.read(settings, sa.select(ledger.effects))


# 400 treated of whom 200 are reached, 100 held out of whom 30 are; the day after does not count.
DIALS = """
    select 'p' || n as phone_hash, date '2026-04-02' as dial_date, true as is_dial,
        (n < 30) or (n between 100 and 299) as is_connected
    from range(500) as units (n)
    union all
    select 'p' || n, date '2026-04-04', true, true from range(500) as units (n)
"""


def test_an_effect_waits_for_the_end_of_its_window_and_is_then_measured_once(settings):
    send(settings)
    publish(settings, {"fct_dials": DIALS})
    assert measure_due(settings, "2026-03-31") == {"cannot be measured": 1}
    (row,) = read(settings)
    assert row["reason"].startswith("Not yet: the window ends on 2026-04-03. 400 with the action")
    assert measure_due(settings, "2026-04-02") == {}
    assert measure_due(settings, "2026-04-03") == {"proven": 1}
    (row,) = read(settings)
    assert (row["effect_id"], row["action_id"], row["metric"]) == ("act-1", "act-1", "reached_rate")
    assert (row["n_treat"], row["n_holdout"], row["horizon_days"]) == (400, 100, 3)
    assert row["value"] == pytest.approx(0.20)
    # Newcombe by hand: sqrt(.0487^2 + .0958^2) below, sqrt(.0487^2 + .0811^2) above.
    assert row["low"] == pytest.approx(0.0925, abs=5e-4)
    assert row["high"] == pytest.approx(0.2946, abs=5e-4)
    assert row["reason"] == "50.0% of 400 with the action, 30.0% of 100 without."
    assert measure_due(settings, "2026-04-03") == {}


def test_without_a_holdout_there_is_no_claim(settings):
    send(settings, payload={"plan_day": "2026-04-01"}, held=())
    publish(settings, {"fct_dials": DIALS})
    measure_due(settings, "2026-04-03")
    (row,) = read(settings)
    assert (row["verdict"], row["value"]) == ("cannot be measured", None)
    assert row["reason"] == "Nobody was held out, so nothing can be claimed."


def test_a_mart_that_is_not_there_is_named(settings):
    payload = {
        "customer_ids": ["p1"],
        "plan_day": "2026-04-01",
        "package": "stay",
        "eligibility": "all",
        "holdout": 0.2,
    }
    send(settings, "retention_package", payload)
    publish(settings, {"fct_dials": DIALS})
    measure_due(settings, "2026-06-30")
    (row,) = read(settings)
    assert row["reason"] == "fct_orders is not published."


def test_orders_may_be_measured_as_money(settings):
    payload = {
        "customer_ids": ["p1"],
        "plan_day": "2026-04-01",
        "package": "stay",
        "eligibility": "all",
        "holdout": 0.2,
        "metric": "order_amount",
    }
    send(settings, "retention_package", payload)
    # Every second treated customer orders for 100, one in ten of the held out; the rest nothing.
    orders = """
        select 'p' || n as customer_id, date '2026-04-20' as order_date,
            100::decimal(18, 4) as order_amount
        from range(500) as units (n)
        where (n >= 100 and n % 2 = 0) or (n < 100 and n % 10 = 0)"""
    publish(settings, {"fct_orders": orders})
    assert measure_due(settings, "2026-06-30") == {"proven": 1}
    (row,) = read(settings)
    assert row["value"] == pytest.approx(40.0)
    assert row["reason"] == "50.00 on 400 with the action, 10.00 on 100 without."


def test_where_nothing_was_sent_nothing_is_written(settings):
    assert measure_due(settings, "2026-04-03") == {}
    assert read(settings) == []


def test_small_plans_of_one_experiment_add_up_each_unit_over_its_own_days(settings):
    """Three plans of 100 with 20 held out; the third is still under way.

    Unit n of a plan is reached on the second day of its own window if it is treated and even. On
    the last day of the next plan's window everybody is reached, which counts for nobody before.
    """
    for number in range(3):
        units = range(100 * number, 100 * number + 100)
        payload = {
            "plan_day": f"2026-04-{1 + 5 * number:02}",
            "holdout": 0.2,
            "experiment": "drop",
        }
        held = range(100 * number, 100 * number + 20)
        send(settings, payload=payload, held=held, numbers=units, action_id=f"act-{number}")
    dials = """
        select
            'p' || n as phone_hash, date '2026-04-02' + 5 * (n // 100)::int as dial_date,
            true as is_dial, n % 2 = 0 and n % 100 >= 20 as is_connected
        from range(300) as units (n)
        union all
        select 'p' || n, date '2026-04-08', true, true from range(100) as units (n)"""
    publish(settings, {"fct_dials": dials})
    assert measure_due(settings, "2026-04-02") == {"cannot be measured": 1}
    (row,) = read(settings)
    assert row["reason"].startswith("Not yet: the window ends on 2026-04-03. 240 with")
    # One plan is over: 20 held out are too few. Two are over: 160 with 80 reached, 40 with none.
    measure_due(settings, "2026-04-03")
    (row,) = read(settings)
    assert row["reason"].startswith("Too few: 80 with the action and 20 without")
    assert row["reason"].endswith(" 1 of 3 actions are over.")
    assert measure_due(settings, "2026-04-08") == {"proven": 1}
    (row,) = read(settings)
    assert (row["effect_id"], row["action_id"], row["horizon_days"]) == ("drop", None, 3)
    assert (row["n_treat"], row["n_holdout"], row["value"]) == (160, 40, 0.5)
    assert row["reason"] == (
        "50.0% of 160 with the action, 0.0% of 40 without. 2 of 3 actions are over."
    )


def test_a_unit_of_two_plans_counts_over_the_days_of_the_first(settings):
    for number, day in ((1, "2026-04-01"), (2, "2026-04-11")):
        payload = {"plan_day": day, "holdout": 0.2, "experiment": "drop"}
        send(settings, payload=payload, action_id=f"act-{number}")
    # Everybody is reached in the second plan's days: that is no outcome of the first.
    dials = """
        select 'p' || n as phone_hash, date '2026-04-11' as dial_date, true as is_dial,
            true as is_connected
        from range(500) as units (n)"""
    publish(settings, {"fct_dials": dials})
    measure_due(settings, "2026-04-13")
    (row,) = read(settings)
    assert row["reason"].startswith("0.0% of 400 with the action, 0.0% of 100 without.")


def test_plans_with_other_shares_are_held_against_what_was_meant_for_each(settings):
    # 100 of 200 and 10 of 100 held out are as meant: a third of all is no broken draw.
    for number, (share, held) in enumerate(((0.5, range(100)), (0.1, range(200, 210)))):
        payload = {"plan_day": "2026-04-01", "holdout": share, "experiment": "drop"}
        units = range(200) if number == 0 else range(200, 300)
        send(settings, payload=payload, held=held, numbers=units, action_id=f"act-{number}")
    publish(settings, {"fct_dials": DIALS})
    measure_due(settings, "2026-04-03")
    (row,) = read(settings)
    assert (row["n_treat"], row["n_holdout"]) == (190, 110)
    assert row["verdict"] != "cannot be measured"


def test_agents_without_a_call_have_no_rate_and_count_for_nothing(settings):
    payload = {"agent_id": "p0", "day": "2026-03-31", "holdout": 0.2}
    send(settings, "remind_compliance", payload)
    # Every second agent works; 10 of 100 calls hold such words, of the held out 20 of 100.
    days = """
        select 'p' || n as agent_id, date '2026-04-02' as dial_date,
            case when n < 100 then 20 else 10 end + n % 4 as forbidden_call_count,
            100 as analysable_call_count
        from range(500) as units (n) where n % 2 = 0"""
    publish(settings, {"fct_agent_language_daily": days})
    assert measure_due(settings, "2026-04-14") == {"proven": 1}
    (row,) = read(settings)
    assert (row["n_treat"], row["n_holdout"]) == (400, 100)
    assert row["value"] == pytest.approx(-0.1)
    assert row["reason"] == "0.11 on 200 with the action, 0.21 on 50 without."


def test_of_actions_without_an_effect_few_are_called_proven_or_harmful():
    """400 draws of the same chance in both arms: one in twenty is the price of a 95 % interval."""
    generator = np.random.default_rng(11)
    words = Counter()
    for _ in range(400):
        treat, holdout = generator.binomial(900, 0.3), generator.binomial(100, 0.3)
        words[
            compare(Question("share", True, 0.1), count(900, treat), count(100, holdout)).word
        ] += 1
    # Twenty are expected; 35 or more would be seen once in a thousand such tests.
    assert words["proven"] + words["harmful"] < 35
    assert words["no effect shown"] > 365
