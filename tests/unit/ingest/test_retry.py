"""Refused rows taken in after a map is mended: each once, and the counts still add up."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
import yaml

from leadloop import opstore
from leadloop.ingest import retry
from leadloop.ingest.loads import list_loads
from leadloop.ingest.quarantine import Wanted, list_entries
from leadloop.ingest.retry import retry_rows

COUNTS = ("rows_read", "rows_landed", "rows_duplicate", "rows_quarantined")


@pytest.fixture
def own_map(settings, tmp_path):
    """Write a shipped map, changed, under its own name; later calls mend it."""

    def write(name="generic_cn_cdr", **changes):
        content = yaml.safe_load(settings.config_file("maps", f"{name}.yml").read_text("utf-8"))
        content["tests"] = content["tests"][:1]
        for column, change in changes.items():
            if column == "turns":
                content["turns"] = change
            else:
                content["columns"][column].update(change)
        path = tmp_path / f"{name}.yml"
        path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def mended(own_map):
    """The map that knows call_type 3 as outbound."""
    codes = {"outbound": "outbound", "inbound": "inbound", "3": "outbound"}
    return lambda: own_map(direction={"codes": codes})


def sums(rows):
    return tuple(sum(row[name] for row in rows) for name in COUNTS)


def states(settings):
    return [(row["source_line"], row["state"]) for row in list_entries(settings)]


def adds_up(rows):
    return all(
        row["rows_read"]
        == row["rows_landed"] + row["rows_duplicate"] + row["rows_quarantined"]
        == row["rows_landed"] + row["rows_duplicate"] + sum(row["by_reason"].values())
        for row in rows
    )


@pytest.fixture
def three_refused(write_calls, a_call):
    """Five calls: two right, two of a type that the map lacks, one without an id."""
    rows = [
        a_call(),
        a_call(call_id="c2", call_type="3"),
        a_call(call_id="c3"),
        a_call(call_id="c4", call_type="3"),
        a_call(call_id=""),
    ]
    return lambda: write_calls(rows)


def test_rows_land_after_the_map_is_mended_and_counts_add_up(
    settings, three_refused, take_in, mended, landed, outcome_rows
):
    first = take_in(three_refused())
    assert (first.read, first.landed, first.quarantined) == (5, 2, 3)
    (done,) = retry_rows(settings, Wanted(), mended())
    assert (done.state, done.asked, done.landed, done.duplicate, done.refused) == (
        "retried", 3, 2, 0, 1,
    )  # fmt: skip
    assert done.by_reason == {"call_id_missing": 1}
    assert sorted(row["call_id"] for row in landed()) == ["c1", "c2", "c3", "c4"]
    assert {row["load_date"] for row in outcome_rows()} == {"2026-01-06"}
    assert sums(outcome_rows()) == (5, 4, 0, 1)
    assert adds_up(outcome_rows())
    assert states(settings) == [(3, "landed"), (5, "landed"), (6, "open")]
    assert {row["landed_batch_id"] for row in list_entries(settings, Wanted(state="landed"))} == {
        done.landed_batch_id
    }


def test_a_row_that_landed_late_is_like_one_that_landed_at_once(
    settings, three_refused, take_in, mended, landed
):
    path = three_refused()
    take_in(path)
    retry_rows(settings, Wanted(), mended())
    late = next(row for row in landed() if row["call_id"] == "c2")
    shutil.rmtree(settings.home.landing)
    take_in(path, mended())
    at_once = next(row for row in landed() if row["call_id"] == "c2")
    same = set(late) - {"batch_id", "ingested_at"}
    assert {name: late[name] for name in same} == {name: at_once[name] for name in same}


def test_a_second_retry_changes_nothing(
    settings, three_refused, take_in, mended, files_of, outcome_rows
):
    take_in(three_refused())
    path = mended()
    retry_rows(settings, Wanted(), path)
    files, rows = files_of(), outcome_rows()
    marks = opstore.read(settings, sa.select(opstore.quarantine_retries))
    (again,) = retry_rows(settings, Wanted(), path)
    assert (again.state, again.asked, again.landed, again.refused) == ("unchanged", 1, 0, 1)
    assert files_of() == files
    assert outcome_rows() == rows
    assert opstore.read(settings, sa.select(opstore.quarantine_retries)) == marks


def test_a_retry_through_the_map_as_it_was_changes_nothing(
    settings, three_refused, take_in, files_of, outcome_rows
):
    take_in(three_refused())
    files, rows = files_of(), outcome_rows()
    (done,) = retry_rows(settings, Wanted())
    assert (done.state, done.refused) == ("unchanged", 3)
    assert done.by_reason == {"direction_missing": 2, "call_id_missing": 1}
    assert (files_of(), outcome_rows()) == (files, rows)


def test_quarantine_files_are_never_changed(settings, three_refused, take_in, mended, files_of):
    take_in(three_refused())
    before = {path: data for path, data in files_of().items() if path.parts[0] == "quarantine"}
    retry_rows(settings, Wanted(), mended())
    after = {path: data for path, data in files_of().items() if path.parts[0] == "quarantine"}
    assert after == before != {}


def test_a_row_that_has_landed_in_another_file_meanwhile_is_a_duplicate(
    settings, write_calls, three_refused, take_in, mended, landed, outcome_rows, a_call
):
    take_in(three_refused())
    path = mended()
    take_in(write_calls([a_call(call_id="c2", call_type="3")], "sent_again.csv"), path)
    (done,) = retry_rows(settings, Wanted(), path)
    assert (done.landed, done.duplicate, done.refused) == (1, 1, 1)
    assert len([row for row in landed() if row["call_id"] == "c2"]) == 1
    assert sums(outcome_rows()) == (6, 4, 1, 1)
    assert adds_up(outcome_rows())
    assert states(settings) == [(3, "duplicate"), (5, "landed"), (6, "open")]


def test_the_same_row_twice_among_the_refused_lands_once(
    settings, write_calls, take_in, mended, landed, outcome_rows, a_call
):
    row = a_call(call_type="3")
    take_in(write_calls([row, row]))
    (done,) = retry_rows(settings, Wanted(), mended())
    assert (done.landed, done.duplicate) == (1, 1)
    assert len(landed()) == 1
    assert sums(outcome_rows()) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("wanted", "asked"),
    [
        pytest.param(Wanted(reason="direction_missing"), 2, id="a reason"),
        pytest.param(Wanted(file="calls.csv"), 3, id="a file"),
        pytest.param(Wanted(file="other.csv"), 0, id="another file"),
        pytest.param(Wanted(load_date="2026-01-06"), 3, id="a load"),
        pytest.param(Wanted(load_date="2026-01-07"), 0, id="another load"),
        pytest.param(Wanted(map="generic_cn_cdr"), 3, id="a map"),
        pytest.param(Wanted(map="seretod"), 0, id="another map"),
    ],
)
def test_only_rows_that_are_wanted_are_tried(settings, three_refused, take_in, wanted, asked):
    take_in(three_refused())
    assert sum(done.asked for done in retry_rows(settings, wanted)) == asked


def test_rows_left_out_by_a_filter_can_be_retried_later(
    settings, write_calls, take_in, mended, landed, outcome_rows, a_call
):
    late = a_call(call_id="c2", call_type="3", start_time="?")
    take_in(write_calls([a_call(call_type="3"), late]))
    path = mended()
    assert [row["reason"] for row in list_entries(settings)] == [
        "direction_missing", "originated_at_not_a_time",
    ]  # fmt: skip
    (first,) = retry_rows(settings, Wanted(reason="originated_at_not_a_time"), path)
    (second,) = retry_rows(settings, Wanted(reason="direction_missing"), path)
    assert (first.landed, second.landed) == (0, 1)
    assert sums(outcome_rows()) == (2, 1, 0, 1)


def test_a_file_that_is_gone_is_named_with_what_to_bring_back(
    settings, three_refused, take_in, mended, outcome_rows, files_of
):
    path = three_refused()
    take_in(path)
    path.unlink()
    before = files_of()
    (done,) = retry_rows(settings, Wanted(), mended())
    assert done.state == "file missing"
    assert "calls.csv of 2026-01-06" in done.remedy
    assert str(path.parent) in done.remedy
    assert outcome_rows()[0]["content_hash"] in done.remedy
    assert files_of() == before


def test_a_file_with_other_content_is_not_taken_for_the_one_that_was_read(
    settings, three_refused, take_in, mended, write_calls, a_call, landed
):
    take_in(three_refused())
    path = write_calls([a_call(call_id="c9"), a_call(call_id="c8", call_type="3")])
    (done,) = retry_rows(settings, Wanted(), mended())
    assert done.state == "file missing"
    assert f"{path} has other content now" in done.remedy
    assert sorted(row["call_id"] for row in landed()) == ["c1", "c3"]


@pytest.mark.parametrize("place", ["folder", "inbox"])
def test_a_file_that_was_moved_is_found(settings, three_refused, take_in, mended, tmp_path, place):
    path = three_refused()
    take_in(path)
    archive = settings.home.inbox / "old" if place == "inbox" else tmp_path / "archive"
    archive.mkdir(parents=True)
    path.rename(archive / path.name)
    folder = None if place == "inbox" else archive
    (done,) = retry_rows(settings, Wanted(), mended(), folder)
    assert done.landed == 2


def test_a_map_of_another_table_is_refused(settings, three_refused, take_in, landed):
    take_in(three_refused())
    (done,) = retry_rows(settings, Wanted(), "generic_transcript")
    assert done.state == "unreadable"
    assert "fills utterance" in done.remedy
    assert len(landed()) == 2


def test_a_map_that_is_gone_is_asked_for(settings, three_refused, take_in, own_map, tmp_path):
    ours = Path(own_map()).rename(tmp_path / "ours.yml")
    text = ours.read_text(encoding="utf-8").replace("generic_cn_cdr", "ours")
    ours.write_text(text, encoding="utf-8")
    take_in(three_refused(), str(ours))
    (done,) = retry_rows(settings, Wanted())
    assert done.state == "no map"
    assert "--map" in done.remedy


@pytest.mark.parametrize("step", ["publish_rows", "_record"])
def test_a_retry_that_was_killed_is_mended_by_another(
    settings, three_refused, take_in, mended, landed, outcome_rows, monkeypatch, step
):
    take_in(three_refused())
    path = mended()
    whole = getattr(retry, step)

    def die(*arguments):
        if step == "publish_rows":
            whole(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(retry, step, die)
    with pytest.raises(KeyboardInterrupt):
        retry_rows(settings, Wanted(), path)
    assert sums(outcome_rows()) == (5, 2, 0, 3)
    monkeypatch.setattr(retry, step, whole)
    (done,) = retry_rows(settings, Wanted(), path)
    assert (done.landed, done.duplicate, done.refused) == (2, 0, 1)
    assert len(landed()) == 4
    assert sums(outcome_rows()) == (5, 4, 0, 1)
    assert states(settings) == [(3, "landed"), (5, "landed"), (6, "open")]


def test_importing_the_whole_file_again_takes_its_old_entries_off_the_list(
    settings, three_refused, take_in, mended, landed, outcome_rows
):
    path = three_refused()
    take_in(path)
    again = take_in(path, mended())
    assert (again.landed, again.duplicate, again.quarantined) == (2, 2, 1)
    assert sorted(states(settings)) == [
        (3, "repeated"),
        (5, "repeated"),
        (6, "open"),
        (6, "repeated"),
    ]
    (done,) = retry_rows(settings, Wanted(), mended())
    assert (done.asked, done.landed) == (1, 0)
    assert len(landed()) == 4
    assert adds_up(outcome_rows())


def test_the_load_says_what_is_true_after_a_retry(settings, three_refused, take_in, mended):
    take_in(three_refused())
    (before,) = list_loads(settings)
    retry_rows(settings, Wanted(), mended())
    (after,) = list_loads(settings)
    assert (before["rows_landed"], before["rows_quarantined"]) == (2, 3)
    assert (after["rows_landed"], after["rows_quarantined"]) == (4, 1)
    assert before["by_reason"] == {"direction_missing": 2, "call_id_missing": 1}
    assert after["by_reason"] == {"call_id_missing": 1}
    assert after["files"] == 1


TURNS = [
    {"role": "agent", "begin_ms": 0, "end_ms": 900, "text": "您好"},
    {"role": "customer", "begin_ms": "soon", "end_ms": 1900, "text": "你好"},
    {"role": "agent", "begin_ms": 2000, "end_ms": 2900, "text": "再见"},
]


@pytest.fixture
def transcript(tmp_path):
    """Write transcripts, one call a line, and return the file."""

    def write(*calls):
        path = tmp_path / "turns.jsonl"
        lines = [json.dumps({"started_at": "2026-01-05 09:00:10", **call}) for call in calls]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def test_a_refused_turn_is_retried_without_its_neighbours(
    settings, transcript, take_in, own_map, landed, outcome_rows
):
    first = take_in(transcript({"call_id": "c1", "turns": TURNS}), "generic_transcript")
    assert (first.landed, first.quarantined) == (2, 1)
    mended = own_map("generic_transcript", begin_ms={"empty": ["soon"]})
    (done,) = retry_rows(settings, Wanted(), mended)
    assert (done.asked, done.landed, done.duplicate) == (1, 1, 0)
    assert sorted(row["seq"] for row in landed("utterance")) == [1, 2, 3]
    assert sums(outcome_rows()) == (3, 3, 0, 0)
    (entry,) = list_entries(settings)
    assert (entry["source_line"], entry["source_part"], entry["state"]) == (1, 2, "landed")


def test_a_line_refused_as_a_whole_lands_as_a_whole_or_not_at_all(
    settings, transcript, take_in, own_map, landed, outcome_rows
):
    good = {"call_id": "c1", "words": [TURNS[0], TURNS[2]]}
    half = {"call_id": "c2", "words": TURNS}
    known = {"call_id": "c3", "turns": TURNS[:1]}
    first = take_in(transcript(good, half, known), "generic_transcript")
    assert (first.read, first.landed, first.by_reason) == (3, 1, {"turns_missing": 2})
    mended = own_map("generic_transcript", turns={"each": "words"})
    (done,) = retry_rows(settings, Wanted(), mended)
    assert (done.asked, done.landed, done.refused) == (2, 2, 1)
    assert done.by_reason == {"begin_ms_not_a_whole_number": 1}
    assert sorted((row["call_id"], row["seq"]) for row in landed("utterance")) == [
        ("c1", 1), ("c1", 2), ("c3", 1),
    ]  # fmt: skip
    assert sums(outcome_rows()) == (4, 3, 0, 1)
    assert adds_up(outcome_rows())


def test_lines_that_no_encoding_fitted_are_read_with_the_right_one(
    settings, write_calls, take_in, own_map, landed, a_call
):
    path = write_calls([a_call(), a_call(call_id="c2", agent_id="小王")], encoding="gb18030")
    mended = Path(own_map())
    text = mended.read_text(encoding="utf-8")

    def write_as(encoding: str) -> None:
        wanted = text.replace(
            "reads:\n  format: csv", f"reads:\n  format: csv\n  encoding: {encoding}"
        )
        assert wanted != text
        mended.write_text(wanted, encoding="utf-8")

    write_as("utf-8")
    assert take_in(path, str(mended)).by_reason == {"undecodable_bytes": 1}
    write_as("gb18030")
    (done,) = retry_rows(settings, Wanted(), str(mended))
    assert done.landed == 1
    assert {row["agent_id"] for row in landed()} == {"a01", "小王"}


def test_no_raw_value_is_kept_for_a_retry(settings, three_refused, take_in, mended):
    take_in(three_refused())
    retry_rows(settings, Wanted(), mended())
    for path in settings.home.root.rglob("*"):
        if path.suffix == ".parquet":
            text = str(pq.ParquetFile(path).read().to_pylist())
        elif path.is_file():
            text = path.read_bytes().decode("latin-1")
        else:
            continue
        assert "13812345678" not in text, path
