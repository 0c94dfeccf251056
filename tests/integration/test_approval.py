"""Approval under a real Airflow: API, page and command line decide on one row, once."""

import hashlib
import urllib.error
from datetime import timedelta

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from leadloop import ledger, opstore
from leadloop.acting import act_day
from leadloop.actions.approvals import TASK
from leadloop.cli import app


def propose(settings, name):
    """A reminder that waits for a person; its id is new in each run of the tests."""
    action_id = hashlib.sha256(f"{name} {opstore.now()}".encode()).hexdigest()[:32]
    row = {
        "action_id": action_id,
        "alert_id": None,
        "type": "remind_compliance",
        "payload": {"agent_id": name, "day": "2026-01-11", "value": 0.1},
        "target_type": "agent",
        "target_id": name,
        "mode": "approve",
        "state": "proposed",
        "proposed_at": opstore.now(),
        "gate": {},
        "idempotency_key": action_id,
        "expires_at": opstore.now() + timedelta(days=3),
    }
    opstore.append(settings, ledger.actions, [row])
    return action_id


def find(settings, action_id):
    return opstore.find(settings, ledger.actions, action_id)


def read(settings, table, action_id):
    return opstore.read(settings, sa.select(table).where(table.c.action_id == action_id))


def ask(stack, name):
    """Have the day's act step gate a proposal and start the run that waits for an answer."""
    action_id = propose(stack.settings, name)
    run_id = f"approval__{action_id}"

    def is_asked():
        # A DAG that Airflow has not read yet is asked for again; `delivery` may be first.
        act_day(stack.settings, "2026-01-11")
        runs = stack.call("GET", "/api/v2/dags/approval/dagRuns?limit=100")["dag_runs"]
        return any(run["dag_run_id"] == run_id for run in runs)

    stack.wait_until(is_asked)
    stack.wait_until(lambda: stack.read_tasks("approval", run_id).get(TASK) == "awaiting_input")
    # Airflow notices a pause some five seconds late, and asks again if the answer came before.
    stack.settle()
    stack.settle()
    stack.wait_until(lambda: stack.read_tasks("approval", run_id).get(TASK) == "awaiting_input")
    return action_id, run_id


def answer(stack, run_id, option):
    path = f"/api/v2/dags/approval/dagRuns/{run_id}/taskInstances/{TASK}/-1/hitlDetails"
    return stack.call("PATCH", path, {"chosen_options": [option], "params_input": {}})


def run_command(stack, *words):
    environment = {
        "LEADLOOP_HOME": str(stack.settings.home.root),
        "LEADLOOP_PORT": str(stack.settings.airflow_port),
    }
    done = CliRunner().invoke(app, ["actions", *words], env=environment, catch_exceptions=False)
    assert done.exit_code == 0
    return " ".join(done.output.split())


def test_an_approval_over_the_api_holds_and_is_carried_out_once(stack):
    action_id, run_id = ask(stack, "A201")
    (detail,) = (
        item
        for item in stack.call("GET", "/api/v2/dags/approval/dagRuns/~/hitlDetails")["hitl_details"]
        if item["task_instance"]["dag_run_id"] == run_id
    )
    assert detail["subject"] == "合规提醒 · Compliance reminder: A201"
    assert "0 of 1 will be skipped." in detail["body"]
    # Asking again starts no second run.
    assert "asked" not in act_day(stack.settings, "2026-01-11")

    answer(stack, run_id, "Approve")
    assert stack.wait_for_run("approval", run_id) == "success"
    assert set(stack.read_tasks("approval", run_id).values()) == {"success"}
    (entry,) = read(stack.settings, ledger.approvals, action_id)
    assert (entry["decision"], entry["decided_via"], entry["decided_by"]) == (
        "approved",
        "airflow",
        "admin",
    )
    assert find(stack.settings, action_id)["state"] == "sent"
    (message,) = read(stack.settings, ledger.outbox, action_id)
    assert (message["state"], message["attempts"]) == ("sent", 1)
    (effect,) = read(stack.settings, ledger.effects, action_id)
    assert effect["verdict"] == "cannot be measured"

    said = run_command(stack, "approve", action_id)
    assert f"{action_id} was decided before by admin on" in said
    assert "it is sent" in said
    assert len(read(stack.settings, ledger.approvals, action_id)) == 1
    with pytest.raises(urllib.error.HTTPError):
        answer(stack, run_id, "Reject")


def test_a_rejection_over_the_api_skips_what_would_carry_it_out(stack):
    action_id, run_id = ask(stack, "A202")
    answer(stack, run_id, "Reject")
    assert stack.wait_for_run("approval", run_id) == "success"
    assert stack.read_tasks("approval", run_id)["carry_out"] == "skipped"
    assert find(stack.settings, action_id)["state"] == "rejected"
    assert read(stack.settings, ledger.outbox, action_id) == []


def test_the_command_line_decides_and_closes_the_waiting_task(stack):
    action_id, run_id = ask(stack, "A203")
    said = run_command(stack, "approve", action_id[:10], "--as", "li")
    assert f"{action_id} is approved." in said
    assert "Now it is sent." in said
    assert stack.wait_for_run("approval", run_id) == "success"
    (entry,) = read(stack.settings, ledger.approvals, action_id)
    assert (entry["decided_by"], entry["decided_via"]) == ("li", "cli")
    (message,) = read(stack.settings, ledger.outbox, action_id)
    assert (message["state"], message["attempts"]) == ("sent", 1)


def test_a_proposal_that_expires_closes_its_waiting_task(stack):
    action_id, run_id = ask(stack, "A204")
    change = {"expires_at": opstore.now() - timedelta(days=900)}
    opstore.compare_and_set(stack.settings, ledger.actions, action_id, {}, change)
    assert act_day(stack.settings, "2026-01-11")["closed"] == 1
    assert stack.wait_for_run("approval", run_id) == "success"
    assert find(stack.settings, action_id)["state"] == "expired"
    assert read(stack.settings, ledger.approvals, action_id) == []
