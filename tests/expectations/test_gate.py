"""A gate, run for real: what it writes, how it stops, how a mended load is freed."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from leadloop import opstore, pointer, warehouse
from leadloop.errors import UsageError
from leadloop.quality import reads
from leadloop.quality.gate import GateStopped, run_gate

DAY, NEXT = "2026-03-05", "2026-03-06"
TALK = "landing_calls: talk_s is between 0 and 86400"


@pytest.fixture
def stopped(settings, landing, make_call) -> str:
    """A day whose load has four calls with a negative talk; the message of its gate."""
    landing([make_call(n) for n in range(1, 21)])
    landing(
        [make_call(n, talk_s=-3, batch_id="b2", phone_last4="5678") for n in range(21, 25)],
        batch="b2",
    )
    with pytest.raises(GateStopped) as error:
        run_gate(settings, "landing", DAY)
    return str(error.value)


def read_results(settings, **where) -> list[dict]:
    table = opstore.gate_results
    query = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
    return opstore.read(settings, query)


def test_a_clean_day_goes_on_and_leaves_a_row_for_each_expectation(settings, landing, make_call):
    landing([make_call(n) for n in range(1, 21)])
    summary = run_gate(settings, "landing", DAY)
    assert summary == {
        "gate": "landing",
        "day": DAY,
        "evaluated": 36,
        "failures": [],
        "warnings": [],
        "held_loads": [],
    }
    rows = read_results(settings, gate="landing", day=DAY)
    assert len(rows) == 36
    assert all(row["is_passed"] for row in rows)


def test_the_message_says_what_where_and_what_to_do(stopped: str):
    assert "Gate landing stopped 2026-03-05" in stopped
    assert "suite landing_calls, expectation: talk_s is between 0 and 86400" in stopped
    assert "4 of 24 rows broke it (16.7%)" in stopped
    assert stopped.count("talk_s=-3") == 3
    assert "source_file=calls.csv, source_line=21" in stopped
    assert "data_docs/2026-03-05_landing.html" in stopped
    assert "leadloop run daily --date" in stopped


def test_nothing_personal_is_shown_or_kept(settings, stopped: str):
    (row,) = read_results(settings, suite="landing_calls", is_passed=False)
    page = (settings.home.data_docs / f"{DAY}_landing.html").read_text(encoding="utf-8")
    for text in (stopped, json.dumps(row["examples"]), page):
        assert "5678" not in text
        assert "c-2026-03-05-21" not in text


def test_a_stop_is_written_to_the_store_the_pointer_and_the_step_first(settings, stopped):
    (row,) = read_results(settings, suite="landing_calls", is_passed=False)
    assert row["severity"] == "critical"
    assert row["observed"] == {"rows": 24, "judged": 24, "broken": 4}
    assert len(row["examples"]) == 3
    attempt = pointer.read_pointer(settings.home)["last_attempt"]
    assert attempt["state"] == "stopped"
    assert attempt["gates"]["landing"] == {"state": "stopped", "warnings": [], "failures": [TALK]}
    assert attempt["held_loads"] == [DAY]
    (step,) = opstore.read(settings, sa.select(opstore.step_outcomes))
    assert (step["step"], step["state"]) == ("gate_landing", "failed")
    assert step["detail"]["failures"] == [TALK]


def test_a_stop_leaves_what_is_published_where_it_is(settings, landing, make_call):
    pointer.write_pointer(settings.home, {"version": "v1", "data_until": "2026-03-04"})
    landing([make_call(1, outcome="paused")])
    with pytest.raises(GateStopped):
        run_gate(settings, "landing", DAY)
    content = pointer.read_pointer(settings.home)
    assert (content["version"], content["data_until"]) == ("v1", "2026-03-04")


def test_the_next_day_goes_on_without_the_held_load(settings, stopped, landing, make_call):
    landing([make_call(n, NEXT) for n in range(1, 21)], day=NEXT, batch="b3")
    assert run_gate(settings, "landing", NEXT)["failures"] == []
    assert opstore.list_held_loads(settings) == [DAY]
    assert pointer.read_pointer(settings.home)["last_attempt"]["held_loads"] == [DAY]


def test_only_the_load_with_the_broken_rows_is_held(settings, landing, make_call):
    landing([make_call(n) for n in range(1, 21)])
    landing([make_call(n, NEXT, talk_s=-1) for n in range(1, 3)], day=NEXT, batch="b2")
    with pytest.raises(GateStopped, match="Held until mended: load 2026-03-06;"):
        run_gate(settings, "landing", DAY)
    assert opstore.list_held_loads(settings) == [NEXT]
    # The day itself is clean: run again, it goes on.
    assert run_gate(settings, "landing", DAY)["failures"] == []


@pytest.mark.parametrize("load_day", [DAY, NEXT], ids=["in its own load", "in a later load"])
def test_corrected_rows_free_a_held_load(settings, stopped, landing, make_call, load_day):
    mended = [
        make_call(
            n,
            row_hash=f"mended-{n}",
            batch_id="b3",
            ingested_at=datetime(2026, 3, 7, tzinfo=UTC),
        )
        for n in range(21, 25)
    ]
    landing(mended, day=load_day, batch="b3")
    assert run_gate(settings, "landing", DAY)["failures"] == []
    assert opstore.list_held_loads(settings) == []


def test_a_held_load_stays_held_until_its_own_day_is_run(settings, stopped):
    run_gate(settings, "landing", NEXT)
    assert opstore.list_held_loads(settings) == [DAY]
    with pytest.raises(GateStopped):
        run_gate(settings, "landing", DAY)
    assert opstore.list_held_loads(settings) == [DAY]


def test_a_warning_is_recorded_and_returned_and_does_not_stop(settings, landing, make_call):
    landing([make_call(1), make_call(2, ivr_s=-5)])
    summary = run_gate(settings, "landing", DAY)
    assert summary["warnings"] == ["landing_calls: ivr_s is at least 0"]
    gates = pointer.read_pointer(settings.home)["last_attempt"]["gates"]
    assert gates["landing"]["state"] == "warned"


def test_a_gate_run_again_replaces_its_rows_and_those_of_later_gates(
    settings, landing, make_call, core
):
    landing([make_call(1)])
    core()
    for gate in ("landing", "core", "marts", "landing"):
        run_gate(settings, gate, DAY)
    assert {row["gate"] for row in read_results(settings, day=DAY)} == {"landing"}
    assert len(read_results(settings, gate="landing", day=DAY)) == 36


def test_a_gate_of_the_marts_stops_too_and_holds_no_load(settings, core):
    core(hour={"connected_count": 101, "connect_rate": 1.01})
    with pytest.raises(GateStopped, match="connect_rate is between 0 and 1") as error:
        run_gate(settings, "marts", DAY)
    assert "leadloop run daily --date 2026-03-05" in str(error.value)
    assert opstore.list_held_loads(settings) == []


def test_a_gate_of_the_marts_that_stops_holds_the_loads_that_came_with_the_run(
    settings, landing, make_call, core
):
    landing([make_call(1)])
    pending = "create schema if not exists raw; create table raw.pending_batches as select"
    core(
        hour={"connected_count": 101, "connect_rate": 1.01},
        then=f"{pending} 'call' as table_name, date '{DAY}' as load_date",
    )
    with pytest.raises(GateStopped, match=f"Held until mended: load {DAY}; other days go on"):
        run_gate(settings, "marts", DAY)
    assert opstore.list_held_loads(settings) == [DAY]
    # Run again, the day's load is judged afresh from the landing gate on.
    run_gate(settings, "landing", DAY)
    assert opstore.list_held_loads(settings) == []


def test_a_backfill_judges_the_held_loads_of_its_days_again(settings, stopped, landing, make_call):
    mended = [
        make_call(n, row_hash=f"mended-{n}", ingested_at=datetime(2026, 3, 7, tzinfo=UTC))
        for n in range(21, 25)
    ]
    landing(mended, batch="b3")
    run_gate(settings, "landing", NEXT)
    assert opstore.list_held_loads(settings) == [DAY]
    run_gate(settings, "landing", NEXT, since=DAY)
    assert opstore.list_held_loads(settings) == []


def test_an_unknown_gate_is_refused(settings):
    with pytest.raises(UsageError, match="landing, core, scores, marts"):
        run_gate(settings, "lunch", DAY)


def test_a_bulk_load_is_judged_in_parts_with_the_same_verdict(
    settings, landing, make_call, monkeypatch
):
    rows = [make_call(n) for n in range(1, 401)]
    landing([*rows, make_call(7), make_call(401, talk_s=-1)])
    monkeypatch.setattr(reads, "PART_ROWS", 50)
    with pytest.raises(GateStopped):
        run_gate(settings, "landing", DAY)
    seen = {row["expectation"]: row for row in read_results(settings, suite="landing_calls")}
    assert seen["talk_s is between 0 and 86400"]["observed"] == {
        "rows": 402,
        "judged": 402,
        "broken": 1,
    }
    # Both rows of the repeated key fall into one part, so that it is seen.
    assert seen["source_system, source_pk, row_hash are unique"]["observed"]["broken"] == 2


def test_pages_open_without_another_host_and_the_index_lists_them(settings, stopped):
    folder = settings.home.data_docs
    index = (folder / "index.html").read_text(encoding="utf-8")
    page = (folder / f"{DAY}_landing.html").read_text(encoding="utf-8")
    assert f'href="{DAY}_landing.html"' in index
    assert "talk_s is between 0 and 86400" in page
    assert "http" not in page + index
    assert "<script" not in page + index


def test_a_gate_writes_nothing_outside_the_home(settings, landing, make_call, tmp_path):
    landing([make_call(1)])
    before = set(tmp_path.iterdir())
    run_gate(settings, "landing", DAY)
    assert set(tmp_path.iterdir()) == before
    names = {path.name for path in settings.home.root.iterdir()}
    assert names <= {
        "cache", "landing", "marts", "operations.db", "operations.db-shm", "operations.db-wal",
        "out", "run", "warehouse",
    }  # fmt: skip


def test_a_gate_does_not_keep_the_warehouse(settings, core):
    core()
    run_gate(settings, "marts", DAY)
    with warehouse.open_warehouse(settings.home, wait=0.1):
        pass
