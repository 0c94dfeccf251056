"""From words, tags and deals to a verdict: what a rival's name does among leads of a tag."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from statsmodels.stats.contingency_tables import StratifiedTable

from leadloop import transform
from leadloop.language.scoring import annotate_day

DAY, WEEK = "2026-01-05", "2026-01-05"
AT = datetime(2026, 1, 5, 2, tzinfo=UTC)
# (agent, channel) -> calls and deals with a rival named, calls and deals without.
PLANTED = {
    ("A1", "web"): (30, 3, 20, 12),
    ("A1", "list"): (16, 1, 14, 9),
    ("A2", "web"): (12, 3, 28, 12),
    # Only ever with a rival named: nothing to compare with.
    ("A3", "web"): (9, 9, 0, 0),
}


def land(landing):
    calls, words, tags = [], [], []
    for (agent, channel), (named, named_won, plain, plain_won) in PLANTED.items():
        for place in range(named + plain):
            key = f"{agent}/{channel}/{place}"
            is_named = place < named
            won = place < named_won or named <= place < named + plain_won
            calls.append(
                landing.call(
                    key, AT, agent_id=agent, channel_id=channel, lead_id=key, talk_s=60,
                    answered_at=AT, outcome="human_won" if won else "human_refused",
                )
            )  # fmt: skip
            said = "我在用快账通了，太贵了" if is_named else "这个多少钱"
            for seq, text in enumerate(("您好，请问您考虑得怎么样", said), 1):
                words.append(landing.utterance(key, seq, AT, text_masked=text))
            tag = {"lead_id": key, "tag": "电商", "tag_type": "行业", "valid_from": AT}
            tags.append(landing.state(f"tag of {key}", AT, **tag))
    landing.land(DAY, "calls", calls)
    landing.land(DAY, "words", words)
    landing.land(DAY, "tags", tags)


@pytest.fixture(scope="module")
def judged(shared_landing):
    landing = shared_landing
    landing.wipe()
    land(landing)
    transform.build_layer(landing.settings, "core", DAY)
    annotate_day(landing.settings, DAY)
    transform.build_layer(landing.settings, "marts", DAY)
    transform.build_layer(landing.settings, "weekly", WEEK)
    rows = landing.read("select * from marts_build.rpt_tag_content where label = 'rival_named'")
    return {row["tag_set"]: row for row in rows}


def test_the_odds_within_agents_and_channels_are_those_of_what_was_planted(judged):
    tables = [
        np.array([[n1_won, n1 - n1_won], [n0_won, n0 - n0_won]])
        for n1, n1_won, n0, n0_won in PLANTED.values()
        if n1 and n0
    ]
    fit = StratifiedTable([table.astype(float) for table in tables])
    tested = fit.test_null_odds(correction=False)
    assert set(judged) == {"电商", "*"}
    row = judged["电商"]
    found = [row[name] for name in ("odds_ratio", "odds_low_ratio", "odds_high_ratio")]
    assert found == pytest.approx([fit.oddsratio_pooled, *fit.oddsratio_pooled_confint()])
    assert row["adjusted_lift_ratio"] == pytest.approx(fit.riskratio_pooled)
    assert row["probability"] == pytest.approx(tested.pvalue)
    assert (row["stratum_count"], row["compared_exposed_count"]) == (3, 58)


def test_the_crude_lift_counts_calls_that_nothing_can_be_compared_with(judged):
    row = judged["电商"]
    # 16 deals of 67 with, 33 of 62 without; the nine of A3 make it look less harmful.
    counts = [row[name] for name in ("exposed_count", "exposed_won_count", "other_count")]
    assert counts == [67, 16, 62]
    assert row["lift_ratio"] == pytest.approx((16 / 67) / (33 / 62))
    assert row["adjusted_lift_ratio"] < row["lift_ratio"] < 1
    assert (row["kind"], row["speaker_role"]) == ("competitor", "customer")


def test_what_holds_after_all_tests_is_a_verdict(judged):
    row = judged["电商"]
    # 30*15/50 + 16*10/30 + 12*15/40 deals were to be expected, 7 were made.
    assert float(row["expected_won_count"]) == pytest.approx(9 + 16 / 3 + 4.5, abs=1e-3)
    assert row["compared_won_count"] == 7
    assert row["probability"] <= row["adjusted_probability"] < 0.05
    assert row["verdict"] == "drop"
