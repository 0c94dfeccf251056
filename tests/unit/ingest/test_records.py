"""JSON lines and Parquet: the same rows as a CSV would give, and turns of their own."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from leadloop.ingest import IngestError

MAP = {
    "name": "own",
    "source_system": "own",
    "table": "call",
    "description": "Calls out of a warehouse.",
    "timezone": "Asia/Shanghai",
    "reads": {"format": "parquet"},
    "date_precision": "second",
    "columns": {
        "call_id": "id",
        "direction": {"constant": "outbound"},
        "phone": "number",
        "originated_at": "started",
        "answered_at": {"from": "answered", "optional": True},
        "ended_at": {"clock": "ended", "date": "day", "after": "originated_at"},
        "talk_s": "talk",
        "cost_amount": "cost",
        "is_deleted": "gone",
        "outcome": {"from": "end", "codes": {"sale": "human_won"}},
        "custom": {"object": {"day": "day"}},
    },
    "tests": [{"name": "any", "row": {}, "refused": "call_id_missing"}],
}


@pytest.fixture
def own_map(tmp_path):
    """Write the map with changes and return its path."""

    def write(**changes):
        path = tmp_path / "own.yml"
        path.write_text(yaml.safe_dump({**MAP, **changes}, sort_keys=False), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def write_parquet(tmp_path):
    """Write a Parquet file of one call, some columns changed or (None) left out."""

    def write(**changes):
        zone = pa.timestamp("ns", tz="Asia/Shanghai")
        columns = {
            "id": pa.array([7, 8]),
            "number": pa.array([13812345678, None], pa.int64()),
            "started": pa.array([datetime(2026, 1, 5, 23, 59)] * 2, pa.timestamp("ms")),  # noqa: DTZ001
            "answered": pa.array([datetime(2026, 1, 5, 15, 59, 10, tzinfo=UTC), None], zone),
            "ended": pa.array([time(0, 1, 10), None], pa.time32("s")),
            "day": pa.array([date(2026, 1, 5)] * 2),
            "talk": pa.array([120.0, None]),
            "cost": pa.array([Decimal("0.35"), None], pa.decimal128(10, 2)),
            "gone": pa.array([False, True]),
            "end": pa.array(["sale", None]).dictionary_encode(),
            **changes,
        }
        table = pa.table({name: array for name, array in columns.items() if array is not None})
        path = tmp_path / "calls.parquet"
        pq.write_table(table, path)
        return path

    return write


def test_a_parquet_file_keeps_its_own_types(own_map, write_parquet, take_in, landed):
    outcome = take_in(write_parquet(), own_map())
    assert (outcome.landed, outcome.by_reason) == (2, {})
    first, second = landed()
    assert (first["call_id"], first["source_line"], second["source_line"]) == ("7", 1, 2)
    assert first["phone_last4"] == "5678"
    assert first["originated_at"] == datetime(2026, 1, 5, 15, 59, tzinfo=UTC)
    assert first["answered_at"] == datetime(2026, 1, 5, 15, 59, 10, tzinfo=UTC)
    assert first["ended_at"] == datetime(2026, 1, 5, 16, 1, 10, tzinfo=UTC)
    assert (first["talk_s"], first["cost_amount"]) == (120, 0.35)
    assert (first["outcome"], first["is_deleted"]) == ("human_won", False)
    assert first["custom"] == '{"day": "2026-01-05"}'
    assert (second["outcome"], second["is_deleted"], second["phone_hash"]) == ("other", True, None)
    assert outcome.unknown_codes == {"(empty)": 1}


def test_a_parquet_file_with_a_list_inside_gives_the_same_rows(
    own_map, write_parquet, take_in, landed
):
    take_in(write_parquet(), own_map())
    (first, _) = landed()
    outcome = take_in(write_parquet(tags=pa.array([["a"], []])), own_map())
    assert outcome.extra_columns == ["tags"]
    assert {row["row_hash"] for row in landed() if row["call_id"] == "7"} == {first["row_hash"]}


def test_a_parquet_file_without_a_needed_column_is_stopped(own_map, write_parquet, take_in):
    with pytest.raises(IngestError, match="no column talk, which map own needs"):
        take_in(write_parquet(talk=None), own_map())


def test_a_parquet_file_without_an_optional_column_lands(own_map, write_parquet, take_in):
    assert take_in(write_parquet(answered=None), own_map()).landed == 2


def test_a_file_that_is_no_parquet_is_told(own_map, take_in, tmp_path):
    path = tmp_path / "calls.parquet"
    path.write_bytes(b"call_id,status\n1,2\n")
    with pytest.raises(IngestError, match="damaged or cut short"):
        take_in(path, own_map())


def write_lines(path, records):
    path.write_text(
        "\n".join(json.dumps(record, ensure_ascii=False) for record in records), encoding="utf-8"
    )
    return path


def test_nested_values_are_reached_by_their_path(own_map, take_in, landed, tmp_path):
    columns = {
        "call_id": "call.id",
        "direction": {"constant": "inbound"},
        "originated_at": {"from": "call.at", "epoch": "s"},
        "talk_s": {"from": "call.talk", "optional": True},
        "outcome": {"from": "end", "codes": {"true": "served"}},
    }
    name = own_map(reads={"format": "jsonl"}, columns=columns)
    record = {"call": {"id": 5, "at": 1767574800, "talk": 61.5}, "end": True, "more": [1]}
    outcome = take_in(write_lines(tmp_path / "calls.jsonl", [record]), name)
    assert outcome.extra_columns == ["call", "more"]
    (row,) = landed()
    assert (row["call_id"], row["talk_s"], row["outcome"]) == ("5", 61, "served")
    assert row["originated_at"] == datetime(2026, 1, 5, 1, tzinfo=UTC)


def test_a_broken_line_of_json_costs_itself_only(take_in, quarantined, landed, tmp_path):
    good = {
        "call_id": "c1",
        "started_at": "2026-01-05 09:00:00",
        "turns": [{"role": "agent", "text": "好"}],
    }
    path = write_lines(tmp_path / "t.jsonl", [good, ["13812345678"], {**good, "call_id": "c2"}])
    with path.open("a", encoding="utf-8") as handle:
        handle.write('\n{"call_id": "13812345678", \n\n')
        handle.write(
            json.dumps({**good, "call_id": "c3", "turns": [{"role": "agent", "text": "\0"}]})
        )
    outcome = take_in(path, "generic_transcript")
    assert outcome.read == 5
    assert [row["call_id"] for row in landed("utterance")] == ["c1", "c2"]
    assert sorted((row["source_line"], row["reason"]) for row in quarantined("utterance")) == [
        (2, "broken_line"),
        (4, "broken_line"),
        (6, "undecodable_bytes"),
    ]
    assert "13812345678" not in str(quarantined("utterance"))


def test_a_transcript_file_without_turns_anywhere_is_stopped(take_in, tmp_path):
    path = write_lines(
        tmp_path / "t.jsonl", [{"call_id": "c1", "started_at": "2026-01-05 09:00:00"}]
    )
    with pytest.raises(IngestError, match=r"no column .*turns"):
        take_in(path, "generic_transcript")


def test_a_call_in_which_nobody_spoke_is_quarantined(take_in, tmp_path):
    silent = {"call_id": "c1", "started_at": "2026-01-05 09:00:00", "turns": []}
    outcome = take_in(write_lines(tmp_path / "t.jsonl", [silent]), "generic_transcript")
    assert (outcome.read, outcome.by_reason) == (1, {"turns_missing": 1})


def test_an_empty_file_of_json_is_told(take_in, tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text("\n", encoding="utf-8")
    with pytest.raises(IngestError, match="is empty: wanted one JSON object a line"):
        take_in(path, "generic_transcript")


def test_a_newer_version_of_a_transcript_lands_beside_the_old(take_in, landed, tmp_path):
    first = {
        "call_id": "c1",
        "started_at": "2026-01-05 09:00:00",
        "turns": [{"role": "agent", "text": "好"}],
    }
    take_in(write_lines(tmp_path / "a.jsonl", [first]), "generic_transcript")
    outcome = take_in(
        write_lines(tmp_path / "b.jsonl", [{**first, "version": 2}]), "generic_transcript"
    )
    assert outcome.landed == 1
    assert sorted(row["source_pk"] for row in landed("utterance")) == ["c1/1/1", "c1/2/1"]
