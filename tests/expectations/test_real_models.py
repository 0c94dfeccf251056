"""The gates on what the real models build: every read finds its tables and columns."""

from __future__ import annotations

import sqlalchemy as sa

from leadloop import opstore, pointer, transform
from leadloop.publish.marts import publish_day
from leadloop.quality.gate import run_gate
from leadloop.quality.suites import load_suites
from leadloop.scoring.churn import score_day

DAY = "2026-03-05"


def test_a_clean_day_passes_all_gates_and_is_published(
    settings, landing, make_call, make_turn, make_order, make_lead
):
    short = [make_call(n, talk_s=5) for n in range(1, 11)]
    talks = [make_call(n, agent_id=f"a{n % 5}", customer_id=f"K{n}") for n in range(11, 101)]
    landing([*short, *talks])
    landing([make_order(n, customer_id=f"K{n}") for n in range(11, 16)], table="order")
    turns = [make_turn(n, speaker_role="customer" if n % 2 else "agent") for n in range(1, 21)]
    landing(turns, table="utterance")
    landing([make_lead(n) for n in range(1, 6)], table="lead")

    run_gate(settings, "landing", DAY)
    transform.build_layer(settings, "core", DAY)
    run_gate(settings, "core", DAY)
    score_day(settings, DAY)
    run_gate(settings, "scores", DAY)
    transform.build_layer(settings, "marts", DAY)
    run_gate(settings, "marts", DAY)
    content = publish_day(settings, DAY)

    rows = opstore.read(settings, sa.select(opstore.gate_results))
    assert [row["expectation"] for row in rows if not row["is_passed"]] == []
    assert len(rows) == sum(len(suite.expectations) for suite in load_suites(settings))
    assert all(row["observed"]["rows"] > 0 for row in rows)
    assert {gate["state"] for gate in content["gates"].values()} == {"passed"}
    assert content["tables"]["fct_dials"] == 100
    assert pointer.read_pointer(settings.home)["data_until"] == DAY
