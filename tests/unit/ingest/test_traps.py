"""The traps of diallers and CRMs, each through a whole import; the maps' own tests tell more."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from leadloop.settings import PROJECT_ROOT

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def land(take_in, landed):
    """Import a vendor's fixture and return its landed rows by their key."""

    def run(name, table="call", key="call_id"):
        (export,) = (FIXTURES / name).glob("export.*")
        take_in(export, name)
        return {row[key]: row for row in landed(table)}

    return run


@pytest.fixture
def vary(tmp_path):
    """Write a shipped map under another name with some columns changed; return its path."""

    def write(name, columns, **changes):
        path = PROJECT_ROOT / "config" / "maps" / f"{name}.yml"
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        content |= {"name": "own", "source_system": "own", **changes}
        content["columns"] |= columns
        copy = tmp_path / "own.yml"
        copy.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
        return str(copy)

    return write


@pytest.fixture
def resend(tmp_path):
    """Write the lines of a vendor's JSON fixture, some fields changed; return the path."""

    def write(name, file, **changes):
        text = (FIXTURES / name / "export.jsonl").read_text(encoding="utf-8")
        path = tmp_path / file
        path.write_text(
            "\n".join(json.dumps(json.loads(line) | changes) for line in text.splitlines()), "utf-8"
        )
        return path

    return write


@pytest.mark.parametrize(
    ("name", "call", "seconds"),
    [
        pytest.param("hubspot", "7001", 125, id="duration in ms"),
        pytest.param("aliyun_ccc", "job-1001", 185, id="times in ms, duration in s"),
        pytest.param("tencent_ccc", "tx-1", 62, id="all in s"),
    ],
)
def test_milliseconds_and_seconds_are_told_apart(land, name, call, seconds):
    row = land(name)[call]
    assert row["originated_at"] == datetime(2026, 1, 5, 2, tzinfo=UTC)
    assert row["talk_s"] == seconds


def test_a_duration_in_milliseconds_under_a_map_in_seconds_is_refused(take_in, vary):
    name = vary("hubspot", {"talk_s": {"from": "hs_call_duration"}})
    outcome = take_in(FIXTURES / "hubspot" / "export.csv", name)
    # 9,000 s and 21,000 s may be true where the source gives no end; more than a day cannot.
    assert outcome.by_reason == {"talk_s_looks_like_milliseconds": 1, "direction_missing": 1}


@pytest.mark.parametrize(
    ("zone", "text", "hour"),
    [
        pytest.param("America/New_York", "2026-01-05 09:00:00", 14, id="winter in New York"),
        pytest.param("America/New_York", "2026-07-05 09:00:00", 13, id="summer in New York"),
        pytest.param("Asia/Shanghai", "2026-07-05 09:00:00", 1, id="Beijing has no summer time"),
    ],
)
def test_server_local_text_times_get_the_zone_of_the_map(
    vary, take_in, landed, tmp_path, zone, text, hour
):
    columns = {"originated_at": {"from": "call_date", "format": "%Y-%m-%d %H:%M:%S"}}
    path = tmp_path / "log.csv"
    header, _, row, *_ = (FIXTURES / "vicidial" / "export.csv").read_text("utf-8").splitlines()
    path.write_text(f"{header}\n{row.replace('2026-01-04 21:01:00', text)}\n", "utf-8")
    columns["ended_at"] = columns["originated_at"]
    take_in(path, vary("vicidial", columns, timezone=zone))
    (found,) = landed()
    assert found["originated_at"].strftime("%H:%M") == f"{hour:02}:00"


def test_of_a_list_of_agents_one_counts_and_the_rest_is_kept(land):
    row = land("aliyun_ccc")["job-1001"]
    assert row["agent_id"] == "li@ccc-demo"
    assert json.loads(row["custom"])["agents"] == "wang@ccc-demo,li@ccc-demo"


