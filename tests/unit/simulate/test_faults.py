"""Every trouble that can be planted shows in the raw files by counting; a null world is quiet.

Nothing of the code that plays the world takes part in the counting; the phrases of a fault of
words are read from the data files, since the recogniser spoils some of them.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from leadloop.settings import PROJECT_ROOT
from leadloop.simulate.faults import plant
from leadloop.simulate.make import make_world
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script

FIRST, DAYS, SEED = "2026-03-02", 60, 11
# What is planted together does not touch the same figures.
PLANTED = {
    "null": [],
    "clean": [],
    "calls": [
        {"kind": "dormant_channel"},
        {"kind": "hour_shift"},
        {"kind": "forbidden_words"},
        {"kind": "negative_swings"},
    ],
    "stages": [
        {"kind": "stage_break"},
        {"kind": "slow_objections"},
        {"kind": "rival_churn"},
        {"kind": "lost_answers", "from": -5},
    ],
    "growth": [
        {"kind": "star_script", "lift": 1.0, "used": 0.9},
        {"kind": "poor_channel", "channel": "web_form", "rate": 0.02, "usual": 0.068},
        {"kind": "growing_concern", "share": 0.4},
        {"kind": "service_repurchase"},
    ],
    "seasons": [
        {"kind": "seasonality"},
        {"kind": "drift", "logits": -1.2},
        {"kind": "dead_list", "from": -3},
    ],
}


PHRASES = PROJECT_ROOT / "plugins" / "leadloop" / "simulate" / "speech" / "data"
SAID = ("ANSWERED", "成交")
RIVALS = ("小账管家", "账小二", "好账本")


@dataclass
class WorldFiles:
    """The exports of a world, read with pandas and json."""

    folder: Path

    def read(self, feed: str, encoding: str = "utf-8") -> pd.DataFrame:
        """Return all rows of a feed in the order of its files, everything as text."""
        paths = sorted(self.folder.glob(f"inbox/{feed}_*.csv"))
        frames = [
            pd.read_csv(path, dtype=str, encoding=encoding, keep_default_na=False,
                        on_bad_lines="skip")
            for path in paths
        ]  # fmt: skip
        return pd.concat(frames, ignore_index=True)

    @cached_property
    def calls(self) -> pd.DataFrame:
        """The newest record of every call; broken lines and second legs left out."""
        rows = self.read("dialler/calls")
        rows = rows[(rows.export_time != "") & ~rows.start_time.str.contains(r"\?")]
        rows = rows[rows.parent_call_id == ""]
        newest = rows.sort_values("export_time", kind="stable").drop_duplicates(
            "call_id", keep="last"
        )
        newest = newest.assign(
            day=newest.start_time.str[:10],
            hour=newest.start_time.str[11:13].astype(int),
            answered=newest.status.str.startswith(SAID),
            seconds=newest.bill_seconds.astype(int),
        )
        return newest.sort_values("start_time", kind="stable").reset_index(drop=True)

    @cached_property
    def lead_calls(self) -> pd.DataFrame:
        """Calls to people who were no customers yet."""
        return self.calls[self.calls.customer_id == ""]

    @cached_property
    def leads(self) -> pd.DataFrame:
        """The last state of every lead in the CRM."""
        rows = self.read("crm/leads", encoding="gb18030")
        return rows.drop_duplicates("线索编号", keep="last").set_index("线索编号")

    @cached_property
    def texts(self) -> list[dict[str, Any]]:
        """All transcripts, with the call that each belongs to where the dialler has it."""
        return [
            json.loads(line)
            for path in sorted(self.folder.glob("inbox/transcripts/*.jsonl"))
            for line in path.read_text(encoding="utf-8").splitlines()
        ]

    @cached_property
    def days(self) -> list[str]:
        """The days on which somebody was dialled."""
        return sorted(self.calls.day.unique())

    @cached_property
    def call_of(self) -> dict[str, dict[str, Any]]:
        """The record of each call by its id."""
        return self.calls.set_index("call_id").to_dict("index")


class Phrases:
    """What can be said for some acts, found again although the recogniser spoils characters.

    A turn says a phrase if it holds at least half of the phrase's runs of three characters.
    """

    def __init__(self, *acts: str) -> None:
        self.sizes: list[int] = []
        self.places: dict[str, set[int]] = {}
        for path in PHRASES.glob("*/*.yml"):
            for name, phrases in yaml.safe_load(path.read_text(encoding="utf-8")).items():
                if name.split("@")[0] in acts:
                    for phrase in phrases:
                        self._add(phrase)

    def _add(self, phrase: str) -> None:
        runs = self._cut(phrase.split("{")[0])
        if len(runs) >= 3:
            for run in runs:
                self.places.setdefault(run, set()).add(len(self.sizes))
            self.sizes.append(len(runs))

    @staticmethod
    def _cut(text: str) -> set[str]:
        plain = "".join(character for character in text if character.isalnum())
        return {plain[place : place + 3] for place in range(len(plain) - 2)}

    def are_in(self, text: str) -> bool:
        hits = Counter(place for run in self._cut(text) for place in self.places.get(run, ()))
        return any(2 * count >= self.sizes[place] for place, count in hits.items())


def says(text: dict[str, Any], phrases: Phrases, role: str) -> int:
    """Return in how many turns of that side one of the phrases is said."""
    return sum(turn["role"] == role and phrases.are_in(turn["text"]) for turn in text["turns"])


def names_rival(text: dict[str, Any]) -> bool:
    """Return whether the customer names one of the rivals."""
    return any(
        turn["role"] == "customer" and any(rival in turn["text"] for rival in RIVALS)
        for turn in text["turns"]
    )


@pytest.fixture(scope="session")
def make(tmp_path_factory) -> Callable[[str], WorldFiles]:
    """Play a world once, whoever asks for it."""
    seen: dict[str, WorldFiles] = {}

    def play(name: str) -> WorldFiles:
        if name not in seen:
            folder = tmp_path_factory.mktemp(name)
            script = Script(
                SEED, choose_scale("small", transcribed=0.3), FIRST, DAYS,
                plant(*PLANTED[name]), null=name == "null",
            )  # fmt: skip
            make_world(script, folder / "world")
            seen[name] = WorldFiles(folder / "world")
        return seen[name]

    return play


def silent_share(world: WorldFiles, theme: str) -> float:
    old = world.leads[
        (world.leads["创建时间"] < "2026-04-10") & (world.leads["渠道"] == "short_video")
    ]
    old = old[old["内容主题"] == theme]
    spoken = set(world.lead_calls[world.lead_calls.answered].lead_id)
    assert len(old) > 1000
    return float((~old.index.isin(spoken)).mean())


def test_a_dormant_theme_is_silent_in_six_of_ten_leads(make):
    world, null = make("calls"), make("null")
    assert 0.55 < silent_share(world, "price_compare") < 0.72
    assert silent_share(world, "trial_booking") < 0.45
    assert abs(silent_share(null, "price_compare") - silent_share(null, "trial_booking")) < 0.06


def hour_rate(world: WorldFiles, hour: int) -> float:
    calls = world.lead_calls[world.lead_calls.hour == hour]
    # Strangers, whose hour the dialler chooses: other leads are dialled when they come in.
    return float(calls[calls.channel_id == "cold_list"].answered.mean())


def test_the_hours_differ_where_they_were_shifted(make):
    world, null = make("calls"), make("null")
    assert hour_rate(world, 10) - hour_rate(world, 15) > 0.05
    assert abs(hour_rate(null, 10) - hour_rate(null, 15)) < 0.05


def share_by_agent(world: WorldFiles, phrases: Phrases, role: str, least: int) -> dict[str, float]:
    said, heard = Counter(), Counter()
    for text in world.texts:
        if call := world.call_of.get(text["call_id"]):
            heard[call["agent_id"]] += 1
            said[call["agent_id"]] += says(text, phrases, role) >= least
    return {agent: said[agent] / count for agent, count in heard.items() if count > 150}


def test_one_agent_says_what_must_not_be_said(make):
    phrases = Phrases("forbidden")
    shares = share_by_agent(make("calls"), phrases, "agent", 1)
    assert shares.pop("A007") > 0.06
    assert max(shares.values()) < 0.035
    assert max(share_by_agent(make("null"), phrases, "agent", 1).values()) < 0.035


def sour_shares(world: WorldFiles) -> dict[str, float]:
    """Return the share of each agent's longer talks in whose last third most reactions are bad."""
    bad = Phrases("react_bad")
    sour, heard = Counter(), Counter()
    for text in world.texts:
        call = world.call_of.get(text["call_id"])
        if call and call["seconds"] >= 60:
            late = text["turns"][2 * len(text["turns"]) // 3 : -2]
            heard[call["agent_id"]] += 1
            found = sum(turn["role"] == "customer" and bad.are_in(turn["text"]) for turn in late)
            sour[call["agent_id"]] += found >= 2
    return {agent: sour[agent] / count for agent, count in heard.items() if count > 100}


def test_one_agent_makes_customers_turn_sour(make):
    shares = sour_shares(make("calls"))
    worst = shares.pop("A005")
    assert worst > 1.3 * max(shares.values())
    assert worst > 2 * sum(shares.values()) / len(shares)
    assert max(sour_shares(make("null")).values()) < worst


def deal_rate(world: WorldFiles) -> float:
    stages = world.read("crm/stages")
    reached = set(stages[stages["变更时间"] < "2026-04-10"]["对象编号"])
    leads = world.leads[world.leads.index.isin(reached)]
    ended = leads[leads["阶段"].isin(["成交", "丢单"])]
    return float((ended["阶段"] == "成交").mean())


def test_a_broken_stage_loses_deals_and_names_its_concern(make):
    world, clean = make("stages"), make("clean")
    assert deal_rate(world) < 0.75 * deal_rate(clean)
    for files, low, high in ((world, 0.55, 0.80), (clean, 0.05, 0.25), (make("null"), 0.05, 0.25)):
        stages = files.read("crm/stages")
        lost = files.leads[(files.leads["阶段"] == "丢单")]
        lost = lost[lost.index.isin(set(stages["对象编号"]))]
        assert low < (lost["丢单原因"] == "缺乏试用保障").mean() < high


def episode_seconds(world: WorldFiles, agents: set[str]) -> float:
    """Return how long it takes on average from an objection to what the customer says at last."""
    voiced = Phrases("concern_price", "concern_decision", "concern_need", "concern_trial")
    named = ("price", "decision", "need", "trial")
    ended = Phrases(*(f"{how}_{name}" for how in ("settled", "unsettled") for name in named))
    spans = []
    for text in world.texts:
        call = world.call_of.get(text["call_id"])
        # They are new for thirty days.
        if call is None or call["agent_id"] not in agents or call["day"] >= "2026-04-01":
            continue
        begun = None
        for turn in text["turns"]:
            if turn["role"] == "customer" and voiced.are_in(turn["text"]):
                begun = turn["begin_ms"] if begun is None else begun
            elif begun is not None and turn["role"] == "customer" and ended.are_in(turn["text"]):
                spans.append((turn["end_ms"] - begun) / 1000)
                begun = None
    assert len(spans) > 80
    return float(pd.Series(spans).median())


def test_new_agents_take_longer_over_objections(make):
    fresh = {"A003", "A008", "A015"}
    others = {f"A{number:03d}" for number in range(1, 21)} - fresh
    world, null = make("stages"), make("null")
    assert episode_seconds(world, fresh) > 1.2 * episode_seconds(world, others)
    ratio = episode_seconds(null, fresh) / episode_seconds(null, others)
    assert 0.85 < ratio < 1.18


def rival_shares(world: WorldFiles) -> tuple[float, float]:
    """Return the share of talks that name a rival, of customers who cancel and of the others."""
    terms = world.read("shop/subscriptions")
    gone_for_good = set(terms[terms.cancelled_date != ""].customer_id)
    named, talks = Counter(), Counter()
    for text in world.texts:
        call = world.call_of.get(text["call_id"])
        if call and call["customer_id"] and call["seconds"] >= 10:
            gone = call["customer_id"] in gone_for_good
            talks[gone] += 1
            named[gone] += names_rival(text)
    return named[True] / max(talks[True], 1), named[False] / talks[False]


def test_who_leaves_names_rivals_before(make):
    gone, others = rival_shares(make("stages"))
    assert gone > 3 * others
    assert gone > 0.06
    gone, others = rival_shares(make("null"))
    assert gone < 0.12


def test_a_fault_of_data_contradicts_itself(make):
    world = make("stages")
    lost = (world.calls.status == "NOANSWER") & (world.calls.seconds > 0)
    assert set(world.calls[lost].queue) == {"team_north"}
    assert set(world.calls[lost].day) == set(world.days[-len(set(world.calls[lost].day)) :])
    assert lost.sum() > 300
    assert not ((make("null").calls.status == "NOANSWER") & (make("null").calls.seconds > 0)).any()


def deals_of(world: WorldFiles, agents: set[str]) -> int:
    calls = world.lead_calls[world.lead_calls.agent_id.isin(agents)]
    # The poor channel of the same world is another trouble.
    calls = calls[calls.channel_id != "web_form"]
    return int(calls.status.isin(["ANSWERED_WON", "成交"]).sum())


def test_the_star_sells_more_with_a_line_that_nobody_else_says(make):
    world, clean = make("growth"), make("clean")
    line = Phrases("rate_lock")
    shares = share_by_agent(world, line, "agent", 1)
    assert shares.pop("A002") > 0.2
    assert max(shares.values()) == 0
    assert deals_of(world, {"A002"}) > 1.25 * deals_of(clean, {"A002"})
    others = {f"A{number:03d}" for number in (1, 4, 5, 6, 7, 9, 10, 11, 12)}
    assert 0.85 < deals_of(world, others) / deals_of(clean, others) < 1.15


def conversion(world: WorldFiles, channel: str) -> float:
    old = world.leads[(world.leads["创建时间"] < "2026-04-01") & (world.leads["渠道"] == channel)]
    assert len(old) > 500
    return float((old["阶段"] == "成交").mean())


def test_a_poor_channel_turns_few_leads_into_deals(make):
    assert conversion(make("growth"), "web_form") < 0.03
    assert conversion(make("clean"), "web_form") > 0.045
    assert conversion(make("null"), "web_form") > 0.045


def security_shares(world: WorldFiles) -> tuple[float, float]:
    phrases = Phrases("concern_security")
    named, talks = Counter(), Counter()
    for text in world.texts:
        call = world.call_of.get(text["call_id"])
        if call and not call["customer_id"] and call["seconds"] >= 60:
            late = call["day"] >= "2026-04-11"
            if late or call["day"] < "2026-03-16":
                talks[late] += 1
                named[late] += says(text, phrases, "customer") > 0
    return named[False] / talks[False], named[True] / talks[True]


def test_a_concern_grows(make):
    before, after = security_shares(make("growth"))
    assert after > 2 * before
    before, after = security_shares(make("null"))
    assert 0.5 < after / before < 2


def repurchase(world: WorldFiles) -> float:
    """Return the share of solved tickets after which the customer orders goods in 30 days."""
    tickets = world.read("service/tickets")
    tickets = tickets[(tickets["解决时间"] != "") & (tickets["解决时间"] < "2026-03-31")]
    tickets = tickets[tickets["工单分类"] != "投诉"]
    lines = world.read("shop/lines")
    bought = lines[lines.product_id == "printer"]
    times = bought.groupby("customer_id").placed_time.apply(list).to_dict()
    hits = 0
    for customer, solved in zip(tickets["客户编号"], tickets["解决时间"], strict=True):
        limit = str(pd.Timestamp(solved) + pd.Timedelta(days=30))
        hits += any(solved < moment <= limit for moment in times.get(customer, []))
    assert len(tickets) > 120
    return hits / len(tickets)


def test_who_was_helped_orders_again(make):
    assert repurchase(make("growth")) > 0.25
    assert repurchase(make("null")) < 0.22


def test_a_dead_list_shows_as_empty_numbers_on_its_days_alone(make):
    world = make("seasons")
    listed = world.calls[world.calls.campaign_id == "spring_retarget"]
    dead = listed.status.isin(["EMPTY", "空号"])
    last = listed.day >= "2026-04-28"
    assert dead[last].mean() > 0.85
    assert dead[~last].mean() < 0.08


def new_leads(world: WorldFiles) -> pd.Series:
    leads = world.leads[world.leads["渠道"] != "cold_list"]
    return leads["创建时间"].str[:10].value_counts().sort_index().iloc[:56]


def test_seasons_move_the_number_of_leads(make):
    week = [new_leads(make("seasons")).iloc[7 * n : 7 * n + 7].sum() for n in range(8)]
    assert max(week) > 1.5 * min(week)
    week = [new_leads(make("null")).iloc[7 * n : 7 * n + 7].sum() for n in range(8)]
    assert max(week) < 1.35 * min(week)


def interest_shares(world: WorldFiles) -> tuple[float, float]:
    calls = world.lead_calls[world.lead_calls.answered]
    first = calls.drop_duplicates("lead_id")
    keen = first.status.isin(["ANSWERED_INTERESTED", "ANSWERED_WON", "成交"])
    return float(keen[first.day < "2026-03-22"].mean()), float(
        keen[first.day >= "2026-04-10"].mean()
    )


def test_leads_that_drift_lose_their_interest(make):
    before, after = interest_shares(make("seasons"))
    assert after < 0.75 * before
    before, after = interest_shares(make("null"))
    assert 0.85 < after / before < 1.18
