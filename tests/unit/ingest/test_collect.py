"""Collecting a day: every source, every file, and a clear word where one is missing."""

from __future__ import annotations

import dataclasses
import json

import pytest

from leadloop.ingest import IngestError
from leadloop.ingest.collect import collect_day
from leadloop.settings import Source

TRANSCRIPT = {
    "call_id": "c1",
    "started_at": "2026-01-05 09:00:10",
    "turns": [{"role": "agent", "begin_ms": 0, "end_ms": 900, "text": "您好"}],
}


@pytest.fixture
def drop(settings, write_calls, a_call):
    """Put a dialler file of a day into the inbox."""

    def put(day, call_id="c1", name=None):
        changes = {"answer_time": "", "end_time": "", "bill_seconds": "0", "export_time": ""}
        call = a_call(call_id=call_id, start_time=f"{day} 09:00:00", **changes)
        folder = settings.home.inbox / "dialler"
        folder.mkdir(parents=True, exist_ok=True)
        return write_calls([call]).rename(folder / (name or f"calls_{day}.csv"))

    return put


def test_a_day_collects_every_source_that_has_a_file(settings, drop, landed):
    drop("2026-01-05")
    drop("2026-01-05", "c2", "calls_2026-01-05_b.csv")
    folder = settings.home.inbox / "transcripts"
    folder.mkdir(parents=True)
    (folder / "transcripts_2026-01-05.jsonl").write_text(json.dumps(TRANSCRIPT), encoding="utf-8")
    found = collect_day(settings, "2026-01-05")
    assert (found["files"], found["read"], found["landed"]) == (3, 3, 3)
    assert found["missing"] == [{"source": "orders", "day": "2026-01-05"}]
    assert {row["call_id"] for row in landed()} == {"c1", "c2"}
    assert [row["text_masked"] for row in landed("utterance")] == ["您好"]


def test_the_load_date_is_the_day_of_the_file(settings, drop):
    for day in ("2026-01-04", "2026-01-05", "2026-01-06"):
        drop(day)
    found = collect_day(settings, "2026-01-05", since="2026-01-04")
    assert found["files"] == 2
    folders = sorted(path.name for path in (settings.home.landing / "call").iterdir())
    assert folders == ["load_date=2026-01-04", "load_date=2026-01-05"]


def test_collecting_again_lands_nothing(settings, drop, files_of):
    drop("2026-01-05")
    first = collect_day(settings, "2026-01-05")
    files = files_of()
    again = collect_day(settings, "2026-01-05")
    assert len(first["batches"]) == 1
    assert (again["landed"], again["duplicate"], again["batches"]) == (0, 1, [])
    assert files_of() == files


def test_a_missing_required_file_is_named_before_anything_is_imported(settings, drop, files_of):
    drop("2026-01-05")
    with pytest.raises(IngestError) as caught:
        collect_day(settings, "2026-01-06", since="2026-01-05")
    message = str(caught.value)
    assert "dialler, 2026-01-06: no file like dialler/calls_2026-01-06*.csv*" in message
    assert str(settings.home.inbox) in message
    assert "`required: false`" in message
    assert "2026-01-05:" not in message
    assert files_of() == {}


def test_a_feed_that_is_not_daily_is_not_missed(settings, drop):
    drop("2026-01-05")
    sparse = Source(name="tickets", path="t_{date}.csv", map="generic_tickets", required=False)
    company = settings.company.model_copy(update={"sources": (*settings.company.sources, sparse)})
    found = collect_day(dataclasses.replace(settings, company=company), "2026-01-05")
    assert {"source": "tickets", "day": "2026-01-05"} in found["missing"]
    quiet = sparse.model_copy(update={"daily": False})
    company = company.model_copy(update={"sources": (*settings.company.sources, quiet)})
    found = collect_day(dataclasses.replace(settings, company=company), "2026-01-05")
    assert [item["source"] for item in found["missing"]] == ["transcripts", "orders"]


def test_a_missing_optional_file_is_recorded(settings, drop):
    drop("2026-01-05")
    found = collect_day(settings, "2026-01-05")
    assert [item["source"] for item in found["missing"]] == ["transcripts", "orders"]


def test_a_file_still_being_written_is_left_alone(settings, drop):
    drop("2026-01-05", name="calls_2026-01-05.csv.part")
    with pytest.raises(IngestError, match="no file like"):
        collect_day(settings, "2026-01-05")


def test_a_source_may_lie_elsewhere_and_name_days_in_eight_digits(settings, drop, tmp_path):
    drop("2026-01-05").rename(tmp_path / "cdr_20260105.csv")
    source = Source(name="far", path=f"{tmp_path}/cdr_{{yyyymmdd}}.csv", map="generic_cn_cdr")
    company = settings.company.model_copy(update={"sources": (source,)})
    found = collect_day(dataclasses.replace(settings, company=company), "2026-01-05")
    assert found["landed"] == 1


def test_what_was_imported_by_hand_stands_for_the_days_that_it_holds(
    settings, write_calls, a_call, take_in
):
    quiet = {"answer_time": "", "end_time": "", "bill_seconds": "0", "export_time": ""}
    rows = [
        a_call(call_id=day, start_time=f"{day} 09:00:00", **quiet)
        for day in ("2026-01-05", "2026-01-06")
    ]
    take_in(write_calls(rows, "by_hand.csv"), load_date="2026-01-09")
    found = collect_day(settings, "2026-01-06", since="2026-01-05")
    assert found["by_hand"] == [
        {"source": "dialler", "day": "2026-01-05"},
        {"source": "dialler", "day": "2026-01-06"},
    ]
    with pytest.raises(IngestError, match="dialler, 2026-01-07"):
        collect_day(settings, "2026-01-07")


def test_an_import_of_another_table_stands_for_no_call(settings, tmp_path, take_in):
    path = tmp_path / "words.jsonl"
    path.write_text(json.dumps(TRANSCRIPT), encoding="utf-8")
    take_in(path, map_name="generic_transcript", load_date="2026-01-05")
    with pytest.raises(IngestError, match="dialler, 2026-01-05"):
        collect_day(settings, "2026-01-05")
