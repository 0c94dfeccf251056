"""The door as a whole: what lands, what does not, and that it all adds up."""

from __future__ import annotations

import gzip
import os
from datetime import UTC, date, datetime

import pytest

from leadloop.errors import UsageError
from leadloop.ingest import IngestError, landing, load
from leadloop.ingest.load import import_files


def test_a_right_row_lands_in_contract_columns(write_calls, take_in, landed, a_call):
    outcome = take_in(write_calls([a_call()]))
    assert (outcome.read, outcome.landed, outcome.duplicate, outcome.quarantined) == (1, 1, 0, 0)
    (row,) = landed()
    assert row["call_id"] == row["source_pk"] == "c1"
    assert row["originated_at"] == row["event_at"] == datetime(2026, 1, 5, 1, tzinfo=UTC)
    assert row["event_date"] == date(2026, 1, 5)
    assert row["extracted_at"] == datetime(2026, 1, 5, 17, tzinfo=UTC)
    assert (row["talk_s"], row["ring_s"], row["acw_s"]) == (60, 10, None)
    assert (row["outcome"], row["outcome_raw"]) == ("human_other", "ANSWERED_OTHER")
    assert (row["source_file"], row["source_line"]) == ("calls.csv", 2)
    assert (row["tenant_id"], row["source_system"], row["is_deleted"]) == ("demo", "dialler", False)


def test_the_file_lies_where_the_landing_contract_says(write_calls, take_in, settings, a_call):
    rows = [
        a_call(),
        a_call(call_id="c2", start_time="2026-01-03 23:59:59", answer_time="", end_time=""),
    ]
    outcome = take_in(write_calls(rows))
    folder = settings.home.landing / "call" / "load_date=2026-01-06"
    assert [path.name for path in folder.iterdir()] == [
        f"2026-01-03_2026-01-05_{outcome.batch_id}.parquet"
    ]
    assert len(outcome.batch_id) == 16


def test_no_phone_number_lands_raw(write_calls, take_in, settings, a_call):
    rows = [
        a_call(),
        a_call(call_id="c2", status="打13912345678"),
        a_call(call_id="", status="BUSY"),
    ]
    take_in(write_calls(rows))
    files = [
        *settings.home.landing.rglob("*.parquet"),
        *settings.home.quarantine.rglob("*.parquet"),
    ]
    assert len(files) == 2
    import pyarrow.parquet as pq

    for file in files:
        text = str(pq.ParquetFile(file).read().to_pylist())
        assert "13812345678" not in text
        assert "13912345678" not in text
        assert "01088886666" not in text


def test_a_customer_known_by_number_is_known_by_its_hash(write_calls, take_in, landed, a_call):
    take_in(write_calls([a_call(customer_id="13812345678", lead_id="+8613812345678")]))
    (row,) = landed()
    assert row["customer_id"] == row["lead_id"] == row["phone_hash"]


def test_importing_a_file_twice_changes_nothing(
    write_calls, take_in, files_of, outcome_rows, a_call
):
    path = write_calls([a_call(), a_call(call_id="c2"), a_call(call_id="")])
    first = take_in(path)
    files, rows = files_of(), outcome_rows()
    again = take_in(path)
    assert (first.landed, first.duplicate, first.quarantined) == (2, 0, 1)
    assert (again.read, again.landed, again.duplicate, again.quarantined) == (3, 0, 2, 1)
    assert files_of() == files
    assert outcome_rows() == rows
    assert [(row["rows_landed"], row["rows_duplicate"]) for row in rows] == [(2, 0)]


def test_a_file_sent_again_on_the_next_day_lands_nothing(
    write_calls, take_in, files_of, outcome_rows, a_call
):
    path = write_calls([a_call(), a_call(call_id="")])
    take_in(path)
    files = files_of()
    again = take_in(path, load_date="2026-01-07")
    assert (again.landed, again.duplicate, again.quarantined) == (0, 1, 1)
    assert files_of() == files
    assert {row["load_date"]: row["rows_landed"] for row in outcome_rows()} == {
        "2026-01-06": 1,
        "2026-01-07": 0,
    }


