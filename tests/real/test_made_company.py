"""The made company beside real ones: what was taken from them comes out of its files again.

Real figures are worked out here from the real files; the made ones from the exports of a world,
read as text. docs/made-company.md says what is not grounded at all.
"""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from leadloop.simulate.make import make_world
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script

FIRST, DAYS = "2026-03-02", 150
# Read off the published chart of an outbound dialler (Upcall); lunch and evening left out.
HOURS = (9, 10, 11, 14, 15, 16, 17, 18)
CONNECT = (0.346, 0.372, 0.407, 0.380, 0.393, 0.351, 0.358, 0.302)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "world"
    make_world(Script(5, choose_scale("small", transcribed=0.03), FIRST, DAYS), folder)
    return folder


@pytest.fixture(scope="module")
def calls(world) -> pd.DataFrame:
    """The newest record of every dial to a lead, second legs and broken lines left out."""
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False, on_bad_lines="skip")
        for path in sorted(world.glob("inbox/dialler/*.csv"))
    ]
    rows = pd.concat(parts)
    rows = rows[(rows.export_time != "") & ~rows.start_time.str.contains(r"\?")]
    rows = rows[(rows.parent_call_id == "") & (rows.customer_id == "")]
    rows = rows.sort_values("export_time", kind="stable").drop_duplicates("call_id", keep="last")
    rows["human"] = rows.status.str.startswith(("ANSWERED", "成交"))
    rows["won"] = rows.status.isin(["ANSWERED_WON", "成交"])
    rows["seconds"] = rows.bill_seconds.astype(int)
    return rows.sort_values("start_time", kind="stable")


@pytest.fixture(scope="module")
def leads(world) -> pd.DataFrame:
    parts = [
        pd.read_csv(path, dtype=str, keep_default_na=False, encoding="gb18030")
        for path in sorted(world.glob("inbox/crm/leads_*.csv"))
    ]
    return pd.concat(parts).drop_duplicates("线索编号", keep="last").set_index("线索编号")


@pytest.fixture(scope="module")
def bank(evaluation_data) -> pd.DataFrame:
    return pd.read_csv(evaluation_data / "conversion" / "bank_marketing.csv.gz")


@pytest.mark.parametrize("sold", [False, True])
def test_talks_are_as_long_as_in_a_real_campaign(calls, bank, sold):
    made = calls[calls.human & (calls.won == sold)].seconds
    real = bank[bank.y == ("yes" if sold else "no")].duration
    assert stats.ks_2samp(made, real).statistic < 0.05
    # Not fitted: the spread of the logarithm, and how much longer a talk with a sale is.
    assert abs(np.log(made.clip(lower=1)).std() - np.log(real.clip(lower=1)).std()) < 0.12


def test_a_sale_is_likelier_the_longer_the_talk(calls, bank):
    """Not fitted: the dependence itself, over the same steps of seconds."""
    edges = [0, 60, 120, 300, 600, 3600]

    def rates(seconds, sold):
        return [sold[(seconds > low) & (seconds <= high)].mean()
                for low, high in pairwise(edges)]  # fmt: skip

    human = calls[calls.human]
    made, real = rates(human.seconds, human.won), rates(bank.duration, bank.y == "yes")
    assert made == sorted(made)
    assert real == sorted(real)


def test_dials_to_one_lead_are_about_geometric(calls, bank):
    first = set(calls[calls.start_time < "2026-05-01"].lead_id)
    made = calls[calls.lead_id.isin(first)].groupby("lead_id").size()
    # The real set holds contacts of one campaign: its continuation rate, 1 - 1 / mean.
    go_on = 1 - 1 / bank.campaign.clip(upper=10).mean()
    assert abs((1 - 1 / made.clip(upper=10).mean()) - go_on) < 0.08


def test_each_further_attempt_sells_less(calls, bank):
    answered = calls[calls.human].drop_duplicates("lead_id")
    bought = set(calls[calls.won].lead_id)
    attempt = answered.attempt_no.astype(int)
    made = [answered[attempt == number].lead_id.isin(bought).mean() for number in (1, 2, 3, 4)]
    real = [(bank[bank.campaign == number].y == "yes").mean() for number in (1, 2, 3, 4)]
    made_slope = np.polyfit(range(4), np.log(made), 1)[0]
    real_slope = np.polyfit(range(4), np.log(real), 1)[0]
    assert abs(made_slope - real_slope) < 0.10


