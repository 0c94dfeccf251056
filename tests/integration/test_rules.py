"""A day's decisions over real metrics and a real ledger: alert, cause, proposal, message, once."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.errors import UsageError
from leadloop.metrics import load_catalog, open_metrics
from leadloop.rules.decide import decide_day, release_held
from leadloop.rules.loader import load_rules
from leadloop.rules.readings import find_misfits
from leadloop.settings import Home
from leadloop.warehouse import current_marts, open_memory

DAY = "2026-03-31"
NOON = datetime(2026, 4, 1, 4, 0, tzinfo=UTC)
RULE = """\
id: made-drop
title: {zh: 接通率低于往常, en: Connect rate below the usual}
owner: ops_manager
metric: connect_rate
by: [channel]
grain: hour
when: {below_baseline: {lookback: 3}}
min_sample: 30
for: 2
severity: critical
cooldown: 24h
quiet_hours: "20:30-08:30"
do:
  - notify: [mail.ops]
  - {action: reschedule_dials, mode: approve, approver: ops_manager, holdout: 0.1}
why: The list or the caller id changed, or a line is down.
"""
# Half of the second channel's hours: two campaigns, one of which loses nearly all it had.
TWO_CAMPAIGNS = """
    insert into fct_dials_hourly
    select * replace ('recall' as campaign_id)
    from fct_dials_hourly where channel_id = 'referral'"""
FAULT = """
    update fct_dials_hourly set connected_count = 2
    where channel_id = 'referral' and campaign_id = 'recall' and dial_date >= '2026-03-30'"""


@pytest.fixture
def home(small_home, tmp_path):
    """The hand-written company in a home of its own, with one rule."""
    root = tmp_path / "home"
    shutil.copytree(small_home.home.root, root, symlinks=True)
    link = root / "marts" / "current.duckdb"
    file = root / "marts" / current_marts(small_home.home).name
    link.unlink()
    link.symlink_to(file.name)
    config = tmp_path / "config"
    (config / "rules").mkdir(parents=True)
    # A company's own empty-handed files stand in for the shipped ones, so that one rule speaks.
    for path in (small_home.project / "config" / "rules").glob("*.yml"):
        text = path.read_text(encoding="utf-8").replace("2027-12-31", "2026-01-01")
        (config / "rules" / path.name).write_text(text, encoding="utf-8")
    (config / "rules" / "made-drop.yml").write_text(RULE, encoding="utf-8")
    company = small_home.company.model_copy(update={"metric_values": {"connect_rate": 20.0}})
    return replace(
        small_home,
        home=Home(root),
        config=config,
        company=company,
        operations_url=f"sqlite:///{root / 'operations.db'}",
    )


def change(settings, *statements: str) -> None:
    file = current_marts(settings.home)
    with open_memory() as connection:
        connection.execute(f"attach '{file}' as changed")
        connection.execute("use changed")
        for statement in statements:
            connection.execute(statement)
        connection.execute("use memory")
        connection.execute("detach changed")


def read(settings, table):
    return opstore.read(settings, sa.select(table))


def test_a_day_without_a_fault_leaves_nothing(home):
    counts = decide_day(home, DAY, NOON)
    assert (counts["rules"], counts["mistakes"]) == (1, [])
    for table in (ledger.alerts, ledger.actions, ledger.outbox):
        assert read(home, table) == []


def test_a_fault_becomes_an_alert_with_its_cause_its_money_and_a_proposal(home):
    change(home, TWO_CAMPAIGNS, FAULT)
    counts = decide_day(home, DAY, NOON)
    assert (counts["alerts"], counts["proposed"], counts["messages"]) == (1, 1, 1)
    (alert,) = read(home, ledger.alerts)
    assert alert["dimensions"] == {"channel": "referral"}
    # Three hours on two days: 22 of 100 each, where it had been 40 of 100.
    assert (alert["k"], alert["n"], alert["value"]) == (132, 600, 0.22)
    assert alert["expected"] == pytest.approx(0.4)
    assert alert["money"] == pytest.approx((0.4 - 0.22) * 600 * 20)
    assert (alert["state"], alert["period"]) == ("open", "2026-03-31T11")
    (cause,) = alert["cause"]
    assert cause["kind"] == "rate"
    assert cause["place"] == {"channel": "referral", "campaign": "recall"}
    assert cause["share"] == pytest.approx(1.0)
    # Six cells now, and the same hours of the three Mondays and Tuesdays before.
    assert cause["evidence"] == {"k0": 360, "n0": 900, "k1": 12, "n1": 300}
    (action,) = read(home, ledger.actions)
    assert (action["type"], action["target_id"], action["state"]) == (
        "reschedule_dials",
        "referral",
        "proposed",
    )
    assert action["payload"]["plan_day"] == "2026-04-01"
    assert action["payload"]["from_hours"] == [9, 10, 11]
    (message,) = read(home, ledger.outbox)
    assert message["alert_id"] == alert["alert_id"]
    assert "recall: 100% of it" in message["body"]["text"]


def test_a_day_run_twice_finds_the_same_rows(home):
    change(home, TWO_CAMPAIGNS, FAULT)
    decide_day(home, DAY, NOON)
    before = [read(home, table) for table in (ledger.alerts, ledger.actions, ledger.outbox)]
    counts = decide_day(home, DAY, NOON)
    assert (counts["alerts"], counts["proposed"], counts["messages"]) == (0, 0, 0)
    after = [read(home, table) for table in (ledger.alerts, ledger.actions, ledger.outbox)]
    assert after == before


def test_days_in_turn_go_on_with_one_alert_and_an_earlier_one_takes_nothing_back(home):
    change(home, TWO_CAMPAIGNS, FAULT)
    decide_day(home, "2026-03-30", NOON)
    (first,) = read(home, ledger.alerts)
    assert (first["period"], first["n"]) == ("2026-03-30T11", 300)
    decide_day(home, DAY, NOON)
    (second,) = read(home, ledger.alerts)
    assert (second["alert_id"], second["n"]) == (first["alert_id"], 600)
    plans = [row["payload"]["plan_day"] for row in read(home, ledger.actions)]
    assert sorted(plans) == ["2026-03-31", "2026-04-01"]
    decide_day(home, "2026-03-30", NOON)
    assert read(home, ledger.alerts) == [second]


def test_an_alert_ends_when_the_data_say_so_and_keeps_who_took_it(home):
    change(home, TWO_CAMPAIGNS, FAULT)
    decide_day(home, "2026-03-30", NOON)
    (alert,) = read(home, ledger.alerts)
    opstore.compare_and_set(
        home, ledger.alerts, alert["alert_id"], {"state": "open"}, {"state": "acknowledged"}
    )
    decide_day(home, "2026-03-30", NOON)
    assert read(home, ledger.alerts)[0]["state"] == "acknowledged"
    change(
        home,
        "update fct_dials_hourly set connected_count = 20 "
        "where channel_id = 'referral' and dial_date = '2026-03-31'",
    )
    assert decide_day(home, DAY, NOON)["resolved"] == 1
    (ended,) = read(home, ledger.alerts)
    assert (ended["state"], ended["resolved_at"]) == ("resolved", NOON)


def test_in_quiet_hours_an_alert_is_held_and_told_in_the_morning(home):
    change(home, TWO_CAMPAIGNS, FAULT)
    night = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)  # 02:30 in Shanghai
    decide_day(home, DAY, night)
    (alert,) = read(home, ledger.alerts)
    (message,) = read(home, ledger.outbox)
    assert alert["state"] == "held"
    assert message["next_attempt_at"] == datetime(2026, 4, 1, 0, 30, tzinfo=UTC)
    assert release_held(home, night + timedelta(hours=5, minutes=59)) == 0
    assert release_held(home, night + timedelta(hours=6)) == 1
    assert [row["state"] for row in read(home, ledger.alerts)] == ["open"]
    decide_day(home, DAY, NOON)
    assert [row["state"] for row in read(home, ledger.alerts)] == ["open"]
    assert len(read(home, ledger.outbox)) == 1


def test_a_broken_rule_is_told_and_the_others_speak(home):
    change(home, TWO_CAMPAIGNS, FAULT)
    (home.config / "rules" / "broken.yml").write_text("id: broken")
    unknown = RULE.replace("made-drop", "unknown").replace("connect_rate", "conect_rate")
    (home.config / "rules" / "unknown.yml").write_text(unknown)
    counts = decide_day(home, DAY, NOON)
    assert counts["alerts"] == 1
    told = "\n".join(counts["mistakes"])
    assert "broken.yml:1: title: is missing" in told
    assert "unknown.yml:4: metric: the catalogue has no metric 'conect_rate'. Known: " in told


def test_a_company_with_inbound_calls_only_has_no_connect_rate_and_no_alert(home):
    change(home, "update fct_dials_hourly set connected_count = null, connect_base_count = null")
    counts = decide_day(home, DAY, NOON)
    assert (counts["no_data"], counts["alerts"], counts["mistakes"]) == (["made-drop"], 0, [])


def test_a_rule_whose_table_was_never_built_has_no_data(home):
    rule = (home.config / "rules" / "agent-forbidden-words.yml").read_text(encoding="utf-8")
    text = rule.replace("2026-01-01", "2027-12-31")
    (home.config / "rules" / "agent-forbidden-words.yml").write_text(text, encoding="utf-8")
    counts = decide_day(home, DAY, NOON)
    assert (counts["no_data"], counts["mistakes"]) == (["agent-forbidden-words"], [])


def test_before_anything_is_published_nothing_is_decided(home):
    (home.home.marts / "current.duckdb").unlink()
    counts = decide_day(home, DAY, NOON)
    assert counts["rules"] == 0
    assert "Nothing is published" in counts["mistakes"][0]


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("by: [channel]", "by: [chanel]", ":5: by.0: connect_rate has no dimension 'chanel'"),
        ("by: [channel]", "by: [agent]", "connect_rate by these dimensions is not kept by hour"),
        ("grain: hour", "grain: minute", "not kept by minute. Known: hour, day, week, month"),
        ("metric: connect_rate", "metric: roas", "mode: roas is a ratio of two sums"),
        ("grain: hour", "grain: hour\nwhere: {shift: a}", "connect_rate has no dimension 'shift'"),
    ],
)
def test_what_the_catalogue_cannot_answer_is_told(home, tmp_path: Path, good, bad, told):
    path = tmp_path / "made-drop.yml"
    path.write_text(RULE.replace(good, bad, 1), encoding="utf-8")
    (file,) = load_rules([path])
    (misfit,) = find_misfits(file, load_catalog(home))
    assert told in str(misfit)


def test_the_commands_say_what_would_have_been_sent(home, monkeypatch):
    from typer.testing import CliRunner

    from leadloop.rules.commands import app

    change(home, TWO_CAMPAIGNS, FAULT)
    monkeypatch.setenv("LEADLOOP_HOME", str(home.home.root))
    monkeypatch.setenv("LEADLOOP_CONFIG", str(home.config))
    run = CliRunner().invoke
    result = run(app, ["backtest", "made-drop", "--days", "7", "--json", "-"])
    assert result.exit_code == 0, result.output
    (counts,) = json.loads(result.stdout)
    # Two channels, three hours, seven days; all have 50 dials or 100.
    assert (counts["rule"], counts["guarded"], counts["windows"]) == ("made-drop", 1, 42)
    assert (counts["naive"], counts["skipped_for_sample"]) == (6, 0)
    listed = json.loads(run(app, ["list", "--json", "-"]).stdout)
    states = {row["id"]: row["state"] for row in listed}
    assert states["made-drop"] == "active"
    assert states["low-connect"].startswith("expired")
    assert run(app, ["test"]).exit_code == 0
    assert run(app, ["check"]).exit_code == 0
    bad = home.config / "rules" / "made-drop.yml"
    bad.write_text(RULE.replace("connect_rate", "conect_rate"), encoding="utf-8")
    assert run(app, ["check"]).exit_code == 2
    assert run(app, ["test"]).exit_code == 1
    assert isinstance(run(app, ["backtest", "nobody"]).exception, UsageError)


def test_a_rule_by_agent_is_answered_by_the_agents_own_mart(home, tmp_path: Path):
    path = tmp_path / "made-drop.yml"
    text = RULE.replace("[channel]", "[agent]").replace("grain: hour", "grain: day")
    path.write_text(text, encoding="utf-8")
    (file,) = load_rules([path])
    with open_metrics(home) as metrics:
        assert find_misfits(file, metrics.catalog) == []


KILLED = """
import sys
from datetime import datetime
from leadloop.rules.decide import decide_day
from leadloop.settings import load_settings
print("ready", flush=True)
sys.stdin.readline()
decide_day(load_settings(), sys.argv[1], datetime.fromisoformat(sys.argv[2]))
"""


def test_killed_at_any_point_the_rows_are_those_of_an_undisturbed_day(home, tmp_path):
    """Seven kills between the first reading of the marts and the last row, then a whole run."""
    change(home, TWO_CAMPAIGNS, FAULT)
    tables = (ledger.alerts, ledger.actions, ledger.outbox)
    calm = replace(home, operations_url=f"sqlite:///{tmp_path / 'calm.db'}")
    began = time.monotonic()
    decide_day(calm, DAY, NOON)
    seconds = time.monotonic() - began

    environment = {
        **os.environ,
        "LEADLOOP_HOME": str(home.home.root),
        "LEADLOOP_CONFIG": str(home.config),
        "LEADLOOP_OPERATIONS_URL": home.operations_url,
    }
    command = [sys.executable, "-c", KILLED, DAY, NOON.isoformat()]
    generator, killed = random.Random(5), 0
    for number in range(7):
        process = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with process:
            assert process.stdin is not None
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            process.stdin.write("\n")
            process.stdin.flush()
            time.sleep(seconds * (number + generator.random()) / 4)
            killed += process.poll() is None
            process.kill()
    assert killed
    done = subprocess.run(command, env=environment, input="\n", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

    def show(settings, table):
        moments = {"proposed_at", "created_at", "first_seen_at", "last_seen_at"}
        rows = read(settings, table)
        return [{name: row[name] for name in row if name not in moments} for row in rows]

    for table in tables:
        assert show(home, table) == show(calm, table)
        assert len(read(home, table)) == 1
