"""Whatever a file holds: never a traceback, and every row is counted once."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadloop.ingest import IngestError
from leadloop.ingest.csv_rows import read_csv
from leadloop.ingest.documents import Document
from leadloop.ingest.load import import_files
from leadloop.ingest.maps import read_map
from leadloop.ingest.readers import read_header
from leadloop.settings import PROJECT_ROOT, load_settings

NAMES = (
    "call_id call_type caller callee agent_id start_time answer_time end_time bill_seconds status"
)
HEADER = NAMES.replace(" ", ",").encode() + b"\n"
CELLS = st.sampled_from(
    [
        *(
            b"c1",
            b"c2",
            b"outbound",
            b"inbound",
            b"13812345678",
            b"138****5678",
            b"2026-01-05 09:00:00",
        ),
        *(b"2026-02-30 09:00:00", b"2026-01-05 09:01:00", b"60", b"60000", b"-5", b"1e999", b"nan"),
        *(b"BUSY", b"WEIRD", b"", b" ", b'"a,b"', b'"a""b"', b'"', b'x"y', b'"a\nb"', b"\xff\xfe"),
        *(b"\x00", b"\r", "号码".encode(), "\u2028".encode(), b"9" * 30, b"'", b"{}", b"null"),
    ]
)
GOOD_LINE = b"c1,outbound,,13812345678,a1,2026-01-05 09:00:00,,,0,BUSY"
LINES = st.one_of(
    st.just(GOOD_LINE),
    st.lists(CELLS, min_size=10, max_size=10).map(b",".join),
    st.lists(CELLS, max_size=14).map(b",".join),
    st.binary(max_size=40),
)
FILES = st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n"])), max_size=12).map(
    lambda lines: b"".join(text + end for text, end in lines)
)
RIGHT_TRANSCRIPT = (
    b'{"call_id": "c1", "started_at": "2026-01-05 09:00:00", '
    b'"turns": [{"role": "agent", "text": "hi"}]}'
)
MAP = PROJECT_ROOT / "config" / "maps" / "generic_cn_cdr.yml"


@pytest.fixture(scope="module")
def one_home(tmp_path_factory):
    """One home for all examples: what landed before only turns rows into duplicates."""
    home = tmp_path_factory.mktemp("broken")
    return load_settings(
        {"LEADLOOP_HOME": str(home), "LEADLOOP_PHONE_HASH_KEY": "key of the tests"}
    )


@pytest.fixture(scope="module")
def utf8_map(tmp_path_factory):
    """The shipped map where the encoding is given: broken bytes cost their rows only."""
    path = tmp_path_factory.mktemp("maps") / "own.yml"
    text = MAP.read_text(encoding="utf-8")
    path.write_text(text.replace("{format: csv}", "{format: csv, encoding: utf-8}"), "utf-8")
    return str(path)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=FILES, end=st.sampled_from([b"", b'"', GOOD_LINE]))
def test_every_row_of_a_broken_csv_lands_repeats_or_is_quarantined(one_home, utf8_map, body, end):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(HEADER + body + end)
        outcomes = [
            import_files(one_home, [path], utf8_map, load_date="2026-01-06")[0] for _ in range(2)
        ]
        for outcome in outcomes:
            assert outcome.read == outcome.landed + outcome.duplicate + outcome.quarantined
            assert sum(outcome.by_reason.values()) == outcome.quarantined
        assert outcomes[1].landed == 0
        if b'"' not in body + end:
            text = (body + end).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            assert outcomes[0].read == sum(bool(line) for line in text.split(b"\n"))


def say_utf8(found):
    reads = found.reads.model_copy(update={"encoding": "utf-8"})
    return found.model_copy(update={"reads": reads})


def _summarise(chunks):
    return (
        [line for chunk in chunks for line in chunk.lines],
        [text for chunk in chunks for text in chunk.columns["status"].to_pylist()],
        sorted(refusal.line for chunk in chunks for refusal in chunk.refused),
    )


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(body=FILES, size=st.integers(1, 200))
def test_blocks_of_any_size_give_the_same_rows(body, size):
    found = say_utf8(read_map(MAP))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        path.write_bytes(HEADER + body)
        whole, parts = (
            _summarise(list(read_csv(Document(path), found, block))) for block in (10**6, size)
        )
    assert parts == whole


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    lines=st.lists(
        st.one_of(
            st.just(RIGHT_TRANSCRIPT),
            st.just(b'{"call_id": "c2", "started_at": "x", "turns": [{"role": 5, "text": 1}, 7]}'),
            st.just(RIGHT_TRANSCRIPT.replace(b"hi", b"\\ud800")),
            st.just(b'{"call_id": "c3", "turns": "none"}'),
            st.just(b"[1, 2]"),
            st.just(b'{"call_id": "c4", "version": 1.5, "turns": []}'),
            st.binary(max_size=30),
        ),
        max_size=8,
    )
)
def test_every_turn_of_a_broken_transcript_file_is_counted(one_home, lines):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transcripts.jsonl"
        path.write_bytes(b"\n".join(lines))
        try:
            (outcome,) = import_files(
                one_home, [path], "generic_transcript", load_date="2026-01-06"
            )
        except IngestError:
            # Nothing in the file looks like a transcript: it is stopped with a message.
            return
        assert outcome.read == outcome.landed + outcome.duplicate + outcome.quarantined
        assert sum(outcome.by_reason.values()) == outcome.quarantined


def test_an_unclosed_quote_costs_its_own_line_only(tmp_path):
    path = tmp_path / "calls.csv"
    good = [GOOD_LINE.replace(b"c1", b"c%d" % number) for number in range(5000)]
    good[1] = GOOD_LINE.replace(b"a1", b'"a1')
    path.write_bytes(HEADER + b"\n".join(good))
    chunks = list(read_csv(Document(path), read_map(MAP), 10_000))
    assert [refusal.line for chunk in chunks for refusal in chunk.refused] == [3]
    lines = [line for chunk in chunks for line in chunk.lines]
    assert lines == [2, *range(4, 5002)]


def test_a_line_break_inside_quotes_belongs_to_its_row(tmp_path):
    path = tmp_path / "calls.csv"
    broken = GOOD_LINE.replace(b"a1", b'"a\n1"')
    path.write_bytes(HEADER + b"\n".join([GOOD_LINE, broken, GOOD_LINE]))
    chunks = list(read_csv(Document(path), read_map(MAP)))
    assert [line for chunk in chunks for line in chunk.lines] == [2, 3, 5]
    agents = [text for chunk in chunks for text in chunk.columns["agent_id"].to_pylist()]
    assert agents == ["a1", "a\n1", "a1"]


def test_other_encodings_and_delimiters_are_read_as_the_map_says(tmp_path):
    text = MAP.read_text(encoding="utf-8").replace(
        "reads: {format: csv}", 'reads: {format: csv, delimiter: ";", encoding: gb18030}'
    )
    map_path = tmp_path / "own.yml"
    map_path.write_text(text, encoding="utf-8")
    path = tmp_path / "calls.csv"
    row = GOOD_LINE.decode().replace("BUSY", "成交").replace(",", ";").encode("gb18030")
    path.write_bytes(HEADER.replace(b",", b";") + row + b"\n\xff" + row + b"\n")
    found = read_map(map_path)
    assert read_header(Document(path), found).extra == ()
    (chunk,) = read_csv(Document(path), found)
    assert chunk.columns["status"].to_pylist() == ["成交"]
    assert [(refusal.line, refusal.reason) for refusal in chunk.refused] == [
        (3, "undecodable_bytes")
    ]


def test_a_byte_order_mark_is_not_part_of_the_first_name(tmp_path):
    path = tmp_path / "calls.csv"
    path.write_bytes(b"\xef\xbb\xbf" + HEADER + GOOD_LINE)
    assert read_header(Document(path), read_map(MAP)).columns[0] == "call_id"
