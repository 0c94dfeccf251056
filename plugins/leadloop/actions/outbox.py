"""The outbox: what is to be sent is a row first, and goes out at least once, always by one key.

queued -> sending -> sent, or failed (tried again later) or dead (given up). One sender works at a
time: a row that it finds in `sending` was left by a sender that died, and is sent again with the
same key. Beyond 20 messages a minute a target gets one digest, as it does of what was held for the
same moment (`data.digest` of a body). Neighbour: `executors`.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from filelock import FileLock, Timeout

from leadloop import opstore
from leadloop.actions import ActionError
from leadloop.actions.connections import Csv, find_connection
from leadloop.actions.executors import Message, deliver
from leadloop.errors import LeadloopError
from leadloop.ledger import actions, outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.settings import Settings

    # Gives the body of an action's message as it may be sent now, or None if nothing may.
    Refresh = Callable[[dict[str, Any]], dict[str, Any] | None]

PER_MINUTE = 20
MAX_ATTEMPTS = 8
FIRST_DELAY = 30.0
LONGEST_DELAY = 3600.0
LOCK_SECONDS = 20.0
DIGEST = "in digest "
_MINUTE = timedelta(seconds=60)


def make_key(dedupe_key: str) -> str:
    """Return the key that every try of a message carries, fit for any header.

    >>> make_key("low-connect:抖音:2026-03-31")
    'b68648708926a58cb69ce39cf3579250'
    """
    return hashlib.sha256(dedupe_key.encode()).hexdigest()[:32]


def queue_message(
    store: Settings | sa.Connection, target: str, dedupe_key: str, row: dict[str, Any]
) -> bool:
    """Add a message unless its dedupe key is there; return whether it was new.

    `row` holds the channel, the body and what it belongs to (action_id or alert_id).
    """
    message = {
        "message_id": make_key(dedupe_key),
        "target": target,
        "dedupe_key": dedupe_key,
        "state": "queued",
        "attempts": 0,
        "created_at": opstore.now(),
        **row,
    }
    return opstore.insert_new(store, outbox, message)


def drain(
    settings: Settings,
    refresh: Refresh | None = None,
    *,
    seconds: float = 60.0,
    random: Random | None = None,
) -> dict[str, int]:
    """Send what is due until nothing is, or time is up; return how many ended in each state.

    Where another sender is at work nothing is done: that one sends these rows too.
    """
    lock = FileLock(settings.home.run / "outbox.lock")
    settings.home.run.mkdir(parents=True, exist_ok=True)
    ended: Counter[str] = Counter()
    deadline = time.monotonic() + seconds
    try:
        with lock.acquire(timeout=LOCK_SECONDS):
            sender = Sender(settings, refresh, random or Random())  # noqa: S311
            sender.recover()
            while rows := sender.list_due():
                sender.send_round(rows, ended, deadline)
                if time.monotonic() > deadline:
                    break
    except Timeout:
        ended["busy"] += 1
    return dict(ended)


class Sender:
    """The one that sends; it holds the outbox's lock."""

    def __init__(self, settings: Settings, refresh: Refresh | None, random: Random) -> None:
        self._settings = settings
        self._refresh = refresh
        self._random = random

    def recover(self) -> int:
        """Queue again what a sender that died had begun; return how many."""
        # Members of a digest have no time of their own: their digest is sent again.
        left = sa.update(outbox).where(
            outbox.c.state == "sending", outbox.c.next_attempt_at.is_not(None)
        )
        with opstore.transaction(self._settings) as connection:
            return connection.execute(left.values(state="queued")).rowcount

    def list_due(self) -> list[dict[str, Any]]:
        """Return the rows to be tried now, the oldest first."""
        due = sa.or_(outbox.c.next_attempt_at.is_(None), outbox.c.next_attempt_at <= opstore.now())
        query = sa.select(outbox).where(outbox.c.state.in_(("queued", "failed")), due)
        return opstore.read(
            self._settings, query.order_by(outbox.c.created_at, outbox.c.dedupe_key)
        )

    def send_round(self, rows: list[dict[str, Any]], ended: Counter[str], deadline: float) -> None:
        """Try every row once, target by target, within each target's measure of a minute."""
        for target in dict.fromkeys(row["target"] for row in rows):
            mine = self._join_held(target, [row for row in rows if row["target"] == target])
            for row in self._measure(target, mine):
                if time.monotonic() > deadline:
                    return
                ended[self._send(row)] += 1

    def _join_held(self, target: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows with those that were held for the same moment joined to one."""
        held: dict[str, list[dict[str, Any]]] = {}
        for row in rows:
            if (name := (row["body"].get("data") or {}).get("digest")) and not row["action_id"]:
                held.setdefault(name, []).append(row)
        groups = [group for group in held.values() if len(group) > 1]
        joined = [row["message_id"] for group in groups for row in group]
        kept = [row for row in rows if row["message_id"] not in joined]
        return kept + [self._join(target, group) for group in groups]

    def _measure(self, target: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return what may go out now; the rest is joined to a digest or waits a minute."""
        try:
            if isinstance(find_connection(self._settings, target), Csv):
                return rows
        except ActionError:
            return rows
        room = PER_MINUTE - self._count_last_minute(target)
        if len(rows) <= room:
            return rows
        now, later = rows[: max(0, room - 1)], rows[max(0, room - 1) :]
        # A plan for a dialler is never joined to others, nor is a digest that failed before.
        is_single = [row["action_id"] is None and "members" not in row["body"] for row in later]
        joined = [row for row, single in zip(later, is_single, strict=True) if single and room > 0]
        waiting = [row for row in later if row not in joined]
        for row in waiting:
            self._set(row, ("queued", "failed"), next_attempt_at=opstore.now() + _MINUTE)
        return now + ([self._join(target, joined)] if joined else [])

    def _count_last_minute(self, target: str) -> int:
        query = (
            sa.select(sa.func.count())
            .select_from(outbox)
            .where(
                outbox.c.target == target,
                outbox.c.sent_at > opstore.now() - _MINUTE,
                sa.or_(outbox.c.last_answer.is_(None), ~outbox.c.last_answer.startswith(DIGEST)),
            )
        )
        with opstore.transaction(self._settings) as connection:
            return int(connection.execute(query).scalar_one())

    def _join(self, target: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
        """Return a digest of messages, which then are on their way with it."""
        ids = [row["message_id"] for row in rows]
        dedupe_key = f"digest:{make_key(chr(10).join(ids))}"
        lines = [f"{row['body'].get('subject', '')}\n{row['body'].get('text', '')}" for row in rows]
        body = {
            "subject": f"{len(rows)} 条消息汇总 · digest of {len(rows)} messages",
            "text": "\n\n".join(lines),
            "members": ids,
        }
        given = {"channel": rows[0]["channel"], "body": body}
        with opstore.transaction(self._settings) as connection:
            queue_message(connection, target, dedupe_key, given)
            members = sa.update(outbox).where(outbox.c.message_id.in_(ids))
            connection.execute(
                members.values(
                    state="sending",
                    next_attempt_at=None,
                    last_answer=DIGEST + make_key(dedupe_key),
                )
            )
        digest = opstore.find(self._settings, outbox, make_key(dedupe_key))
        assert digest is not None  # noqa: S101
        return digest

    def _send(self, row: dict[str, Any]) -> str:
        """Try one message; return the state it ends in."""
        begun = {"state": "sending", "attempts": row["attempts"] + 1}
        if not self._set(row, ("queued", "failed"), **begun, next_attempt_at=opstore.now()):
            return "taken"
        row = {**row, **begun}
        body = row["body"]
        if row["action_id"] is not None and self._refresh is not None:
            try:
                fresh = self._refresh(row)
            except LeadloopError as error:
                return self._postpone(row, str(error))
            if fresh is None:
                return self._end(row, "dead", "Nothing of it may be sent any more.", "denied")
            body = fresh
            self._set(row, ("sending",), body=body)
        try:
            connection = find_connection(self._settings, row["target"])
        except ActionError as error:
            return self._end(row, "dead", str(error), "failed")
        answer = deliver(self._settings, row["target"], connection, read_message(row, body))
        if answer.is_ok:
            return self._end(row, "sent", answer.text, "sent")
        if answer.is_final or row["attempts"] >= MAX_ATTEMPTS:
            return self._end(row, "dead", answer.text, "failed")
        return self._postpone(row, answer.text)

    def _postpone(self, row: dict[str, Any], answer: str) -> str:
        delay = min(LONGEST_DELAY, FIRST_DELAY * 2 ** (row["attempts"] - 1))
        # Many that failed together must not come back together.
        wait = timedelta(seconds=delay * self._random.uniform(0.5, 1.5))
        self._set(
            row,
            ("sending",),
            state="failed",
            last_answer=answer,
            next_attempt_at=opstore.now() + wait,
        )
        return "failed"

    def _end(self, row: dict[str, Any], state: str, answer: str, action_state: str) -> str:
        """Write the end of a message, of the messages that it joins, and of its action."""
        moment = opstore.now()
        done: dict[str, Any] = {"state": state, "next_attempt_at": None}
        done["sent_at"] = moment if state == "sent" else None
        with opstore.transaction(self._settings) as connection:
            opstore.compare_and_set(
                connection,
                outbox,
                row["message_id"],
                {"state": "sending"},
                {**done, "last_answer": answer},
            )
            if members := row["body"].get("members"):
                joined = sa.update(outbox).where(outbox.c.message_id.in_(members))
                connection.execute(joined.values(done))
            if row["action_id"] is not None:
                opstore.compare_and_set(
                    connection,
                    actions,
                    row["action_id"],
                    {"state": "approved"},
                    {"state": action_state},
                )
        return state

    def _set(self, row: dict[str, Any], states: tuple[str, ...], **change: Any) -> bool:
        return any(
            opstore.compare_and_set(
                self._settings, outbox, row["message_id"], {"state": state}, change
            )
            for state in states
        )


def read_message(row: dict[str, Any], body: dict[str, Any]) -> Message:
    """Return the message of an outbox row, with the key that all its tries carry."""
    return Message(
        key=make_key(row["dedupe_key"]),
        subject=str(body.get("subject") or "leadloop"),
        text=str(body.get("text") or ""),
        name=str(body.get("name") or "message"),
        columns=tuple(body.get("columns") or ()),
        rows=tuple(tuple(item) for item in body.get("rows") or ()),
        data=dict(body.get("data") or {}),
    )


def resend(settings: Settings, beginning: str = "") -> list[dict[str, Any]]:
    """Queue given-up messages again, and let their actions go on; return what they were.

    `beginning` is that of a message's or an action's id; without it all are queued. They keep
    their keys: a receiver that had one after all carries it out once.
    """
    lost = [
        row
        for row in list_dead(settings)
        if row["message_id"].startswith(beginning)
        or (row["action_id"] or "").startswith(beginning or " ")
    ]
    again = {"state": "queued", "attempts": 0, "next_attempt_at": None, "last_answer": None}
    with opstore.transaction(settings) as connection:
        for row in lost:
            key = row["message_id"]
            opstore.compare_and_set(connection, outbox, key, {"state": "dead"}, again)
            if row["action_id"] is not None:
                failed, approved = {"state": "failed"}, {"state": "approved"}
                opstore.compare_and_set(connection, actions, row["action_id"], failed, approved)
    return lost


def list_dead(settings: Settings) -> list[dict[str, Any]]:
    """Return what was given up, the oldest first; members of a digest go with it."""
    query = sa.select(outbox).where(outbox.c.state == "dead")
    rows = opstore.read(settings, query.order_by(outbox.c.created_at, outbox.c.message_id))
    return [row for row in rows if not (row["last_answer"] or "").startswith(DIGEST)]