def test_a_re_sent_row_in_another_file_is_a_duplicate(write_calls, take_in, landed, a_call):
    take_in(write_calls([a_call()], "first.csv"))
    later = a_call(export_time="2026-01-07 01:00:00")
    outcome = take_in(
        write_calls([later, a_call(call_id="c2")], "second.csv"), load_date="2026-01-07"
    )
    assert (outcome.landed, outcome.duplicate) == (1, 1)
    assert [row["call_id"] for row in landed()] == ["c1", "c2"]


def test_a_row_twice_in_one_file_lands_once(write_calls, take_in, landed, a_call):
    outcome = take_in(write_calls([a_call(), a_call(call_id="c2"), a_call()]))
    assert (outcome.read, outcome.landed, outcome.duplicate) == (3, 2, 1)
    assert [row["source_line"] for row in landed()] == [2, 3]


def test_a_corrected_row_lands_beside_the_first(write_calls, take_in, landed, a_call):
    take_in(write_calls([a_call()], "first.csv"))
    outcome = take_in(
        write_calls([a_call(status="ANSWERED_WON")], "second.csv"), load_date="2026-01-07"
    )
    assert (outcome.landed, outcome.duplicate) == (1, 0)
    first, second = landed()
    assert first["source_pk"] == second["source_pk"]
    assert first["row_hash"] != second["row_hash"]
    assert (first["outcome"], second["outcome"]) == ("human_other", "human_won")


def test_a_late_row_lands_under_its_load_with_its_own_day(
    write_calls, take_in, settings, landed, a_call
):
    late = a_call(start_time="2025-12-26 09:00:00", answer_time="", end_time="", bill_seconds="0")
    take_in(write_calls([late]))
    assert landed()[0]["event_date"] == date(2025, 12, 26)
    (path,) = (settings.home.landing / "call" / "load_date=2026-01-06").iterdir()
    assert path.name.startswith("2025-12-26_2025-12-26_")


def test_a_copy_of_the_file_with_another_time_is_the_same_file(write_calls, take_in, a_call):
    columns = [name for name in a_call() if name != "export_time"]
    row = {name: a_call()[name] for name in columns}
    path = write_calls([row], columns=[*columns])
    first = take_in(path)
    os.utime(path, (1_800_000_000, 1_800_000_000))
    again = take_in(path)
    assert (again.batch_id, again.landed, again.duplicate) == (first.batch_id, 0, 1)


def test_an_unknown_code_is_counted_and_lands_as_other(write_calls, take_in, landed, a_call):
    rows = [
        a_call(status="WEIRD"),
        a_call(call_id="c2", status="WEIRD"),
        a_call(call_id="c3", hangup_by="ghost"),
    ]
    outcome = take_in(write_calls(rows))
    assert outcome.unknown_codes == {"WEIRD": 2, "hangup_by=ghost": 1}
    assert [row["outcome"] for row in landed()] == ["other", "other", "human_other"]
    assert landed()[0]["outcome_raw"] == "WEIRD"
    assert landed()[2]["hangup_by"] is None


def test_an_extra_column_is_reported_and_stops_nothing(write_calls, take_in, a_call):
    path = write_calls([{**a_call(), "mood": "fine"}], columns=[*a_call(), "mood"])
    outcome = take_in(path)
    assert (outcome.landed, outcome.extra_columns) == (1, ["mood"])


def test_a_missing_required_column_stops_the_file_before_anything_lands(
    write_calls, settings, files_of, outcome_rows, a_call
):
    right = write_calls([a_call()], "right.csv")
    columns = [name for name in a_call() if name != "status"]
    wrong = write_calls([{name: a_call()[name] for name in columns}], "wrong.csv", columns)
    with pytest.raises(IngestError, match=r"wrong\.csv has no column status.*optional: true"):
        import_files(settings, [right, wrong], "generic_cn_cdr", load_date="2026-01-06")
    assert files_of() == {}
    assert outcome_rows() == []


