"""Times, moods, noise and lengths of talks."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from statistics import fmean, median

import numpy as np
import pytest

from leadloop.simulate.speech import TalkPlan, Turn, objection_seconds, write_talk

ENDS = ("won", "interested", "refused", "dnc", "callback", "wrong", "other")


@pytest.fixture(scope="module")
def many() -> list[tuple[TalkPlan, list[Turn]]]:
    """700 sales talks of a minute to ten, as real talk times are spread."""
    generator = np.random.default_rng(5)
    plans = [
        TalkPlan(
            end=ENDS[place % len(ENDS)],
            kind="sales",
            seconds=int(np.clip(generator.lognormal(5.16, 0.93), 60, 600)),
            phone="13800001234",
            pool=("seen", "held_out")[place % 2],
            segment=("consumer", "company")[place % 3 == 0],
        )
        for place in range(700)
    ]
    return [(plan, write_talk(plan, generator)) for plan in plans]


def sizes(talks: Iterable[tuple[TalkPlan, list[Turn]]], speaker: str) -> np.ndarray:
    return np.log(
        [len(turn.said) for _, turns in talks for turn in turns if turn.speaker == speaker]
    )


def seconds_of(turns: Iterable[Turn], speaker: str) -> float:
    return sum(turn.end_ms - turn.begin_ms for turn in turns if turn.speaker == speaker) / 1000


@pytest.mark.parametrize("seconds", [1, 4, 9, 10, 23, 61, 180, 900, 3000])
def test_turns_are_in_order_and_fill_the_talk(talk, seconds, pool):
    for seed in range(20):
        turns = talk(seed, seconds=seconds, pool=pool, concerns=("price",), answered=(False,))
        begins = [turn.begin_ms for turn in turns]
        assert begins == sorted(begins)
        assert begins[0] >= 0
        assert all(turn.end_ms > turn.begin_ms for turn in turns)
        assert turns[-1].end_ms == max(turn.end_ms for turn in turns) == seconds * 1000


def test_there_is_a_turn_every_six_seconds_up_to_sixty(many):
    for plan, turns in many:
        if plan.end != "wrong":
            aim = min(plan.seconds / 6, 60)
            assert 0.7 * aim - 2 <= len(turns) <= aim + 6


def test_lengths_are_spread_about_as_in_real_service_calls(many):
    # Real: customers mu 2.34 sigma .9, agents 2.74 and 1.0. The bulk is met within a fifth of the
    # median; the tails are thinner (sigma .6 at least), since nobody here talks for a minute.
    for speaker, mu in (("customer", 2.34), ("agent", 2.74)):
        logs = sizes(many, speaker)
        assert abs(median(logs) - mu) < 0.22
        assert logs.std() > 0.6
        assert np.quantile(logs, 0.05) <= np.log(5)
        assert np.quantile(logs, 0.95) >= np.log(26)


def test_a_customer_begins_before_the_agent_ends_in_about_eight_of_a_hundred_changes(many):
    changes = [
        after.begin_ms < before.end_ms
        for _, turns in many
        for before, after in pairwise(turns)
        if (before.speaker, after.speaker) == ("agent", "customer")
    ]
    # Standard error .003 of some 9,000 changes.
    assert 0.06 < fmean(changes) < 0.10


def test_the_agent_takes_the_aimed_share_of_speech(talk):
    for aimed in (0.4, 0.55, 0.7):
        turns = talk(2, talk_share=aimed, seconds=240)
        agent, customer = seconds_of(turns, "agent"), seconds_of(turns, "customer")
        assert agent / (agent + customer) == pytest.approx(aimed, abs=0.02)


def test_a_slower_pace_makes_the_same_objection_longer_by_that_much(talk):
    changes = {"concerns": ("price", "trial"), "answered": (True, False), "seconds": 240}
    usual = objection_seconds(talk(4, **changes))
    slow = objection_seconds(talk(4, objection_pace=1.5, **changes))
    assert len(usual) == len(slow) == 2
    assert slow == pytest.approx([1.5 * each for each in usual], abs=0.01)
    assert objection_seconds(talk(4)) == []


def test_moods_follow_the_arc(talk, pool):
    def mood(arc: str, begin: float, end: float) -> float:
        values = []
        for seed in range(40):
            turns = talk(seed, arc=arc, end="other", seconds=360, pool=pool)
            part = turns[int(begin * len(turns)) : int(end * len(turns))]
            values += [turn.polarity for turn in part if turn.speaker == "customer"]
        return fmean(values)

    assert mood("drop", 0.67, 0.95) < -0.3 < mood("drop", 0.1, 0.6)
    assert mood("warming", 0.6, 0.95) > mood("warming", 0.1, 0.4) + 0.2
    assert mood("recovering", 0.3, 0.6) < -0.15 < 0.15 < mood("recovering", 0.7, 0.95)
    assert abs(mood("flat", 0.1, 0.9)) < 0.15


def test_without_noise_the_recogniser_hears_what_was_said(talk, pool):
    for seed in range(20):
        for turn in talk(seed, noise=0.0, pool=pool, end="won"):
            assert turn.text == turn.said
            assert turn.role == turn.speaker


def test_noise_changes_some_characters_and_one_role_in_a_hundred(many):
    turns = [turn for _, turns in many for turn in turns]
    changed = fmean(turn.text != turn.said for turn in turns)
    swapped = fmean(turn.role != turn.speaker for turn in turns)
    grown = fmean(len(turn.text) - len(turn.said) for turn in turns)
    assert 0.5 < changed < 0.9
    assert 0.006 < swapped < 0.014
    assert abs(grown) < 1.0
    assert all(turn.text and 0.0 < turn.confidence <= 1.0 for turn in turns)
    heard = "".join(turn.text for turn in turns if "13800001234" in turn.said)
    assert "幺三" in heard
    assert "洞洞" in heard


def test_strangers_seldom_ask_for_a_robot_or_swear():
    generator = np.random.default_rng(8)
    plan = TalkPlan(end="refused", kind="sales", seconds=30, phone="13800001234")
    acts = [turn.act for _ in range(4000) for turn in write_talk(plan, generator)]
    # Planned at 2 % and 1.8 % of refusals (1 % of all calls).
    assert 0.013 < acts.count("robot") / 4000 < 0.027
    assert 0.011 < acts.count("abuse") / 4000 < 0.025


def test_the_same_seed_gives_the_same_talk_and_another_seed_another(talk, pool):
    assert talk(7, pool=pool, end="won") == talk(7, pool=pool, end="won")
    assert talk(7, pool=pool, end="won") != talk(8, pool=pool, end="won")


def test_no_sentence_is_said_twice_in_a_talk_of_three_minutes(talk, pool):
    for seed in range(20):
        turns = talk(seed, pool=pool, seconds=180)
        long = [turn.said for turn in turns if len(turn.said) > 8]
        assert len(long) == len(set(long))
