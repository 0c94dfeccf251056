"""`leadloop actions`: what people see and decide at the command line."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from leadloop import ledger, opstore
from leadloop.acting import act_day
from leadloop.actions import ActionError
from leadloop.cli import app

DAY = "2026-03-31"


def run(*words: str) -> str:
    done = CliRunner().invoke(app, ["actions", *words], catch_exceptions=False)
    assert done.exit_code == 0
    return done.output


@pytest.fixture
def proposed(settings, made, missed):
    """A plan for forty numbers and one abroad, gated and waiting."""
    made.publish(settings, [*missed, made.dial("f", "31 15:00", phone_region="FR")])
    made.propose(settings, target_id="[bold]short_video")
    act_day(settings, DAY)
    return settings


def test_the_list_shows_what_waits_and_what_the_gate_says(proposed):
    (row,) = json.loads(run("list", "--json", "-"))
    assert (row["action_id"], row["state"]) == ("act-1", "proposed")
    shown = run("list", "--state", "proposed")
    assert "调整明日外呼时段" in shown
    assert "channel [bold]short_video" in shown
    assert "1 of 41 will be skipped: 1 by no-pack." in shown
    assert json.loads(run("list", "--state", "sent", "--json", "-")) == []


def test_an_action_is_shown_with_who_is_skipped_and_why(proposed):
    shown = run("show", "act")
    assert "1 of 41 will be skipped: 1 by no-pack." in shown
    assert "No compliance pack is for numbers of FR." in shown
    # A name that looks like markup is shown as it is.
    assert "[bold]short_video" in shown


def test_what_is_approved_at_the_command_line_is_sent_and_shown_as_sent(proposed):
    said = run("approve", "act-1", "--as", "li")
    assert "act-1 is approved." in said
    assert "Now it is sent." in said
    assert "was decided before by li" in run("reject", "act-1", "--as", "wang")
    shown = run("show", "act-1")
    assert "dialler.drop: sent after 1: written to out/drop/" in shown
    assert "state: sent   decided by: li" in shown


def test_a_proposal_that_is_not_gated_yet_is_gated_and_shown_before_it_is_approved(
    settings, made, missed
):
    made.publish(settings, missed)
    made.propose(settings)
    said = CliRunner().invoke(app, ["actions", "approve", "act-1"])
    assert said.exit_code == 1
    assert "0 of 40 will be skipped." in said.output
    assert "look at it, then approve it again" in said.output
    assert opstore.find(settings, ledger.actions, "act-1")["state"] == "proposed"
    assert "Now it is sent." in run("approve", "act-1")


def test_a_rejection_is_kept(proposed):
    assert "act-1 is rejected." in run("reject", "act-1", "--as", "li")
    assert opstore.find(proposed, ledger.actions, "act-1")["state"] == "rejected"


def test_sending_says_when_nothing_is_due(proposed):
    assert run("send") == "Nothing is due.\n"
    assert json.loads(run("send", "--json", "-")) == {}


def test_an_unknown_action_is_refused_by_name(settings):
    with pytest.raises(ActionError, match="'act-9' is no action; `leadloop actions list`"):
        run("show", "act-9")