def test_talk_in_milliseconds_is_quarantined_with_a_hint(write_calls, take_in, quarantined, a_call):
    rows = [a_call(bill_seconds="60000"), a_call(call_id="c2", bill_seconds="99000", end_time="")]
    outcome = take_in(write_calls(rows))
    assert outcome.by_reason == {"talk_s_looks_like_milliseconds": 2}
    details = [row["detail"] for row in quarantined()]
    assert details == [
        "talk_s is 60000 in a call of 70 s from start to end; looks like milliseconds",
        "talk_s is 99000, more than a day; looks like milliseconds",
    ]


def test_a_wrong_zone_is_quarantined_with_a_hint(write_calls, take_in, quarantined, a_call):
    outcome = take_in(write_calls([a_call(export_time="2026-01-05 04:00:00")]))
    assert outcome.by_reason == {"event_later_than_its_export": 1}
    assert "later than its export: wrong time zone?" in quarantined()[0]["detail"]


def test_broken_lines_are_quarantined_with_their_line_and_spare_their_neighbours(
    write_calls, take_in, quarantined, landed, a_call
):
    path = write_calls([a_call(), a_call(call_id="c2"), a_call(call_id="c3")])
    lines = path.read_bytes().split(b"\n")
    lines[2:2] = [
        b"only,three,13812345678",
        b'c9,"outbound,x',
        b"bad\x00" + lines[1],
        b"\xff" + lines[1],
    ]
    path.write_bytes(b"\n".join(lines))
    outcome = take_in(path)
    assert [row["call_id"] for row in landed()] == ["c1", "c2", "c3"]
    assert [row["source_line"] for row in landed()] == [2, 7, 8]
    assert sorted((row["source_line"], row["reason"]) for row in quarantined()) == [
        (3, "broken_line"),
        (4, "broken_line"),
        (5, "nul_byte"),
        (6, "undecodable_bytes"),
    ]
    assert outcome.read == 7
    assert "3 fields where the header has 22" in [row["detail"] for row in quarantined()]


def test_values_that_cannot_be_read_are_quarantined_by_column(write_calls, take_in, a_call):
    rows = [
        a_call(call_id="c1", start_time="2026-02-30 09:00:00"),
        a_call(call_id="c2", ring_seconds="ten"),
        a_call(call_id="c3", call_type="fax"),
        a_call(call_id=""),
        a_call(call_id="c5", start_time=""),
    ]
    outcome = take_in(write_calls(rows))
    assert outcome.by_reason == {
        "originated_at_not_a_time": 1,
        "ring_s_not_a_whole_number": 1,
        "direction_missing": 1,
        "call_id_missing": 1,
        "originated_at_missing": 1,
    }
    assert outcome.landed == 0


def test_a_dry_run_shows_masked_rows_and_leaves_nothing(
    write_calls, take_in, files_of, outcome_rows, a_call
):
    outcome = take_in(write_calls([a_call(status="打13912345678")]), dry_run=True)
    assert (outcome.read, outcome.landed) == (1, 1)
    assert outcome.samples[0]["phone_last4"] == "5678"
    assert outcome.samples[0]["outcome_raw"] == "打<PHONE>"
    assert "13812345678" not in str(outcome.samples)
    assert outcome.mapped_columns["outcome"] == "status"
    assert files_of() == {}
    assert outcome_rows() == []


def test_a_dry_run_of_a_landed_file_counts_duplicates(write_calls, take_in, a_call):
    path = write_calls([a_call()])
    take_in(path)
    assert take_in(path, dry_run=True).duplicate == 1


def test_packed_and_plain_files_give_the_same_rows(write_calls, take_in, landed, tmp_path, a_call):
    plain = write_calls([a_call()])
    packed = tmp_path / "calls.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    take_in(plain)
    assert take_in(packed).duplicate == 1
    assert len(landed()) == 1


