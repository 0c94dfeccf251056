"""How sure: numbers that a book or a simulation gives too."""

import numpy as np
import pytest
from scipy import stats

from leadloop.rules.chances import (
    Numbers,
    Usual,
    chance_below,
    chance_dropped,
    mirror,
    select,
    tail_below,
)


def numbers(k, n, error=0.0):
    return Numbers(np.array([float(k)]), np.array([float(n)]), np.array([float(error)]))


def usual(mean, variance=0.0):
    return Usual(np.array([float(mean)]), np.array([float(variance)]))


def test_a_share_far_below_the_limit_is_below_it_and_three_calls_prove_nothing():
    assert chance_below("share", numbers(40, 400), 0.20)[0] > 0.9999
    assert chance_below("share", numbers(0, 3), 0.20)[0] < 0.95


def test_a_count_is_a_fact():
    assert chance_below("count", numbers(99, 99), 100)[0] == 1
    assert chance_below("count", numbers(100, 100), 100)[0] == 0


def test_a_mean_is_below_with_the_chance_of_its_t_interval():
    # Its 95 % interval ends at the limit: 97.5 % lie below.
    limit = 100 + stats.t.ppf(0.975, 49) * 2
    assert chance_below("mean", numbers(5000, 50, 2), limit)[0] == pytest.approx(0.975)


def test_the_tail_of_a_share_is_the_beta_binomials():
    # Correlation .01 means a beta of size 99 about .3.
    tail = tail_below("share", numbers(10, 72), usual(0.3), 0.01)[0]
    assert tail == pytest.approx(stats.betabinom.cdf(10, 72, 0.3 * 99, 0.7 * 99), rel=1e-9)


def test_the_tail_of_a_share_without_likeness_is_the_binomials():
    tail = tail_below("share", numbers(10, 72), usual(0.3), 0.0)[0]
    assert tail == pytest.approx(stats.binom.cdf(10, 72, 0.3), rel=1e-4)


def test_seen_from_above_too_much_is_as_rare_as_too_little():
    high = mirror("share", numbers(62, 72), usual(0.7))
    low = tail_below("share", numbers(10, 72), usual(0.3), 0.01)[0]
    assert tail_below("share", *high, 0.01)[0] == pytest.approx(low)
    count = mirror("count", numbers(130, 130), usual(100))
    assert tail_below("count", *count, 1.0)[0] == pytest.approx(stats.norm.sf(3), rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "now", "before"),
    [
        pytest.param("share", (20, 100), (400, 1000), id="share"),
        pytest.param("count", (50, 50), (400, 4), id="count"),
        pytest.param("mean", (1000, 50, 0.5), (40000, 1000, 0.2), id="mean"),
    ],
)
def test_a_fall_to_exactly_half_is_as_likely_more_as_less(kind, now, before):
    assert chance_dropped(kind, numbers(*now), numbers(*before), 0.5)[0] == pytest.approx(
        0.5, abs=0.06
    )


def test_a_fall_by_chance_from_four_calls_is_no_fall():
    # Two of four calls: "down by half", and yet every fourth quiet month looks so.
    assert chance_dropped("count", numbers(2, 2), numbers(4, 1), 0.5)[0] < 0.6
    assert chance_dropped("count", numbers(4, 4), numbers(120, 4), 0.5)[0] > 0.95


def test_of_many_chances_only_those_are_real_that_chance_does_not_give():
    tails = np.linspace(0.001, 1, 1000)
    assert not select(tails, 0.1).any() or select(tails, 0.1).sum() < 5
    tails[:50] = 1e-6
    assert select(tails, 0.1)[:50].all()
    assert select(np.array([]), 0.1).size == 0