def test_the_hours_follow_the_published_curve(calls):
    published = {
        9: 0.346,
        10: 0.372,
        11: 0.407,
        14: 0.380,
        15: 0.393,
        16: 0.351,
        17: 0.358,
        18: 0.302,
    }
    # Strangers, whose hour the dialler chooses: other leads are dialled when they come in.
    first = calls[calls.channel_id == "cold_list"]
    hour = first.start_time.str[11:13].astype(int)
    made = [first[hour == clock].human.mean() for clock in published]
    assert np.corrcoef(made, list(published.values()))[0, 1] > 0.6


def test_deals_come_as_late_as_in_a_real_funnel(leads, evaluation_data):
    deals = pd.read_csv(evaluation_data / "funnel" / "olist_deals.csv.gz")
    contacts = pd.read_csv(evaluation_data / "funnel" / "olist_mql.csv.gz")
    joined = deals.merge(contacts, on="mql_id")
    lag = pd.to_datetime(joined.won_date) - pd.to_datetime(joined.first_contact_date)
    real = lag.dt.total_seconds() / 86_400
    won = leads[(leads["阶段"] == "成交") & (leads["创建时间"] < "2026-05-01")]
    made = (pd.to_datetime(won["转化时间"]) - pd.to_datetime(won["创建时间"])).dt.total_seconds()
    made = made / 86_400
    # Both cut off at ninety days, since younger leads are still open.
    for days in (7, 14, 30):
        shares = [(x[x <= 90] <= days).mean() for x in (made, real)]
        assert abs(shares[0] - shares[1]) < 0.12, (days, shares)


def gini(counts) -> float:
    values = np.sort(np.asarray(counts, dtype=float))
    rank = np.arange(1, values.size + 1)
    return float(2 * (rank * values).sum() / (values.size * values.sum()) - 1 - 1 / values.size)


def test_deals_concentrate_on_few_agents_as_on_a_real_team(calls, evaluation_data):
    deals = pd.read_csv(evaluation_data / "funnel" / "olist_deals.csv.gz")
    real = gini(deals.sr_id.value_counts())
    made = gini(calls[calls.won].agent_id.value_counts())
    assert abs(made - real) < 0.15


def test_callers_vary_more_than_chance_as_on_a_real_line(world, evaluation_data):
    slots = pd.read_csv(evaluation_data / "callcentre" / "nabank_5min_a.csv.gz")
    by_slot = slots.groupby("slot_start").calls
    mean, variance = by_slot.mean(), by_slot.var()
    busy = mean > 50
    spread = float(np.sqrt(((variance - mean) / mean**2)[busy].clip(lower=0)).median())
    tickets = pd.concat(
        pd.read_csv(path, dtype=str) for path in sorted(world.glob("inbox/service/tickets_*.csv"))
    )
    days = tickets["创建时间"].str[:10].value_counts()
    week = pd.to_datetime(days.index).isocalendar().week.to_numpy()
    ratio = [days[week == number].var() / days[week == number].mean() for number in set(week)]
    # At a mean of m a spread of s makes a variance of 1 + m s^2 times the mean.
    assert 0.05 < spread < 0.3
    assert np.nanmean(ratio) > 1.0


def test_turns_are_about_as_long_as_real_ones(world, evaluation_data):
    path = evaluation_data / "dialogue" / "csds_jd_key_turns.jsonl.gz"
    real: list[int] = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            real += [len(turn["text"]) if isinstance(turn, dict) else len(turn[-1])
                     for turn in json.loads(line)["turns"]]  # fmt: skip
    made = [
        len(turn["text"])
        for path in sorted(world.glob("inbox/transcripts/*.jsonl"))[:40]
        for line in path.read_text(encoding="utf-8").splitlines()
        for turn in json.loads(line)["turns"]
    ]
    logs = [np.log(np.array([x for x in lengths if x > 0])) for lengths in (made, real)]
    assert abs(logs[0].mean() - logs[1].mean()) < 0.5
    assert abs(logs[0].std() - logs[1].std()) < 0.35


def test_repeat_orders_begin_at_the_rate_of_the_fitted_model(world):
    lines = pd.concat(
        pd.read_csv(path, dtype=str) for path in sorted(world.glob("inbox/shop/lines_*.csv"))
    )
    bought = lines[lines.product_id == "printer"]
    weeks = bought[bought.placed_time < "2026-03-16"]
    old = {f"K{number:06d}" for number in range(1, 301)}
    rate = weeks.customer_id.isin(old).sum() / 300 / 2
    # BG/NBD of CDNOW: mean rate r / alpha = .243 / 4.414 a week at the start; 300 customers.
    assert 0.02 < rate < 0.10
