"""Between two days: what is approved goes out at once, what was held goes out at its time."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient

from leadloop import ledger, opstore
from leadloop.acting import act_day, deliver_due
from leadloop.actions import approvals
from leadloop.actions.outbox import queue_message
from leadloop.web.app import create_app
from leadloop.web.viewers import Viewer

DAY = "2026-03-31"


def read(settings, table):
    return opstore.read(settings, sa.select(table))


@pytest.fixture
def proposed(settings, made, missed):
    """A proposal that has passed the gate and waits."""
    made.publish(settings, missed)
    made.propose(settings)
    act_day(settings, DAY)
    return settings


def test_an_approval_on_the_board_is_delivered_without_another_cycle(proposed):
    app = create_app(proposed, lambda: Viewer("wang", may_decide=True))
    with TestClient(app, base_url="http://127.0.0.1:8090") as board:
        headers = {"Origin": "http://127.0.0.1:8090"}
        answer = board.post("/api/actions/act-1/approve", headers=headers)
        assert answer.status_code == 200, answer.text
        again = board.post("/api/actions/act-1/approve", headers=headers)
    assert again.status_code == 409
    row = opstore.find(proposed, ledger.actions, "act-1")
    assert (row["state"], row["decided_by"]) == ("sent", "wang")
    (file,) = (proposed.home.out / "drop").glob("*.csv")
    assert len(file.read_text(encoding="utf-8").splitlines()) == 1 + 40
    (message,) = read(proposed, ledger.outbox)
    assert (message["state"], message["attempts"]) == ("sent", 1)


def test_an_approval_whose_process_died_is_delivered_by_the_next_round(proposed):
    # The row is decided, and nothing else has happened.
    approvals.decide(proposed, "act-1", "approved", ("li", "cli"))
    assert deliver_due(proposed)["sent"] == 1
    assert opstore.find(proposed, ledger.actions, "act-1")["state"] == "sent"
    assert deliver_due(proposed) == {}


def test_a_held_message_goes_out_after_its_time_and_not_before(settings):
    until = opstore.now() + timedelta(hours=6)
    body = {"subject": "held", "text": "held"}
    row = {"channel": "mail", "body": body, "alert_id": "alert-1", "next_attempt_at": until}
    queue_message(settings, "mail.ops", "held", row)
    assert deliver_due(settings) == {}
    assert not (settings.home.out / "mail").exists()
    (message,) = read(settings, ledger.outbox)
    change = {"next_attempt_at": opstore.now() - timedelta(seconds=1)}
    opstore.compare_and_set(settings, ledger.outbox, message["message_id"], {}, change)
    assert deliver_due(settings) == {"sent": 1}
    assert deliver_due(settings) == {}
    assert len(list((settings.home.out / "mail").glob("*.eml"))) == 1