def test_a_cut_short_archive_lands_nothing(write_calls, take_in, files_of, tmp_path, a_call):
    plain = write_calls([a_call(call_id=f"c{number}") for number in range(500)])
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(plain.read_bytes())[:-200])
    with pytest.raises(IngestError, match="damaged or cut short"):
        take_in(cut)
    assert files_of() == {}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"", "is empty", id="empty file"),
        pytest.param(b"\n\n", "is empty", id="blank first line"),
        pytest.param(b"call_id,call_id\n1,2\n", "more than once", id="doubled column"),
        pytest.param("Numéro,État\n".encode("cp1252"), "set `reads.encoding`", id="other encoding"),
    ],
)
def test_a_doubtful_header_stops_the_file(tmp_path, take_in, content, words):
    path = tmp_path / "calls.csv"
    path.write_bytes(content)
    with pytest.raises(IngestError, match=words):
        take_in(path)


def test_a_file_with_a_header_only_leaves_an_outcome_of_nothing(
    write_calls, take_in, files_of, outcome_rows
):
    outcome = take_in(write_calls([]))
    assert (outcome.read, outcome.landed) == (0, 0)
    assert files_of() == {}
    assert [row["rows_read"] for row in outcome_rows()] == [0]


def test_a_missing_file_is_named(take_in, tmp_path):
    with pytest.raises(IngestError, match=r"nowhere\.csv does not exist"):
        take_in(tmp_path / "nowhere.csv")


def test_a_load_date_that_is_no_day_is_refused(write_calls, take_in, a_call):
    with pytest.raises(UsageError, match="'2026-1-6'; wanted a day"):
        take_in(write_calls([a_call()]), load_date="2026-1-6")


@pytest.mark.parametrize("step", ["quarantine", "landing", "outcome"])
def test_an_import_killed_between_its_writes_ends_the_same_when_run_again(
    write_calls, take_in, landed, quarantined, outcome_rows, monkeypatch, a_call, step
):
    path = write_calls([a_call(), a_call(), a_call(call_id="")])
    calls = []
    with monkeypatch.context() as patch:
        real = landing.publish_file

        def publish(draft, target):
            if len(calls) == ("quarantine", "landing").index(step):
                raise KeyboardInterrupt
            calls.append(target)
            real(draft, target)

        def record(*_):
            raise KeyboardInterrupt

        if step == "outcome":
            patch.setattr(load, "record_outcome", record)
        else:
            patch.setattr(landing, "publish_file", publish)
        with pytest.raises(KeyboardInterrupt):
            take_in(path)
    assert outcome_rows() == []
    take_in(path)
    assert [row["source_line"] for row in landed()] == [2]
    assert [row["source_line"] for row in quarantined()] == [4]
    (row,) = outcome_rows()
    counts = [row[f"rows_{name}"] for name in ("read", "landed", "duplicate", "quarantined")]
    assert counts == [3, 1, 1, 1]


def test_a_landed_file_is_never_written_over(write_calls, take_in, landed, a_call):
    # Refused while the file seemed a few hours old, accepted once its time has moved on.
    names = [name for name in a_call() if name != "export_time"]
    rows = [
        {**a_call(), "call_id": "c1"},
        {
            **a_call(),
            "call_id": "c2",
            "start_time": "2026-01-05 20:00:00",
            "answer_time": "",
            "end_time": "",
        },
    ]
    path = write_calls([{name: row[name] for name in names} for row in rows], columns=names)
    noon = datetime(2026, 1, 5, 4, tzinfo=UTC).timestamp()
    os.utime(path, (noon, noon))
    first = take_in(path)
    assert (first.landed, first.by_reason) == (1, {"event_later_than_its_export": 1})
    os.utime(path, (noon + 86_400, noon + 86_400))
    second = take_in(path)
    assert (second.landed, second.duplicate) == (1, 1)
    assert second.batch_id != first.batch_id
    assert sorted(row["call_id"] for row in landed()) == ["c1", "c2"]
    assert take_in(path).duplicate == 2


def test_large_files_are_searched_for_repeats_in_shares(
    write_calls, take_in, landed, monkeypatch, a_call
):
    monkeypatch.setattr(landing, "PASS_ROWS", 7)
    rows = [a_call(call_id=f"c{number % 40}") for number in range(60)]
    outcome = take_in(write_calls(rows))
    assert (outcome.landed, outcome.duplicate) == (40, 20)
    assert [row["source_line"] for row in landed()] == list(range(2, 42))