def test_a_list_of_agents_may_count_for_the_first(take_in, landed, vary):
    name = vary("aliyun_ccc", {"agent_id": {"from": "AgentIds", "split": ",", "take": "first"}})
    take_in(FIXTURES / "aliyun_ccc" / "export.jsonl", name)
    agents = {row["call_id"]: row["agent_id"] for row in landed()}
    assert (agents["job-1001"], agents["job-1002"]) == ("wang@ccc-demo", None)


def test_a_duration_of_ringing_and_talk_is_not_talk(vary, write_calls, take_in, landed, a_call):
    talk = {"from": "bill_seconds", "subtract": "ring_seconds", "when": "answered_at"}
    # Rings 10 s and talks 60 s; the vendor's duration is 70 s.
    path = write_calls([a_call(bill_seconds="70"), a_call(call_id="c2", bill_seconds="9")])
    outcome = take_in(path, vary("generic_cn_cdr", {"talk_s": talk}))
    assert [(row["call_id"], row["talk_s"]) for row in landed()] == [("c1", 60)]
    assert outcome.by_reason == {"talk_s_below_nothing": 1}


def test_talk_between_two_times_needs_no_duration(land):
    row = land("volcengine")["NM-1"]
    assert (row["ring_s"], row["talk_s"], json.loads(row["custom"])["duration"]) == (7, 60, "67")


@pytest.mark.parametrize(
    ("name", "call", "outcome"),
    [
        pytest.param("twilio", "CA12", "machine", id="a machine"),
        pytest.param("twilio", "CA11", "other", id="completed, by whom not told"),
        pytest.param("twilio", "CA10", "human_other", id="a person"),
        pytest.param("hubspot", "7002", "machine", id="left a voicemail"),
        pytest.param("amazon_connect", "a-3", "machine", id="a voicemail without a beep"),
        pytest.param("vicidial", "1767578520.103", "machine", id="a machine, found by the dialler"),
        pytest.param("volcengine", "NM-1", "other", id="connected, by whom not told"),
        pytest.param("salesforce", "0LQ000000000001AAA", "other", id="completed, no result chosen"),
    ],
)
def test_answered_is_not_human(land, name, call, outcome):
    row = land(name)[call]
    assert row["outcome"] == outcome
    assert row["talk_s"] or row["ended_at"]


def test_a_source_that_cannot_tell_people_from_machines_says_so(land):
    assert {row["tells_human"] for row in land("volcengine").values()} == {False}


@pytest.mark.parametrize(
    ("name", "leg", "parent"),
    [
        pytest.param("twilio", "CA11", "CA10", id="bridged to an agent"),
        pytest.param("amazon_connect", "a-2", "a-1", id="transferred"),
        pytest.param(
            "salesforce", "0LQ000000000003AAA", "0LQ000000000002AAA", id="a record before"
        ),
    ],
)
def test_legs_of_one_call_name_it(land, name, leg, parent):
    rows = land(name)
    assert rows[leg]["parent_call_id"] == parent
    # The call itself is no leg, not even where the source names it as its own parent.
    assert rows[parent]["parent_call_id"] is None


def test_the_ids_of_hubspot_outcomes_are_known_or_counted(take_in, landed):
    outcome = take_in(FIXTURES / "hubspot" / "export.csv", "hubspot")
    assert {row["call_id"]: row["outcome"] for row in landed()} == {
        "7001": "human_other",
        "7002": "machine",
        "7003": "no_answer",
        "7004": "other",
    }
    assert outcome.unknown_codes == {"81180310-0202-4b44-8417-168bd57e399a": 1}


def test_an_aliyun_end_in_the_menu_means_what_the_customers_flow_makes_of_it(
    take_in, landed, land, vary
):
    assert land("aliyun_ccc")["job-1004"]["outcome"] == "other"
    path = PROJECT_ROOT / "config" / "maps" / "aliyun_ccc.yml"
    spec = yaml.safe_load(path.read_text(encoding="utf-8"))["columns"]["outcome"]
    spec["codes"]["*/AbandonedInIVR/*"] = "abandoned"
    take_in(FIXTURES / "aliyun_ccc" / "export.jsonl", vary("aliyun_ccc", {"outcome": spec}))
    named = {row["call_id"]: row for row in landed() if row["source_system"] == "own"}
    assert named["job-1004"]["outcome"] == "abandoned"
    assert named["job-1004"]["outcome_raw"] == "AbandonedInIVR"


