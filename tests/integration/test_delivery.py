"""Delivery for real: a receiver and a mail server of their own, senders and receivers killed.

Whatever dies in between, each key has exactly one effect, repeats carry the same key, nothing is
lost. The mail server is a few lines on a socket; the receiver is the one in examples/.
"""

from __future__ import annotations

import logging
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter

import pytest
import sqlalchemy as sa
import yaml

from leadloop import ledger, opstore
from leadloop.actions import outbox
from leadloop.actions.executors import sign
from leadloop.settings import PROJECT_ROOT, load_settings

RECEIVER = PROJECT_ROOT / "examples" / "receiver" / "receiver.py"
KILLS = 10
WAITING = 4
log = logging.getLogger(__name__)


@pytest.fixture
def mail_server(open_mail_server):
    with open_mail_server() as server:
        yield server


@pytest.fixture
def receiver(settings, tmp_path, make_receiver):
    made = make_receiver(settings, tmp_path)
    made.start()
    yield made
    made.kill()


@pytest.fixture
def connected(settings, receiver, mail_server, tmp_path, monkeypatch):
    """Settings whose reminders go to the mail server and whose alerts go to the receiver."""
    config = tmp_path / "config"
    config.mkdir()
    mail = {
        "kind": "mail",
        "to": ["ops@example.com"],
        "sender": "loop@example.com",
        "host": "127.0.0.1",
        "port": mail_server.server_address[1],
    }
    hook = {"kind": "webhook", "url": f"http://127.0.0.1:{receiver.port}/dialler"}
    content = {
        "connections": {
            "mail.ops": mail,
            "mail.nobody": {**mail, "to": ["nobody@example.com"]},
            "mail.some": {**mail, "to": ["nobody@example.com", "ops@example.com"]},
            "dialler.hook": hook,
            "far.hook": {"kind": "webhook", "url": "https://crm.example.com/hook"},
        },
        "deliver": {"remind_compliance": "dialler.hook"},
    }
    (config / "connections.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    monkeypatch.setenv("LEADLOOP_CONFIG", str(config))
    return load_settings()


def queue(settings, target, key, text="words"):
    row = {"channel": "any", "body": {"subject": f"抖音 {key}", "text": text}}
    outbox.queue_message(settings, target, key, row)


def read(settings, table=ledger.outbox):
    return opstore.read(settings, sa.select(table))


def test_the_receiver_wants_the_signature_and_a_fresh_time(settings, receiver):
    body = b'{"key": "k1", "rows": []}'
    now = str(int(time.time()))
    key = {"Idempotency-Key": "k1"}
    good = sign(receiver.secret.encode(), now, body)
    stamped = {**key, "X-Leadloop-Timestamp": now}
    assert receiver.post(body, **stamped)[0] == 401
    assert receiver.post(body + b" ", **stamped, **{"X-Leadloop-Signature": good})[0] == 401
    old = str(int(time.time()) - 301)
    late = {"X-Leadloop-Signature": sign(receiver.secret.encode(), old, body)}
    assert receiver.post(body, **key, **{"X-Leadloop-Timestamp": old}, **late)[0] == 401
    assert receiver.get("/effects")["effects"] == []
    status, answer = receiver.post(body, **stamped, **{"X-Leadloop-Signature": good})
    assert (status, answer["repeat"]) == (200, False)
    assert receiver.post(body, **stamped, **{"X-Leadloop-Signature": good})[1]["repeat"] is True
    assert receiver.get("/effects")["repeats"] == 1
    # Under another key, which is not signed, the same content would be carried out again.
    forged = {**stamped, "Idempotency-Key": "k2", "X-Leadloop-Signature": good}
    assert receiver.post(body, **forged)[0] == 400
    assert [effect["key"] for effect in receiver.get("/effects")["effects"]] == ["k1"]


def test_a_webhook_arrives_signed_with_its_key_and_the_answer_is_kept(connected, receiver):
    queue(connected, "dialler.hook", "one")
    assert outbox.drain(connected) == {"sent": 1}
    (effect,) = receiver.get("/effects")["effects"]
    assert effect["key"] == outbox.make_key("one")
    assert effect["body"]["subject"] == "抖音 one"
    (row,) = read(connected)
    assert (row["state"], row["attempts"]) == ("sent", 1)
    assert row["last_answer"] == '200 {"errcode": 0, "errmsg": "ok", "repeat": false}'


def test_a_200_with_an_error_code_is_a_failure_and_comes_again_by_the_same_key(connected, receiver):
    receiver.kill()
    receiver.start("--refuse", "1")
    queue(connected, "dialler.hook", "one")
    before = opstore.now()
    assert outbox.drain(connected, random=random.Random(1)) == {"failed": 1}
    (row,) = read(connected)
    assert row["state"] == "failed"
    assert row["last_answer"].startswith('200 {"errcode": 310000, "errmsg": "told to refuse"')
    # The first delay is 30 s, give or take half.
    assert 14 < (row["next_attempt_at"] - before).total_seconds() < 47
    assert outbox.drain(connected) == {}
    make_due(connected)
    assert outbox.drain(connected) == {"sent": 1}
    (effect,) = receiver.get("/effects")["effects"]
    assert effect["key"] == outbox.make_key("one")


def test_a_refused_signature_is_final(connected, receiver, monkeypatch):
    monkeypatch.setenv("LEADLOOP_SECRET_DIALLER_HOOK", "another secret")
    queue(connected, "dialler.hook", "one")
    assert outbox.drain(connected) == {"dead": 1}
    (row,) = read(connected)
    assert row["last_answer"].startswith("401 ")
    assert "the signature does not fit" in row["last_answer"]


def test_mail_goes_out_with_the_key_as_its_message_id(connected, mail_server):
    queue(connected, "mail.ops", "one", "第一行\nsecond line\n.a dot")
    queue(connected, "mail.nobody", "two")
    assert outbox.drain(connected) == {"sent": 1, "dead": 1}
    (mail,) = mail_server.mails
    assert mail["Message-ID"] == f"<{outbox.make_key('one')}@leadloop>"
    assert mail.get_payload(decode=True).decode() == "第一行\r\nsecond line\r\n.a dot\r\n"
    answers = {row["target"]: row["last_answer"] for row in read(connected)}
    assert answers["mail.ops"] == "250 2.0.0 kept as number 1"
    assert answers["mail.nobody"] == "550 5.1.1 no such person"


def test_one_refused_recipient_keeps_the_mail_from_nobody_else(connected, mail_server):
    queue(connected, "mail.some", "one")
    assert outbox.drain(connected) == {"sent": 1}
    assert len(mail_server.mails) == 1
    (row,) = read(connected)
    assert row["last_answer"].endswith("; refused: nobody@example.com (550)")


def test_a_redirect_is_not_followed_and_says_where_it_led(connected, receiver):
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from threading import Thread

    class Away(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(307)
            self.send_header("Location", f"http://127.0.0.1:{receiver.port}/dialler")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Away)
    Thread(target=server.serve_forever, daemon=True).start()
    path = connected.config / "connections.yml"
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    url = f"http://127.0.0.1:{server.server_address[1]}/"
    content["connections"]["moved.hook"] = {"kind": "webhook", "url": url}
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    queue(connected, "moved.hook", "one")
    try:
        assert outbox.drain(connected) == {"dead": 1}
    finally:
        server.shutdown()
        server.server_close()
    (row,) = read(connected)
    assert row["last_answer"].startswith("307 is at http://127.0.0.1")
    assert receiver.get("/effects")["effects"] == []


def test_the_demo_company_reaches_nobody_outside_this_machine(connected):
    queue(connected, "far.hook", "one")
    assert outbox.drain(connected) == {"dead": 1}
    (row,) = read(connected)
    assert row["last_answer"].startswith("tenant_id is demo, whose people are made up")


def test_a_server_that_is_away_is_tried_again(connected, receiver):
    receiver.kill()
    queue(connected, "dialler.hook", "one")
    assert outbox.drain(connected) == {"failed": 1}
    (row,) = read(connected)
    assert "refused" in row["last_answer"]
    receiver.start()
    make_due(connected)
    assert outbox.drain(connected) == {"sent": 1}


def make_due(settings):
    with opstore.transaction(settings) as connection:
        waiting = sa.update(ledger.outbox).where(ledger.outbox.c.state == "failed")
        connection.execute(waiting.values(next_attempt_at=opstore.now()))


CODE = """
import sys
from leadloop.acting import act_day
from leadloop.actions import outbox
from leadloop.settings import load_settings
outbox.PER_MINUTE = 10_000
print(act_day(load_settings(), "2026-03-31"))
"""


class Work:
    """What is to be delivered: half reminders for the receiver, half mails."""

    def __init__(self, settings):
        self.settings = settings
        self.count = 0

    def add(self, count):
        numbers = range(self.count, self.count + count)
        opstore.append(self.settings, ledger.actions, [make_reminder(n) for n in numbers])
        for number in numbers:
            queue(self.settings, "mail.ops", f"alert {number}")
        self.count += count


def make_reminder(number):
    return {
        "action_id": f"act-{number}",
        "alert_id": f"alert-{number}",
        "type": "remind_compliance",
        "payload": {"agent_id": f"A{number:03}", "day": "2026-03-31", "value": 0.1},
        "target_type": "agent",
        "target_id": f"A{number:03}",
        "mode": "auto",
        "state": "proposed",
        "proposed_at": opstore.now(),
        "gate": {},
        "idempotency_key": f"remind/A{number:03}",
    }


def test_killed_at_any_point_each_key_has_one_effect_and_nothing_is_lost(
    connected, receiver, mail_server
):
    work = Work(connected)
    mail_server.delay = 0.2
    generator = random.Random(7)
    command = [sys.executable, "-c", CODE]

    def count():
        return len(mail_server.mails) + len(receiver.get("/effects")["effects"])

    kills = deaths = 0
    # A sender that is through before its kill comes is no kill: another round is added.
    for number in range(3 * KILLS):
        if kills == KILLS:
            break
        work.add(WAITING)
        begun = count()
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        # Some kills fall into the start and the planning, most after a few deliveries.
        deliveries = generator.choice([0, 0, 1, 2, 3])
        while deliveries and process.poll() is None and count() < begun + deliveries:
            time.sleep(0.005)
        time.sleep(generator.uniform(0, 0.06 if deliveries else 2.0))
        if number % 4 == 3:
            receiver.kill()
            receiver.start()
            deaths += 1
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            kills += 1
        process.wait()
        make_due(connected)
    for _ in range(3):
        subprocess.run(command, check=True, capture_output=True)
        make_due(connected)

    numbers = range(work.count)
    seen = receiver.get("/effects")
    wanted = {outbox.make_key(f"remind/A{number:03}:dialler.hook") for number in numbers}
    assert {effect["key"] for effect in seen["effects"]} == wanted
    assert len(seen["effects"]) == len(wanted)
    agents = {effect["body"]["agent_id"] for effect in seen["effects"]}
    assert agents == {f"A{number:03}" for number in numbers}
    mails = Counter(mail["Message-ID"] for mail in mail_server.mails)
    assert set(mails) == {f"<{outbox.make_key(f'alert {n}')}@leadloop>" for n in numbers}
    rows = read(connected)
    assert {row["state"] for row in rows} == {"sent"}
    assert len(rows) == 2 * len(numbers)
    assert {row["state"] for row in read(connected, ledger.actions)} == {"sent"}
    repeats = seen["repeats"] + sum(mails.values()) - len(mails)
    assert kills == KILLS
    # A kill, of either side, can make one message go out twice, never more.
    assert repeats <= kills + deaths
    log.info("%s kills, %s keys, one effect each, %s repeats", kills, len(rows), repeats)
