"""Intervals, against figures worked out elsewhere."""

from __future__ import annotations

import pytest

from leadloop.intervals import (
    count_change_interval,
    estimate_dispersion,
    estimate_share_dispersion,
    mean_change_interval,
    mean_interval,
    share_band,
    share_change_interval,
    t_quantile,
    widen_for_choices,
    wilson_interval,
)

Z_SQUARED = 3.841458820694124  # 95 % point of chi-squared with one degree, from a table


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        pytest.param(34, 100, 0.2546152080, 0.4372227115, id="a third of a hundred"),
        pytest.param(0, 10, 0.0, 0.2775327998, id="none of ten"),
        pytest.param(10, 10, 0.7224672002, 1.0, id="all of ten"),
        pytest.param(683, 2000, 0.3210386502, 0.3625690538, id="a usual day"),
    ],
)
def test_the_wilson_interval_is_that_of_the_tables(k: int, n: int, low: float, high: float):
    assert wilson_interval(k, n) == pytest.approx((low, high), abs=1e-9)


def test_both_edges_solve_the_equation_that_defines_the_score_interval():
    k, n = 7, 31
    for edge in wilson_interval(k, n):
        assert (k / n - edge) ** 2 == pytest.approx(Z_SQUARED * edge * (1 - edge) / n, abs=1e-12)


def test_the_mean_of_one_to_thirty_has_the_interval_of_the_t_table():
    low, high = mean_interval(465, 9455, 30) or (0, 0)
    # s = 8.80341, t(29) = 2.045230, half = 2.045230 * 8.80341 / sqrt(30) = 3.287247
    assert (low, high) == pytest.approx((12.212753, 18.787247), abs=1e-5)


def test_a_mean_of_few_has_no_interval():
    assert mean_interval(465, 9455, 29) is None


def test_equal_values_have_an_interval_of_no_width():
    assert mean_interval(30 * 5, 30 * 25, 30) == (5.0, 5.0)


@pytest.mark.parametrize(
    ("degrees", "wanted"), [(29, 2.0452296), (99, 1.9842169), (999, 1.9623415)]
)
def test_the_t_point_is_that_of_the_tables(degrees: int, wanted: float):
    assert t_quantile(degrees) == pytest.approx(wanted, abs=1e-5)


def test_the_difference_of_two_shares_has_newcombes_interval():
    # Newcombe (1998), example a, method 10: 56/70 - 48/80.
    assert share_change_interval((56, 70), (48, 80)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_two_means_with_wide_intervals_may_be_equal():
    low, high = mean_change_interval((100, 97, 103), (95, 91, 99))
    assert (low, high) == pytest.approx((0.0, 10.0))  # half = hypot(3, 4) = 5


def test_counts_differ_when_the_gap_is_beyond_chance():
    assert count_change_interval(2000, 1950)[0] < 0
    assert count_change_interval(2000, 1500)[0] > 0


def test_counts_that_differ_by_no_more_than_chance_are_not_dispersed():
    assert estimate_dispersion([(100, 100), (110, 100)]) == 1.0
    assert estimate_dispersion([]) == 1.0


def test_counts_that_swing_are_dispersed_by_their_squared_gap():
    # (1000 - 600)^2 / 1600 = 100
    assert estimate_dispersion([(1000, 600), (600, 1000)]) == 100.0


def test_who_looks_twenty_times_needs_a_wider_interval():
    assert widen_for_choices(1) == pytest.approx(1.959964, abs=1e-6)
    assert widen_for_choices(20) == pytest.approx(3.0233414, abs=1e-6)  # 99.875 % point


def test_the_band_of_a_share_narrows_with_the_sample_and_widens_with_the_scatter():
    earlier = [(60, 200), (60, 200), (60, 200)]
    few, many = share_band(earlier, 40), share_band(earlier, 4000)
    scattered = share_band(earlier, 4000, dispersion=4)
    assert few[0] < scattered[0] < many[0] < 0.3 < many[1] < scattered[1] < few[1]


def test_shares_that_differ_as_chance_lets_them_have_no_dispersion():
    assert estimate_share_dispersion([[(28, 100), (32, 100)]]) == 1.0
    assert estimate_share_dispersion([]) == 1.0
    # One day tells nothing of days; a share of nothing has no scatter.
    assert estimate_share_dispersion([[(30, 100)], [(0, 10), (0, 20)]]) == 1.0