def test_a_merged_lead_names_the_one_that_lives_on(land):
    rows = land("salesforce_leads", "lead", "lead_id")
    merged = rows["00Q000000000002AAA"]
    assert (merged["merged_into_lead_id"], merged["is_deleted"]) == ("00Q000000000001AAA", True)
    assert rows["00Q000000000001AAA"]["merged_into_lead_id"] is None


def test_a_masked_number_keeps_four_digits_and_joins_nobody(land):
    row = land("volcengine")["NM-2"]
    assert (row["phone_hash"], row["phone_last4"]) == (None, "2222")


def test_a_protected_number_joins_nobody(land):
    row = land("tencent_ccc")["tx-3"]
    assert (row["phone_hash"], row["phone_last4"]) == (None, None)
    assert json.loads(row["custom"])["protected_callee"] == "pd-1"


# The general maps of other tables are sent again all at once, in test_general_maps.
SENT = [
    folder
    for folder in sorted(FIXTURES.glob("*"))
    if not folder.name.startswith("generic_")
    or folder.name in ("generic_cn_cdr", "generic_orders", "generic_transcript")
]


@pytest.mark.parametrize("folder", SENT, ids=lambda folder: folder.name)
def test_a_record_that_is_sent_again_lands_once(take_in, folder):
    (export,) = folder.glob("export.*")
    first = take_in(export, folder.name)
    again = take_in(export, folder.name, load_date="2026-01-07")
    assert (again.landed, again.duplicate) == (0, first.landed)


def test_a_push_retried_with_a_later_stamp_lands_once(take_in, resend):
    take_in(resend("amazon_connect", "first.jsonl"), "amazon_connect")
    later = resend("amazon_connect", "again.jsonl", LastUpdateTimestamp="2026-01-06T00:00:00Z")
    assert take_in(later, "amazon_connect").landed == 0


def test_a_record_sent_again_with_news_is_a_correction(take_in, resend, landed):
    take_in(resend("amazon_connect", "first.jsonl"), "amazon_connect")
    stamp = "2026-01-06T00:00:00Z"
    news = resend("amazon_connect", "news.jsonl", Channel="TASK", LastUpdateTimestamp=stamp)
    assert take_in(news, "amazon_connect").landed == 4
    newest = max(
        (row for row in landed() if row["call_id"] == "a-1"), key=lambda row: row["extracted_at"]
    )
    assert json.loads(newest["custom"])["channel"] == "TASK"


AGENTS = """
name: desk_agents
source_system: desk
table: agent
description: Agents of a made desk, exported each night.
timezone: Asia/Shanghai
reads: {format: csv}
date_precision: second
columns:
  agent_id: id
  team_id: team
  extracted_at: exported
tests:
  - name: an agent has a team
    row: {id: a1, team: north, exported: "2026-03-02 01:00:00"}
    gives: {agent_id: a1, team_id: north}
"""


def test_an_agent_who_comes_back_to_a_team_is_no_repeat_and_a_re_sent_export_is(
    take_in, landed, tmp_path
):
    found = tmp_path / "desk_agents.yml"
    found.write_text(AGENTS, "utf-8")
    counts = []
    for day, team in ((2, "north"), (5, "south"), (9, "north"), (9, "north")):
        path = tmp_path / f"agents-{len(counts)}.csv"
        path.write_text(f"id,team,exported\na1,{team},2026-03-0{day} 01:00:00\n", "utf-8")
        outcome = take_in(path, str(found))
        counts.append((outcome.landed, outcome.duplicate))
    assert counts == [(1, 0), (1, 0), (1, 0), (0, 1)]
    rows = sorted(landed("agent"), key=lambda row: row["extracted_at"])
    assert [row["team_id"] for row in rows] == ["north", "south", "north"]
    # The same state keeps its hash: dbt tells by it that nothing has changed.
    assert rows[0]["row_hash"] == rows[2]["row_hash"] != rows[1]["row_hash"]
