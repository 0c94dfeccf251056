"""The rule, by hand and on customers who do not change."""

from __future__ import annotations

import numpy as np
import pytest

from leadloop.scoring.plan import RulePlan
from leadloop.scoring.rule import Activity, fall_by_chance, judge

PLAN = RulePlan()


@pytest.mark.parametrize(
    ("talks", "before", "guarded", "naive"),
    [
        pytest.param(4, 8, False, True, id="half is no proof: 794 of 4096"),
        pytest.param(2, 4, False, True, id="half of four is chance"),
        pytest.param(0, 4, False, True, id="none of four happens once in sixteen"),
        pytest.param(0, 5, True, True, id="none of five happens once in thirty-two"),
        pytest.param(0, 3, False, True, id="three is no base"),
        pytest.param(1, 9, True, True, id="one of nine is eleven in 1024"),
        pytest.param(2, 8, False, True, id="two of eight is 56 in 1024, just over"),
        pytest.param(20, 40, True, True, id="half of forty is sure"),
        pytest.param(21, 40, False, False, id="less than half of forty is no fall by half"),
        pytest.param(0, 0, False, False, id="nothing before, nothing fallen"),
        pytest.param(9, 9, False, False, id="as before"),
    ],
)
def test_a_fall_is_flagged_when_base_and_test_allow(talks, before, guarded, naive):
    judged = judge(Activity(talks, before, rivals=0), PLAN)
    assert (judged.is_flagged, judged.is_flagged_naively) == (guarded, naive)


def test_the_chance_is_the_exact_binomial_tail():
    assert fall_by_chance(2, 8) == pytest.approx((1 + 10 + 45) / 1024)
    assert fall_by_chance(0, 5) == pytest.approx(1 / 32)


@pytest.mark.parametrize(
    ("rivals", "flagged", "reasons"),
    [
        pytest.param(1, False, (), id="named once"),
        pytest.param(2, True, ("rivals_named",), id="named twice"),
        pytest.param(None, False, ("rivals_not_available",), id="nobody listened"),
    ],
)
def test_a_rival_named_twice_is_a_reason_and_one_never_heard_is_not(rivals, flagged, reasons):
    judged = judge(Activity(talks=8, before=8, rivals=rivals), PLAN)
    assert judged.is_flagged is flagged
    assert judged.reasons == reasons


@pytest.mark.parametrize(("mean", "times"), [(4, 10), (6, 4), (8, 2.5), (12, 1.2)])
def test_customers_who_do_not_change_are_flagged_less_than_the_test_allows(mean, times):
    generator = np.random.default_rng(11)
    pairs = generator.poisson(mean, (4000, 2))
    judged = [judge(Activity(int(now), int(before), 0), PLAN) for before, now in pairs]
    guarded = np.mean([item.is_flagged for item in judged])
    naive = np.mean([item.is_flagged_naively for item in judged])
    assert guarded < 0.05
    # The rarer the calls, the more of the naive alarms are chance.
    assert naive > times * guarded


def test_customers_who_fall_silent_are_flagged_by_both():
    generator = np.random.default_rng(12)
    before = generator.poisson(8, 2000)
    judged = [judge(Activity(0, int(count), 0), PLAN) for count in before]
    assert np.mean([item.is_flagged for item in judged]) > 0.85
