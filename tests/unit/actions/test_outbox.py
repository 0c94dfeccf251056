"""The outbox: measured by the minute, joined to digests, repeated by one key."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.actions import ActionError, connections, outbox
from leadloop.actions.assignment import assign, draw
from leadloop.actions.executors import Message, build_mail, render_csv


def queue(settings, key, target="mail.ops", **body):
    content = {"subject": f"alert {key}", "text": f"words of {key}", **body}
    row = {"channel": "mail", "body": content, "alert_id": key}
    return outbox.queue_message(settings, target, key, row)


def read(settings):
    return opstore.read(settings, sa.select(ledger.outbox).order_by(ledger.outbox.c.dedupe_key))


def list_mails(settings):
    files = (settings.home.out / "mail").glob("*.eml")
    return [file.read_text(encoding="utf-8") for file in files]


def test_a_message_is_queued_once_for_each_key(settings):
    assert queue(settings, "a")
    assert not queue(settings, "a")
    assert len(read(settings)) == 1


def test_more_than_twenty_a_minute_become_a_digest_that_loses_nothing(settings):
    for number in range(25):
        queue(settings, f"{number:02}")
    # Nineteen by themselves, one digest of six.
    assert outbox.drain(settings) == {"sent": 20}
    assert len(list_mails(settings)) == 20
    rows = read(settings)
    assert {row["state"] for row in rows} == {"sent"}
    joined = [row for row in rows if row["last_answer"].startswith(outbox.DIGEST)]
    assert len(joined) == 6
    (digest,) = (row for row in rows if row["dedupe_key"].startswith("digest:"))
    for row in joined:
        assert row["body"]["text"] in digest["body"]["text"]
    queue(settings, "one too many")
    assert outbox.drain(settings) == {}
    (late,) = (row for row in read(settings) if row["state"] == "queued")
    assert timedelta(seconds=50) < late["next_attempt_at"] - opstore.now() < timedelta(seconds=61)


def test_a_plan_for_a_dialler_is_neither_joined_nor_measured(settings):
    for number in range(25):
        queue(settings, f"{number:02}", target="dialler.drop")
    assert outbox.drain(settings) == {"sent": 25}
    assert len(list((settings.home.out / "drop").glob("*.csv"))) == 25


def test_what_was_held_for_the_same_moment_goes_out_as_one(settings):
    for number in range(3):
        queue(settings, f"night {number}", data={"digest": "mail.ops/08:30"})
    queue(settings, "day")
    assert outbox.drain(settings) == {"sent": 2}
    (digest,) = (mail for mail in list_mails(settings) if "digest of 3 messages" in mail)
    assert "Subject:" in digest
    assert {row["state"] for row in read(settings)} == {"sent"}


def test_a_message_held_till_later_stays(settings):
    queue(settings, "a")
    later = {"next_attempt_at": opstore.now() + timedelta(hours=1)}
    opstore.compare_and_set(settings, ledger.outbox, outbox.make_key("a"), {}, later)
    assert outbox.drain(settings) == {}


def test_what_a_dead_sender_left_is_sent_again(settings):
    queue(settings, "a")
    begun = {"state": "sending", "attempts": 1, "next_attempt_at": opstore.now()}
    opstore.compare_and_set(settings, ledger.outbox, outbox.make_key("a"), {}, begun)
    assert outbox.drain(settings) == {"sent": 1}
    (row,) = read(settings)
    assert row["attempts"] == 2
    assert f"<{outbox.make_key('a')}@leadloop>" in list_mails(settings)[0]


def test_a_connection_that_is_not_there_is_said_in_the_answer(settings):
    queue(settings, "a", target="pigeon.post")
    assert outbox.drain(settings) == {"dead": 1}
    assert "There is no connection 'pigeon.post'" in read(settings)[0]["last_answer"]
    assert "mail.ops" in read(settings)[0]["last_answer"]


def test_what_was_given_up_can_be_sent_again_by_the_same_key(settings):
    body = {"subject": "s", "text": "t"}
    outbox.queue_message(settings, "gone.hook", "one", {"channel": "webhook", "body": body})
    outbox.queue_message(settings, "gone.hook", "two", {"channel": "webhook", "body": body})
    assert outbox.drain(settings) == {"dead": 2}
    with opstore.transaction(settings) as connection:
        connection.execute(sa.update(ledger.outbox).values(target="mail.ops"))
    (row,) = outbox.resend(settings, outbox.make_key("one")[:8])
    assert row["dedupe_key"] == "one"
    assert outbox.drain(settings) == {"sent": 1}
    (mail,) = (settings.home.out / "mail").glob("*.eml")
    assert mail.stem == outbox.make_key("one")
    assert [row["dedupe_key"] for row in outbox.resend(settings)] == ["two"]
    assert outbox.resend(settings) == []


def test_a_hostile_subject_makes_no_header_of_its_own(settings):
    connection = connections.find_connection(settings, "mail.ops")
    message = Message("k", "low\r\nBcc: thief@example.com", "words")
    mail = build_mail(connection, message)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "low Bcc: thief@example.com"


def test_a_plan_carries_its_key_on_each_row():
    message = Message("k", "s", "t", columns=("a", "b"), rows=(("1", 'x,"y'), (None, "=2")))
    assert render_csv(message).split("\r\n") == [
        "idempotency_key,a,b",
        'k,1,"x,""y"',
        "k,,'=2",
        "",
    ]


def test_the_shipped_connections_send_nothing_off_the_machine(settings):
    shipped = connections.load_connections(settings)
    assert all(getattr(item, "folder", None) for item in shipped.connections.values())
    assert set(shipped.deliver) == set(connections.TYPES)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        pytest.param("a.b: {kind: csv, folder: ../up}", "String should match pattern", id="folder"),
        pytest.param(
            "a.b: {kind: mail, to: [x], sender: y@z}", "exactly one of folder, host", id="mail"
        ),
        pytest.param(
            "a.b: {kind: mail, to: [x], sender: y@z, host: h, user: u}",
            "never goes over an open line",
            id="open line",
        ),
        pytest.param('a.b: {kind: webhook, url: "http://me:pw@h/"}', "match pattern", id="secret"),
    ],
)
def test_a_connection_that_would_do_harm_is_refused(settings, tmp_path, monkeypatch, text, mistake):
    from leadloop.settings import load_settings

    (tmp_path / "connections.yml").write_text(f"connections:\n  {text}\n", encoding="utf-8")
    monkeypatch.setenv("LEADLOOP_CONFIG", str(tmp_path))
    with pytest.raises(ActionError, match=mistake):
        connections.load_connections(load_settings())


@pytest.mark.parametrize(
    ("host", "is_refused"),
    [("127.0.0.1", False), ("::1", False), ("localhost", False), ("crm.example.com", True)],
)
def test_the_demo_stays_on_this_machine(settings, host, is_refused):
    assert (connections.refuse_far_host(settings, host) is not None) is is_refused


def test_about_the_share_is_held_out_and_nobody_is_drawn_twice(settings):
    units = [f"lead-{number}" for number in range(5000)]
    arms = [draw(b"key of the tests", "spring", unit, 0.1)[0] for unit in units]
    # 500 expected, spread 21.
    assert 400 < arms.count("holdout") < 600
    again = [draw(b"key of the tests", "spring", unit, 0.1)[0] for unit in units]
    other = [draw(b"key of the tests", "summer", unit, 0.1)[0] for unit in units]
    assert again == arms
    assert other != arms


def test_a_stored_arm_outlives_its_key_and_its_share(settings):
    experiment = {"name": "spring", "action_type": "smart_redial", "share": 0.5}
    first = assign(settings, b"one key", experiment, ["a", "b", "c", "d"])
    second = assign(settings, b"another key", {**experiment, "share": 0.0}, ["a", "b", "c", "d"])
    assert first == second
