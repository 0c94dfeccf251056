"""The BG/NBD of Fader, Hardie and Lee, against integrals and a process played out."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import integrate

from leadloop.scoring.bgnbd import (
    Fit,
    expect_orders,
    fit,
    log_likelihood,
    p_alive,
    summarise,
)

FOUND = Fit(0.8, 4.0, 1.7, 2.5, 0.0, 1)


def integrate_likelihood(x, tx, observed):
    """The likelihood of one history by its definition: an integral over rate and chance."""
    r, alpha, a, b = FOUND.r, FOUND.alpha, FOUND.a, FOUND.b

    def inner(chance, rate):
        stays = (1 - chance) ** x * rate**x * math.exp(-rate * observed)
        leaves = chance * (1 - chance) ** (x - 1) * rate**x * math.exp(-rate * tx) if x else 0.0
        gamma = alpha**r * rate ** (r - 1) * math.exp(-rate * alpha) / math.gamma(r)
        beta = chance ** (a - 1) * (1 - chance) ** (b - 1)
        beta *= math.gamma(a + b) / math.gamma(a) / math.gamma(b)
        return (stays + leaves) * gamma * beta

    value, _ = integrate.dblquad(inner, 1e-9, 20, 0, 1, epsabs=1e-8, epsrel=1e-6)
    return value


@pytest.mark.parametrize(("x", "tx", "observed"), [(0, 0.0, 10.0), (1, 2.0, 10.0), (4, 7.5, 9.0)])
def test_the_likelihood_is_the_integral_that_defines_it(x, tx, observed):
    columns = tuple(np.array([value], float) for value in (x, tx, observed))
    parameters = np.array([FOUND.r, FOUND.alpha, FOUND.a, FOUND.b])
    value = math.exp(float(log_likelihood(parameters, columns)[0]))
    assert value == pytest.approx(integrate_likelihood(x, tx, observed), rel=1e-3)


def play(count, weeks, seed):
    """Customers who order by the model's own story: (x, tx, observed) and what they order later."""
    draw = np.random.default_rng(seed)
    rows, later = [], []
    for rate, chance in zip(
        draw.gamma(FOUND.r, 1 / FOUND.alpha, count), draw.beta(FOUND.a, FOUND.b, count), strict=True
    ):
        moment, times = 0.0, []
        while True:
            moment += draw.exponential(1 / max(rate, 1e-12))
            if moment > 2 * weeks:
                break
            times.append(moment)
            if draw.random() < chance:
                break
        seen = [time for time in times if time <= weeks]
        rows.append((len(seen), seen[-1] if seen else 0.0, weeks))
        later.append(len(times) - len(seen))
    return tuple(np.array(rows, float).T), np.array(later)


def test_the_parameters_of_a_played_company_are_found_again():
    columns, later = play(20_000, 30.0, 5)
    found = fit(*columns)
    assert found.r / found.alpha == pytest.approx(FOUND.r / FOUND.alpha, rel=0.08)
    assert found.a / (found.a + found.b) == pytest.approx(FOUND.a / (FOUND.a + FOUND.b), rel=0.12)
    expected = expect_orders(found, columns, 30.0)
    assert expected.sum() == pytest.approx(later.sum(), rel=0.08)
    # Who is told to be alive orders more often than who is not.
    alive = p_alive(found, *columns) > 0.5
    assert later[alive].mean() > 2 * later[~alive].mean()


def test_who_ordered_often_does_not_overflow():
    columns = tuple(np.array([value], float) for value in (400.0, 38.0, 39.0))
    assert np.isfinite(expect_orders(FOUND, columns, 39.0)).all()


def test_a_company_where_nobody_ordered_again_is_refused():
    zeros = np.zeros(5)
    with pytest.raises(ValueError, match="Nobody ordered again"):
        fit(zeros, zeros, np.full(5, 10.0))


def test_orders_of_one_moment_are_one_and_those_after_the_end_are_none():
    customer = np.array(["a", "a", "a", "b", "a", "c"])
    moment = np.array([1.0, 1.0, 4.0, 2.0, 11.0, 12.0])
    x, tx, observed = summarise(customer, moment, 10.0)
    assert (x.tolist(), tx.tolist(), observed.tolist()) == ([1.0, 0.0], [3.0, 0.0], [9.0, 8.0])
