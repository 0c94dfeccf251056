"""A made world is the same for the same seed, complete, and honest about what it was told."""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
from collections import Counter
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.errors import UsageError
from leadloop.settings import PROJECT_ROOT, load_company
from leadloop.simulate.calendar import HOLIDAY, SATURDAY, WORKDAY, list_days
from leadloop.simulate.effects import plan_actions
from leadloop.simulate.faults import KINDS, plant, read_faults
from leadloop.simulate.make import make_world
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script

MONDAY = "2026-03-02"


def play(folder: Path, **changes) -> Path:
    told = {
        "seed": 7,
        "scale": choose_scale("small", 300),
        "first_day": MONDAY,
        "days": 8,
    } | changes
    make_world(Script(**told), folder)
    return folder


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def read(folder: Path, feed: str, encoding: str = "utf-8") -> list[dict[str, str]]:
    rows = []
    for path in sorted(folder.glob(f"inbox/{feed}_*.csv")):
        with path.open(encoding=encoding, newline="") as file:
            rows += [row for row in csv.DictReader(file) if None not in row.values()]
    return rows


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    return play(tmp_path_factory.mktemp("world") / "w", days=21)


def test_the_same_seed_writes_the_same_bytes_and_another_another_world(tmp_path):
    first, again, other = (
        fingerprint(play(tmp_path / name, seed=seed, days=3))
        for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert first == again
    dialled = "inbox/dialler/calls_2026-03-02.csv"
    assert first[dialled] != other[dialled]


def test_a_longer_world_begins_with_the_shorter_one(tmp_path):
    short, long = (fingerprint(play(tmp_path / str(days), days=days)) for days in (3, 5))
    assert all(
        long[name] == digest for name, digest in short.items() if name.startswith("inbox/dialler/")
    )


def test_the_projects_own_configuration_collects_what_a_world_exports(world):
    ours, its = (
        load_company(path) for path in (PROJECT_ROOT / "config" / "company.yml",
                                        world / "config" / "company.yml")
    )  # fmt: skip
    assert ours == its


def test_phones_are_under_a_prefix_that_is_not_assigned(world):
    phones = {row["callee"] for row in read(world, "dialler/calls")} - {""}
    assert len(phones) > 500
    assert {phone[:3] for phone in phones} == {"154"}


def test_times_of_a_dial_add_up_and_nobody_is_dialled_at_noon_or_at_night(world):
    hours = Counter()
    for row in read(world, "dialler/calls"):
        if row["parent_call_id"] or not row["answer_time"] or "?" in row["start_time"]:
            continue
        ringing, answered, ended = (
            datetime.fromisoformat(row[name]) for name in ("ring_time", "answer_time", "end_time")
        )
        assert (answered - ringing).seconds == int(row["ring_seconds"])
        talked = int(row["bill_seconds"]) + int(row["hold_seconds"])
        assert (ended - answered).seconds == talked
        hours[int(row["start_time"][11:13])] += 1
    # Who waits for a free agent at five to twelve is dialled a few minutes after.
    assert hours.pop(12, 0) < 0.05 * hours[11]
    assert set(hours) == {9, 10, 11, 14, 15, 16, 17, 18, 19}


def test_every_feed_of_its_configuration_has_files_and_every_file_a_feed(world):
    company = load_company(world / "config" / "company.yml")
    found = set()
    for source in company.sources:
        files = set(world.glob("inbox/" + source.path.replace("{date}", "????-??-??")))
        # Nothing was done in this world, so nobody was touched.
        assert files or source.name == "touches", source.name
        found |= files
    assert found == {path for path in world.glob("inbox/*/*") if path.is_file()}


def test_no_agent_is_on_two_calls_at_once(world):
    spans: dict[tuple[str, str], list[tuple[datetime, datetime]]] = {}
    for row in read(world, "dialler/calls"):
        if row["agent_id"] and not row["parent_call_id"] and "?" not in row["start_time"]:
            begin, end = (datetime.fromisoformat(row[name]) for name in ("start_time", "end_time"))
            spans.setdefault((row["agent_id"], row["call_id"]), []).append((begin, end))
    by_agent: dict[str, list[tuple[datetime, datetime]]] = {}
    for (agent, _), versions in spans.items():
        by_agent.setdefault(agent, []).append(versions[-1])
    for agent, calls in by_agent.items():
        calls.sort()
        assert all(first[1] <= second[0] for first, second in pairwise(calls)), agent


def test_an_agent_is_in_one_state_at_a_time(world):
    last: dict[str, str] = {}
    for row in read(world, "desk/states"):
        assert row["开始时间"] <= row["结束时间"]
        assert last.get(row["工号"], "") <= row["开始时间"], row
        last[row["工号"]] = row["结束时间"]
    assert len(last) >= 15


def test_deals_of_the_dialler_the_crm_and_the_shop_agree(world):
    newest = {row["call_id"]: row for row in read(world, "dialler/calls") if row["call_id"]}
    won = {
        row["lead_id"]
        for row in newest.values()
        if row["status"] in ("ANSWERED_WON", "成交") and not row["customer_id"]
    }
    states = {row["线索编号"]: row for row in read(world, "crm/leads", "gb18030")}
    converted = {lead for lead, row in states.items() if row["阶段"] == "成交"}
    first_orders = {
        row["lead_id"] for row in read(world, "orders/orders") if row["is_repeat"] == "false"
    }
    assert len(won) > 20
    assert won == converted
    assert won <= first_orders


def test_a_dead_number_is_never_answered_and_no_call_comes_after_a_refusal(world):
    # A record that is sent again is no second call.
    newest = {row["call_id"]: row for row in read(world, "dialler/calls")}
    calls = [row for row in newest.values() if "?" not in row["start_time"]]
    calls.sort(key=lambda row: row["start_time"])
    dead, stopped = set(), set()
    for row in calls:
        if row["parent_call_id"] or row["customer_id"]:
            continue
        lead, day = row["lead_id"], row["start_time"][:10]
        assert lead not in dead
        assert (lead, day) in stopped or lead not in {item for item, _ in stopped}
        if row["status"] in ("EMPTY", "空号"):
            dead.add(lead)
        if row["status"] == "ANSWERED_DNC":
            stopped.add((lead, day))
    assert len(dead) > 20
    assert len(stopped) > 20


def test_dirt_is_what_the_summary_says(tmp_path):
    folder = tmp_path / "w"
    summary = make_world(Script(7, choose_scale("small", 400), MONDAY, 10), folder)
    lines = [
        line
        for path in sorted(folder.glob("inbox/dialler/*.csv"))
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    broken = [line for line in lines if line.count(",") != 22 or "??" in line]
    assert len(broken) == summary.broken > 5
    unknown = [
        line for line in lines if any(code in line for code in ("LINE_507", "ROBOT", "GATEWAY"))
    ]
    assert len({line.split(",")[0] for line in unknown}) == summary.unknown == 10
    ids = Counter(line.split(",")[0] for line in lines if line not in broken)
    assert sum(count - 1 for count in ids.values()) == summary.resent + summary.corrected


def test_the_truth_stands_apart_and_says_what_was_planted(tmp_path):
    folder = play(tmp_path / "w", faults=plant({"kind": "dead_list", "from": -3}))
    told = json.loads((folder / "truth" / "world.json").read_text(encoding="utf-8"))
    (fault,) = told["faults"]
    assert (fault["kind"], fault["days"], fault["share"]) == ("dead_list", [6, 8], 0.97)
    assert not list((folder / "inbox").rglob("*truth*"))
    assert not list((folder / "inbox").rglob("*.parquet"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("faults: [{kind: meteor}]", "Kinds: dormant_channel"),
        ("faults: [{kind: dead_list, share: 2}]", "less than 1"),
        ("faults: [{kind: dead_list, sahre: 0.5}]", "sahre"),
        ("trouble: []", "must hold one key, `faults:`"),
        ("faults: [", "cannot be read"),
    ],
)
def test_a_faults_file_that_cannot_be_planted_says_why(tmp_path, text, says):
    path = tmp_path / "faults.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=None) as caught:
        read_faults(path)
    assert says in str(caught.value)


def test_a_place_that_the_company_does_not_have_is_named(tmp_path):
    with pytest.raises(UsageError, match="no channel 'radio'; it has referral"):
        play(tmp_path / "w", faults=plant({"kind": "poor_channel", "channel": "radio"}))
    assert not (tmp_path / "w").exists()


def test_every_kind_can_be_planted_with_its_own_figures():
    assert len(plant(*({"kind": kind} for kind in KINDS))) == len(KINDS) == 15


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        play(tmp_path / "w")
    assert [path.name for path in (tmp_path / "w").iterdir()] == ["mine"]


def test_the_command_says_what_it_wrote_and_refuses_a_null_world_with_faults(tmp_path):
    arguments = ["simulate", "--days", "2", "--dials", "40", "--out", str(tmp_path / "w")]
    shown = CliRunner().invoke(app, [*arguments, "--json", "-"])
    assert shown.exit_code == 0
    calls = sum(row["parent_call_id"] == "" for row in read(tmp_path / "w", "dialler/calls"))
    told = json.loads(shown.stdout)
    assert calls == told["dials"] + told["resent"] + told["late"] - 2 * 2 or calls > 0
    (tmp_path / "f.yml").write_text("faults: [{kind: drift}]", encoding="utf-8")
    refused = CliRunner().invoke(
        app, [*arguments[:-1], str(tmp_path / "v"), "--null", "--faults", str(tmp_path / "f.yml")]
    )
    assert isinstance(refused.exception, UsageError)


def test_holidays_and_worked_weekends_are_those_announced():
    days = {day.date: day.kind for day in list_days("2026-04-27", 14)}
    assert days["2026-05-01"] == days["2026-05-05"] == HOLIDAY
    assert days["2026-05-09"] == WORKDAY  # a Saturday worked for the holiday
    assert days["2026-04-30"] == WORKDAY
    assert {day.kind for day in list_days("2026-03-07", 1)} == {SATURDAY}


def test_an_action_helps_those_it_treats_and_not_with_the_switch_off(tmp_path):
    action = plan_actions({"name": "warm", "type": "sms", "from": 1, "size": 1.2})
    scale = choose_scale("small", 1500, 0.0)
    rates = {}
    for name, switch in (("on", True), ("off", False)):
        folder = play(tmp_path / name, actions=action, with_effects=switch, days=6, scale=scale)
        touched = {row["线索编号"] for row in read(folder, "touches/touches")}
        answered = {True: [0, 0], False: [0, 0]}
        for row in read(folder, "dialler/calls"):
            if not row["customer_id"] and not row["parent_call_id"]:
                counts = answered[row["lead_id"] in touched]
                counts[0] += row["status"].startswith(("ANSWERED", "成交"))
                counts[1] += 1
        rates[name] = {arm: k / n for arm, (k, n) in answered.items()}
        assert 0.4 < answered[True][1] / (answered[True][1] + answered[False][1]) < 0.6
    assert rates["on"][True] - rates["on"][False] > 0.15
    assert abs(rates["off"][True] - rates["off"][False]) < 0.04


def test_every_agent_dials_at_all_hours(world):
    """Who dials follows from shifts and from who looks after the lead, never from the hour."""
    hours: dict[str, list[int]] = {}
    for row in read(world, "dialler/calls"):
        if row["agent_id"] and "?" not in row["start_time"]:
            hours.setdefault(row["agent_id"], []).append(int(row["start_time"][11:13]))
    busy = {agent: all_ for agent, all_ in hours.items() if len(all_) > 150}
    assert len(busy) >= 15
    for agent, all_ in busy.items():
        morning = sum(hour < 12 for hour in all_) / len(all_)
        assert 0.2 < morning < 0.45, agent


def test_leads_export_in_gb18030_as_the_old_crm_does(world):
    raw = (world / "inbox" / "crm" / f"leads_{MONDAY}.csv").read_bytes()
    assert raw.decode("gb18030").startswith("线索编号,创建时间")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    assert gzip.compress(raw)
