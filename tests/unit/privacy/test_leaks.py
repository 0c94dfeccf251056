"""A planted number is found in every place where none may be, and a clean home has none."""

from __future__ import annotations

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from leadloop import opstore
from leadloop.cli import app
from leadloop.ingest.load import import_files
from leadloop.privacy.leaks import Detector, Leak, scan_home
from leadloop.warehouse import open_warehouse

RAW = "13812345678"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("打13812345678", "phone"),
        ("138-1234-5678", "phone"),
        ("+86 13812345678,", "phone"),
        ("幺三八一二三四五六七八", "phone"),
        ("11010119900307803X", "id_card"),
        ("6222 0212 3456 7894", "bank_card"),
        ("zhang.san@example.com.cn", "email"),
    ],
)
def test_each_class_is_found(text, kind):
    assert dict(Detector().count(text)) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        "a3f13812345678b0c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b",
        "20260401T000000Z_000001",
        "1772582400.123",
        "0.13812345678",
        "13812345678901",
        "2026-01-05 13:81:23.456",
        "订单6222021234567890",
        "110101199003078031",
        "<PHONE> <EMAIL>",
    ],
)
def test_hashes_times_and_order_numbers_are_no_leak(text):
    assert not Detector().count(text)


def test_a_given_number_is_found_however_it_is_grouped():
    detector = Detector(["010-6234 5678"])
    assert detector.count("拨 01062345678 或 010 6234 5678")["given_number"] == 2
    assert not detector.count("2010623456789")


def test_an_allowed_address_is_no_leak():
    assert not Detector(allowed=["Ops@example.com"]).count("to ops@example.com")


@pytest.fixture
def imported(settings, tmp_path):
    """A home into which calls and words with raw numbers were imported."""
    calls = tmp_path / "calls.csv"
    calls.write_text(
        "call_id,call_type,caller,callee,agent_id,start_time,answer_time,end_time,"
        "bill_seconds,status,export_time\n"
        f"c1,outbound,01088886666,{RAW},a1,2026-01-05 09:00:00,,,0,打{RAW},2026-01-06 01:00:00\n"
        f"c2,outbound,01088886666,{RAW},a1,not a time {RAW},,,0,X,2026-01-06 01:00:00\n",
        encoding="utf-8",
    )
    words = tmp_path / "words.jsonl"
    turn = {"speaker": "customer", "text": f"打{RAW}，写信到 li@example.cn"}
    document = {
        "call_id": "c1",
        "version": 1,
        "started_at": "2026-01-05 09:00:00",
        "export_time": "2026-01-06 01:00:00",
        "turns": [{"role": "customer", "begin_ms": 0, "end_ms": 900, **turn}],
    }
    words.write_text(json.dumps(document, ensure_ascii=False) + "\n", encoding="utf-8")
    for path, name in ((calls, "generic_cn_cdr"), (words, "generic_transcript")):
        import_files(settings, [path], name, load_date="2026-01-06")
    return settings


def test_a_home_with_imported_files_is_clean(imported):
    assert list(imported.home.landing.rglob("*.parquet"))
    assert list(imported.home.quarantine.rglob("*.parquet"))
    assert scan_home(imported, phones=[RAW]) == []


def test_published_marts_written_by_hand_are_clean(small_home):
    assert scan_home(small_home, phones=[RAW]) == []


def plant(settings):
    """Write one raw number into each place that is scanned."""
    home = settings.home
    for folder in (home.landing / "call", home.quarantine / "call"):
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table({"outcome_raw": [None, f"打{RAW}"]}), folder / "planted.parquet")
    for file in (
        "out/report.html",
        "out/data_docs/index.html",
        "logs/up.log",
        "airflow/logs/a.log",
    ):
        path = home.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"<p>{RAW}</p>\n", encoding="utf-8")
    with opstore.transaction(settings) as connection:
        row = {"cycle": "daily", "period": "2026-01-05", "step": "x", "state": "failed"}
        detail = {"message": f"callee={RAW}"}
        started = sa.func.current_timestamp()
        connection.execute(
            opstore.step_outcomes.insert().values(**row, detail=detail, started_at=started)
        )
    with open_warehouse(home) as connection:
        connection.execute("create table marts_build.fct_words (text varchar, dial_count bigint)")
        connection.execute("insert into marts_build.fct_words values (?, 1)", [f"打{RAW}"])
    home.marts.mkdir(parents=True, exist_ok=True)
    home.marts_build.rename(home.marts / "marts_1.duckdb")


PLANTED = [
    Leak("airflow/logs", "a.log", "phone", 1),
    Leak("landing", "call/planted.parquet: outcome_raw", "phone", 1),
    Leak("logs", "up.log", "phone", 1),
    Leak("marts", "marts_1: fct_words.text", "phone", 1),
    Leak("operations", "step_outcomes.detail", "phone", 1),
    Leak("out", "data_docs/index.html", "phone", 1),
    Leak("out", "report.html", "phone", 1),
    Leak("quarantine", "call/planted.parquet: outcome_raw", "phone", 1),
]


def test_a_planted_number_is_found_in_every_place(settings):
    plant(settings)
    assert scan_home(settings) == PLANTED


def test_the_command_counts_shows_no_number_and_exits_with_1(settings):
    runner = CliRunner()
    clean = runner.invoke(app, ["privacy", "scan", "--phone", RAW])
    assert clean.exit_code == 0
    plant(settings)
    found = runner.invoke(app, ["privacy", "scan", "--json", "-"])
    assert found.exit_code == 1
    assert sum(leak["count"] for leak in json.loads(found.stdout)) == len(PLANTED)
    assert RAW not in found.stdout
