"""Events come in signed or from a known site, whole or not at all, and are on the disk at 202."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from leadloop.ingest.collect import collect_day
from leadloop.ingest.events import open_log
from leadloop.live.app import create_app
from leadloop.settings import PROJECT_ROOT

SITE = "https://shop.example"


def today(live):
    return str(datetime.now(live.settings.company.zone).date())


def collect(live):
    """Collect the day by the events alone, and return what landed."""
    company = live.settings.company.model_copy(update={"sources": ()})
    return collect_day(replace(live.settings, company=company), today(live))


def read_landed(live, table):
    files = sorted((live.settings.home.landing / table).glob("*/*.parquet"))
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def test_an_event_of_a_server_that_signs_is_taken(live, event):
    assert live.sign(event("one"))[:2] == (202, {"accepted": 1, "duplicate": 0})
    (kept,) = [row for row in live.read_log("shop") if row["id"] == "one"]
    assert (kept["trust"], kept["data"]["stage"]) == ("signed", "quoted")


def test_an_event_sent_twice_counts_once(live, event):
    twice = event("twice")
    assert live.sign([twice, twice])[1] == {"accepted": 1, "duplicate": 1}
    assert live.sign(twice)[1] == {"accepted": 0, "duplicate": 1}
    assert [row["id"] for row in live.read_log("shop")].count("twice") == 1


@pytest.mark.parametrize(
    ("headers", "seen"),
    [
        pytest.param({}, "are wanted", id="no signature"),
        pytest.param(
            {"X-Leadloop-Timestamp": "1", "X-Leadloop-Signature": "sha256=0"},
            "does not fit",
            id="a wrong one",
        ),
    ],
)
def test_an_unsigned_event_is_refused(live, event, headers, seen):
    status, said, _ = live.send(event("unsigned"), "?source=shop", headers)
    assert status == 401
    assert seen in said["detail"]
    assert "unsigned" not in {row["id"] for row in live.read_log("shop")}


def test_a_signature_of_ten_minutes_ago_is_a_replay(live, event):
    status, said, _ = live.sign(event("replay"), at=time.time() - 600)
    assert (status, "300 s off" in said["detail"]) == (401, True)


def test_a_browser_sends_with_the_key_of_its_site_and_may_read_the_answer(live, event):
    status, said, headers = live.send(event("web"), "?key=pk_site", {"Origin": SITE})
    assert (status, said["accepted"]) == (202, 1)
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert {row["trust"] for row in live.read_log("site")} == {"public"}


@pytest.mark.parametrize(
    ("query", "origin", "status"),
    [
        pytest.param("?key=pk_site", "https://evil.example", 403, id="another site"),
        pytest.param("?key=pk_site", None, 403, id="no site"),
        pytest.param("?key=pk_other", SITE, 401, id="an unknown key"),
        pytest.param("?source=nobody", SITE, 401, id="an unknown source"),
        pytest.param("", SITE, 401, id="nothing said"),
    ],
)
def test_who_is_not_known_is_refused(live, event, query, origin, status):
    headers = {"Origin": origin} if origin else {}
    assert live.send(event("stranger"), query, headers)[0] == status
    assert "stranger" not in {row["id"] for row in live.read_log("site")}


def test_one_wrong_event_stops_its_batch_and_is_named_by_its_place(live, event):
    batch = [event("good"), event("bad", data={"entity_type": "lead"}), event("odd", type="x")]
    status, said, _ = live.sign(batch)
    assert status == 422
    assert "event 1: data.entity_id: Field required" in said["detail"]
    assert "event 2: type is not one of" in said["detail"]
    assert not {"good", "bad"} & {row["id"] for row in live.read_log("shop")}


def test_a_mistake_is_told_without_what_people_wrote(live, event):
    data = {"channel": "web", "topic": ["13812345678"]}
    said = live.sign(event("x", type="leadloop.inquiry_event", data=data))[1]["detail"]
    assert "data.topic" in said
    assert "13812345678" not in said


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        pytest.param({"time": "2026-01-05T09:00:00"}, "time", id="a time without a zone"),
        pytest.param({"specversion": "0.3"}, "specversion", id="an older form"),
        pytest.param({"id": ""}, "id", id="no id"),
        pytest.param(
            {"time": (datetime.now(UTC) + timedelta(days=1)).isoformat()}, "future", id="tomorrow"
        ),
    ],
)
def test_an_event_that_cannot_be_is_refused(live, event, changes, seen):
    status, said, _ = live.sign(event("impossible", **changes))
    assert (status, seen in said["detail"]) == (422, True)


def test_a_source_sends_only_what_it_is_declared_for(live, event):
    inquiry = event("q", type="leadloop.inquiry_event", data={"channel": "web"})
    status, said, _ = live.send(inquiry, "?key=pk_site", {"Origin": SITE})
    assert (status, "may not send leadloop.inquiry_event" in said["detail"]) == (422, True)


def test_too_much_at_once_is_refused(live):
    assert live.send(b" " * 5000, "?key=pk_site", {"Origin": SITE})[0] == 413


def test_what_is_no_json_is_refused(live):
    assert live.sign(b"{")[0] == 400


def test_who_sends_too_fast_is_told_when_to_come_back(start_live, event):
    live = start_live()
    # Neither strangers nor browsers use up what a server that signs may send.
    for n in range(3):
        assert live.send(event(f"s{n}"), "?source=hasty")[0] == 401
    browsers = [live.send(event(f"b{n}"), "?key=pk_hasty", {"Origin": SITE}) for n in range(2)]
    assert [answer[0] for answer in browsers] == [202, 429]
    answers = [live.sign(event(f"h{n}"), "hasty") for n in range(3)]
    assert [answer[0] for answer in answers] == [202, 429, 429]
    assert 1 <= int(answers[1][2]["Retry-After"]) <= 10


def test_the_same_id_with_other_content_is_a_correction_not_a_duplicate(live, event):
    data = {"entity_type": "lead", "entity_id": "L1", "stage": "won"}
    batch = [event("mended"), event("mended", data=data)]
    assert live.sign(batch)[1] == {"accepted": 2, "duplicate": 0}


def test_a_number_that_json_does_not_have_is_refused(live, event):
    raw = json.dumps(event("odd", data={**event("x")["data"], "custom": {"n": float("nan")}}))
    status, said, _ = live.sign(raw.encode())
    assert (status, "data.custom.n" in said["detail"]) == (422, True)


def test_a_source_without_a_secret_takes_browsers_only(settings, tmp_path):
    (tmp_path / "sources").mkdir()
    text = "{name: site, kind: events, public_keys: [pk], origins: [https://shop.example]}"
    (tmp_path / "sources" / "site.yml").write_text(text, encoding="utf-8")
    client = TestClient(create_app(replace(settings, config=tmp_path)))
    headers = {"X-Leadloop-Timestamp": "1", "X-Leadloop-Signature": "sha256=0"}
    answer = client.post("/v1/events", content=b"{}", headers=headers)
    assert (answer.status_code, "browsers only" in answer.json()["detail"]) == (401, True)


def test_an_event_that_came_in_after_its_day_was_sealed_goes_with_the_next(settings):
    log = open_log(settings, "shop", "funnel_event")
    log.append("2026-01-04", [b"one"])
    log.seal(["2026-01-04"])
    log.append("2026-01-04", [b"late"])
    log.append("2026-01-05", [b"two"])
    log.append("2026-01-06", [b"to come"])
    log.seal(["2026-01-05"])
    files = {path.name: path.read_text() for path in sorted(log.folder.glob("[!.]*"))}
    assert files == {
        "2026-01-04_0001.jsonl": "one\n",
        "2026-01-05_0001.jsonl": "late\n",
        "2026-01-05_0002.jsonl": "two\n",
    }
    assert (log.folder / ".2026-01-06.open").read_text() == "to come\n"


def test_what_was_answered_survives_a_kill_and_lands_once(start_live, event):
    live = start_live()
    inquiry = event(
        "ask", type="leadloop.inquiry_event",
        data={"channel": "wechat", "phone": "13812345678", "topic": "回电13812345678"},
    )  # fmt: skip
    assert live.sign([event(f"k{n}") for n in range(50)] + [inquiry])[0] == 202
    os.kill(live.process.pid, signal.SIGKILL)
    live.process.wait(20)
    # A write that the kill cut short leaves half a line.
    folder = live.settings.home.inbox / "events" / "shop" / "funnel_event"
    with (folder / f".{today(live)}.open").open("ab") as handle:
        handle.write(b'{"specversion": "1.0", "id": "half')
    again = start_live(live.settings.home.root.parent)
    # It does not remember what it knew: the log has both, landing one.
    assert again.sign(event("k0"))[0] == 202
    first = collect(again)
    events = read_landed(again, "funnel_event")
    assert len({row["event_id"] for row in events}) == 50
    (asked,) = read_landed(again, "inquiry_event")
    assert asked["phone_last4"] == "5678"
    assert asked["phone_hash"]
    assert asked["topic"] == "回电<PHONE>"
    assert (first["quarantined"], collect(again)["landed"]) == (0, 0)


def test_events_that_come_while_a_day_is_collected_are_in_the_next_collection(live, event):
    live.sign(event("before"))
    collect(live)
    live.sign(event("after"))
    assert "crm#after" not in {row["event_id"] for row in read_landed(live, "funnel_event")}
    collect(live)
    found = [row["event_id"] for row in read_landed(live, "funnel_event")]
    assert found.count("crm#before") == found.count("crm#after") == 1


def test_the_example_of_a_server_sends_an_event_that_is_taken(live):
    done = subprocess.run(
        [
            sys.executable, str(PROJECT_ROOT / "examples" / "events" / "server.py"),
            live.url, "shop", "L77", "quoted",
        ],
        env={**os.environ, "LEADLOOP_SECRET_SHOP": "shared with the shop"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "accepted 1" in done.stdout
    assert "L77" in {row["data"]["entity_id"] for row in live.read_log("shop")}


def test_a_home_without_a_source_of_events_is_told_so(settings, tmp_path):
    environ = {
        **os.environ, "LEADLOOP_HOME": str(settings.home.root), "LEADLOOP_CONFIG": str(tmp_path),
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", "from leadloop.cli import main; main()", "live", "--port", "0"],
        env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "docs/sources.md shows one" in done.stderr


def test_the_day_of_an_event_is_that_of_its_arrival_in_the_companys_zone(live, event):
    assert live.settings.company.zone == ZoneInfo("Asia/Shanghai")
    live.sign(event("late", time="2026-01-05T01:00:00Z"))
    folder = live.settings.home.inbox / "events" / "shop" / "funnel_event"
    assert any("late" in path.read_text() for path in folder.glob(f".{today(live)}.open"))
