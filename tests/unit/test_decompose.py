"""A change of a rate splits exactly into other calls and other answers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadloop.decompose import rate_of, split_change

sums = st.tuples(st.floats(0, 1), st.integers(0, 10**6)).map(
    lambda item: (item[0] * item[1], item[1])
)
groups = st.dictionaries(st.sampled_from("abcdefgh"), sums, max_size=8)


@given(groups, groups)
def test_the_parts_sum_to_the_change(before, now):
    parts = split_change(before, now)
    if not sum(n for _, n in before.values()) or not sum(n for _, n in now.values()):
        assert parts == []
        return
    change = rate_of(now.values()) - rate_of(before.values())
    assert sum(part.mix + part.rate for part in parts) == pytest.approx(change, abs=1e-12)


def test_groups_that_answer_as_before_changed_by_mix_alone():
    # Half and half becomes nine to one: .5 x .2 + .5 x .4 = .3 becomes .9 x .2 + .1 x .4 = .22.
    before, now = {"a": (20, 100), "b": (40, 100)}, {"a": (180, 900), "b": (40, 100)}
    parts = {part.group: part for part in split_change(before, now)}
    assert [part.rate for part in parts.values()] == [0, 0]
    # (.9 - .5) x (.2 - .26) and (.1 - .5) x (.4 - .26), about the middle of .3 and .22.
    assert parts["a"].mix == pytest.approx(-0.024)
    assert parts["b"].mix == pytest.approx(-0.056)


def test_groups_of_the_same_size_changed_by_rate_alone():
    parts = {
        part.group: part
        for part in split_change({"a": (40, 100), "b": (30, 100)}, {"a": (20, 100), "b": (30, 100)})
    }
    assert (parts["a"].mix, parts["a"].rate) == (0, pytest.approx(-0.1))
    assert (parts["b"].mix, parts["b"].rate) == (0, 0)


def test_a_group_that_is_new_is_mix():
    (old, new) = split_change({"old": (40, 100)}, {"old": (40, 100), "new": (0, 100)})
    # .4 becomes .2; the middle is .3: half of the calls are new, at 0.
    assert (old.rate, new.rate) == (0, 0)
    assert new.mix == pytest.approx(0.5 * (0 - 0.3))
    assert old.mix == pytest.approx(-0.5 * (0.4 - 0.3))


def test_a_mean_splits_like_a_share():
    # 100 s a call becomes 150 s, all in one group.
    parts = split_change({"a": (1000, 10), "b": (1000, 10)}, {"a": (2000, 10), "b": (1000, 10)})
    assert [round(part.rate, 9) for part in parts] == [50, 0]
