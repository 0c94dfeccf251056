"""What an action does: the same world played with its effects and without, counted apart."""

from __future__ import annotations

import csv
from collections import Counter
from math import sqrt
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from leadloop.simulate.effects import EFFECTS, plan_actions
from leadloop.simulate.faults import plant
from leadloop.simulate.make import make_world
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script

MONDAY = "2026-03-02"
FROM = 4
# Type -> days, dials a day, share of talks with words, size, and the trouble that it is against.
PLAYED = {
    "sms": (8, 700, 0.0, 1.0, ()),
    "redial": (8, 700, 0.0, 1.0, ()),
    "slot": (8, 700, 0.0, 1.0, ()),
    "guarantee": (30, 700, 0.0, 1.5, ()),
    "script": (30, 700, 0.0, 1.5, ()),
    "training": (15, 700, 0.5, 0.9, ({"kind": "slow_objections", "pace": 2.5},)),
    "tip": (15, 700, 0.5, 0.9, ({"kind": "forbidden_words", "share": 0.5},)),
    "package": (60, 60, 0.0, 0.9, ()),
    "visit": (45, 60, 0.0, 0.6, ()),
    "budget": (12, 700, 0.0, 0.8, ()),
    "close_channel": (12, 700, 0.0, -1.0, ()),
}
# A name decides who is treated; under this one the agents of the troubles are.
NAME = "deed"


class Played:
    """Both plays of one action, read from their files."""

    def __init__(self, kind: str, folder: Path) -> None:
        days, dials, words, size, troubles = PLAYED[kind]
        told = {"name": NAME, "type": kind, "from": FROM, "size": size, "channel": None}
        if EFFECTS[kind][0] == "channel":
            told["channel"] = "web_form"
        self.kind, self.folders = kind, {}
        for switch in (True, False):
            target = folder / str(switch)
            script = Script(
                7, choose_scale("small", dials, words), MONDAY, days, plant(*troubles),
                plan_actions(told), with_effects=switch,
            )  # fmt: skip
            make_world(script, target)
            self.folders[switch] = target
        arms = pq.read_table(self.folders[True] / "truth" / "arms.parquet").to_pylist()
        self.treated = {row["unit_id"] for row in arms if row["treated"]}
        self.left_alone = {row["unit_id"] for row in arms if not row["treated"]}

    def read(self, switch: bool, feed: str, encoding: str = "utf-8"):
        for path in sorted(self.folders[switch].glob(f"inbox/{feed}_*.csv")):
            with path.open(encoding=encoding, newline="") as file:
                yield from (row for row in csv.DictReader(file) if None not in row.values())

    def truth(self, switch: bool, table: str):
        return pq.read_table(self.folders[switch] / "truth" / f"{table}.parquet").to_pylist()

    def share(self, switch: bool, units: set[str]) -> float:
        """The share, or the mean, that the action is to move, among these units."""
        return COUNTS[self.kind](self, switch, units)


def connects(played, switch, units):
    found = Counter()
    for row in played.read(switch, "dialler/calls"):
        if (
            row["lead_id"] in units
            and not row["parent_call_id"]
            and row["start_time"][:10] > "2026-03-05"
        ):
            found[row["status"].startswith(("ANSWERED", "成交"))] += 1
    return found[True] / found.total()


def deals_of_leads(played, switch, units):
    leads = [row for row in played.truth(switch, "leads") if row["lead_id"] in units]
    return sum(row["won_day"] > 0 for row in leads) / len(leads)


def deals_of_agents(played, switch, units):
    deals = Counter(row["agent_id"] for row in played.read(switch, "orders/orders"))
    return sum(deals[agent] for agent in units)


def objection_seconds(played, switch, units):
    slow = {"A003", "A008", "A015"} & units
    talks = [row for row in played.truth(switch, "talks")
             if row["agent_id"] in slow and row["date"] > "2026-03-05"]  # fmt: skip
    return sum(row["objection_s"] for row in talks) / max(
        1, sum(row["objections"] for row in talks)
    )


def forbidden(played, switch, units):
    talks = [row for row in played.truth(switch, "talks")
             if row["agent_id"] in units and row["date"] > "2026-03-05"]  # fmt: skip
    return sum(row["forbidden"] for row in talks) / len(talks)


def leavers(played, switch, units):
    last = PLAYED[played.kind][0]
    rows = [row for row in played.truth(switch, "customers") if row["customer_id"] in units]
    return sum(FROM < row["leaves_day"] <= last for row in rows) / len(rows)


def repeat_orders(played, switch, units):
    rows = played.read(switch, "orders/orders")
    return sum(row["is_repeat"] == "true" and row["customer_id"] in units for row in rows)


def new_leads(played, switch, units):
    rows = {row["线索编号"]: row for row in played.read(switch, "crm/leads", "gb18030")}
    (channel,) = units
    return sum(
        row["渠道"] == channel and row["创建时间"][:10] > "2026-03-05" for row in rows.values()
    )


COUNTS = {
    "sms": connects, "redial": connects, "slot": connects, "guarantee": deals_of_leads,
    "script": deals_of_agents, "training": objection_seconds, "tip": forbidden,
    "package": leavers, "visit": repeat_orders, "budget": new_leads, "close_channel": new_leads,
}  # fmt: skip
# What the treated have with effects, as a multiple of what they have without.
EXPECTED = {
    "sms": (1.2, 2.5), "redial": (1.2, 2.5), "slot": (1.2, 2.5), "guarantee": (1.3, 5.0),
    "script": (1.2, 5.0), "training": (0.2, 0.9), "tip": (0.0, 0.5), "package": (0.0, 0.7),
    "visit": (1.05, 4.0), "budget": (1.4, 2.2), "close_channel": (0.0, 0.05),
}  # fmt: skip


@pytest.fixture(scope="module", params=list(EFFECTS))
def played(request, tmp_path_factory):
    return Played(request.param, tmp_path_factory.mktemp(request.param))


def test_every_type_of_action_is_played():
    assert set(PLAYED) == set(COUNTS) == set(EXPECTED) == set(EFFECTS)


def test_an_action_moves_what_it_is_for_among_those_it_treats(played):
    without, with_it = (played.share(switch, played.treated) for switch in (False, True))
    low, high = EXPECTED[played.kind]
    assert without > 0
    assert low <= with_it / without <= high, (without, with_it)


def test_who_is_left_alone_has_what_they_would_have_had(played):
    if EFFECTS[played.kind][0] == "channel":
        # A whole channel: nobody in it is left alone.
        assert not played.left_alone
        return
    without, with_it = (played.share(switch, played.left_alone) for switch in (False, True))
    # The days go another way once somebody bought or stayed: not equal, but alike. Of shares that
    # are a few dozen units, three standard errors of a difference are the least one can ask.
    chance = 3 * sqrt(2 * without / len(played.left_alone)) if without < 1 else 0.0
    assert with_it == pytest.approx(without, rel=0.25, abs=chance)


def test_before_the_first_day_both_worlds_are_one(played):
    on, off = ((folder / "inbox" / "dialler" / f"calls_{MONDAY}.csv").read_bytes()
               for folder in played.folders.values())  # fmt: skip
    assert on == off
