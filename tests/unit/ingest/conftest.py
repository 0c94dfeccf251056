"""Files of a made dialler, and what an import of them left behind."""

from __future__ import annotations

import csv
import io

import pyarrow.parquet as pq
import pytest

from leadloop import opstore
from leadloop.ingest.load import import_files

COLUMNS = [
    "call_id",
    "call_type",
    "caller",
    "callee",
    "lead_id",
    "customer_id",
    "campaign_id",
    "channel_id",
    "agent_id",
    "queue",
    "attempt_no",
    "start_time",
    "ring_time",
    "answer_time",
    "end_time",
    "ring_seconds",
    "bill_seconds",
    "hold_seconds",
    "wrapup_seconds",
    "status",
    "hangup_by",
    "export_time",
]
A_CALL = {
    "call_id": "c1",
    "call_type": "outbound",
    "caller": "01088886666",
    "callee": "13812345678",
    "lead_id": "L1",
    "campaign_id": "spring",
    "channel_id": "douyin",
    "agent_id": "a01",
    "attempt_no": "1",
    "start_time": "2026-01-05 09:00:00",
    "answer_time": "2026-01-05 09:00:10",
    "end_time": "2026-01-05 09:01:10",
    "ring_seconds": "10",
    "bill_seconds": "60",
    "status": "ANSWERED_OTHER",
    "hangup_by": "agent",
    "export_time": "2026-01-06 01:00:00",
}


@pytest.fixture
def a_call():
    """Return the fields of a right call, some changed."""
    return lambda **changes: {**A_CALL, **changes}


@pytest.fixture
def write_calls(tmp_path):
    """Write a CSV of calls and return its path."""

    def write(rows, name="calls.csv", columns=COLUMNS, encoding="utf-8"):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


@pytest.fixture
def take_in(settings):
    """Import one file and return its outcome."""

    def run(path, map_name="generic_cn_cdr", load_date="2026-01-06", **more):
        return import_files(settings, [path], map_name, load_date=load_date, **more)[0]

    return run


@pytest.fixture
def landed(settings):
    """Return the landed rows of a table, file after file."""

    def read(table="call"):
        files = sorted((settings.home.landing / table).glob("*/*.parquet"))
        return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]

    return read


@pytest.fixture
def quarantined(settings):
    """Return the rows in quarantine."""

    def read(table="call"):
        files = sorted((settings.home.quarantine / table).glob("*/*.parquet"))
        return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]

    return read


@pytest.fixture
def outcome_rows(settings):
    """Return the outcome rows of the operations store."""
    return lambda: opstore.read(settings, opstore.ingest_outcomes.select())


@pytest.fixture
def files_of(settings):
    """Return every file of landing and quarantine with its bytes."""

    def read():
        roots = (settings.home.landing, settings.home.quarantine)
        return {
            path.relative_to(settings.home.root): path.read_bytes()
            for root in roots
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    return read
