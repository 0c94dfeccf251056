"""A dialler and a CRM to try webhooks with: standard library alone, nothing is dialled.

It checks the signature of every request, carries out each idempotency key once, counts physical
repeats, and keeps both in a SQLite file, so that killing it loses nothing. See the README.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import sqlite3
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

OLDEST_SECONDS = 300
BIGGEST = 16 * 1024 * 1024
SCHEMA = """
create table if not exists effects (
    key text primary key, path text not null, body text not null, received_at real not null
);
create table if not exists deliveries (
    id integer primary key, key text not null, path text not null, received_at real not null
);
"""


class Store:
    """What was received: one effect for each key, one delivery for each request."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._open() as connection:
            connection.executescript(SCHEMA)

    def receive(self, key: str, path: str, body: str) -> bool:
        """Keep a delivery, and its effect if the key is new; return whether it was new."""
        moment = time.time()
        with self._open() as connection:
            connection.execute("begin immediate")
            connection.execute(
                "insert into deliveries (key, path, received_at) values (?, ?, ?)",
                (key, path, moment),
            )
            made = connection.execute(
                "insert or ignore into effects values (?, ?, ?, ?)", (key, path, body, moment)
            )
            connection.execute("commit")
            return made.rowcount == 1

    def summarise(self) -> dict[str, Any]:
        """Return the effects with how often each was delivered."""
        with self._open() as connection:
            rows = connection.execute(
                "select e.key, e.path, e.body, count(d.id) from effects as e "
                "left join deliveries as d using (key) group by e.key order by e.received_at"
            ).fetchall()
        effects = [
            {"key": key, "path": path, "body": json.loads(body), "deliveries": count}
            for key, path, body, count in rows
        ]
        return {"effects": effects, "repeats": sum(item["deliveries"] - 1 for item in effects)}

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        connection.execute("pragma journal_mode = wal")
        # Whoever got an answer can rely on it, power cut or not.
        connection.execute("pragma synchronous = full")
        return connection


class Receiver(BaseHTTPRequestHandler):
    """POST /dialler or /crm carries out; GET /effects shows what was carried out."""

    protocol_version = "HTTP/1.1"
    server: ReceiverServer

    def do_POST(self) -> None:
        """Check the signature, carry out the key once, answer like a chat robot."""
        size = int(self.headers.get("Content-Length") or 0)
        if size > BIGGEST:
            self._answer(413, {"errcode": 413, "errmsg": "too big"})
            return
        body = self.rfile.read(size)
        if mistake := self._find_mistake(body):
            self._answer(401, {"errcode": 401, "errmsg": mistake})
            return
        key = read_key(body)
        # The header is not signed: whoever changes it must not turn a repeat into news.
        if not key or self.headers.get("Idempotency-Key") != key:
            self._answer(400, {"errcode": 400, "errmsg": "Idempotency-Key is not the body's key"})
            return
        if self.server.refusals > 0:
            # Chat robots say no with a 200: only the body tells.
            self.server.refusals -= 1
            self._answer(200, {"errcode": 310000, "errmsg": "told to refuse"})
            return
        is_new = self.server.store.receive(key, self.path, body.decode())
        self._answer(200, {"errcode": 0, "errmsg": "ok", "repeat": not is_new})

    def do_GET(self) -> None:
        """Show the effects, or that it is alive."""
        if self.path == "/effects":
            self._answer(200, self.server.store.summarise())
        else:
            self._answer(200, {"errcode": 0, "errmsg": "a stand-in for a dialler and a CRM"})

    def log_message(self, form: str, *values: object) -> None:
        """Write one line for each request."""
        sys.stderr.write(f"{self.log_date_time_string()} {form % values}\n")

    def _find_mistake(self, body: bytes) -> str | None:
        timestamp = self.headers.get("X-Leadloop-Timestamp") or ""
        if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > OLDEST_SECONDS:
            return "the timestamp is missing or too old"
        signed = timestamp.encode() + b"." + body
        wanted = hmac.new(self.server.secret, signed, hashlib.sha256).hexdigest()
        given = self.headers.get("X-Leadloop-Signature") or ""
        if not hmac.compare_digest(given, f"sha256={wanted}"):
            return "the signature does not fit"
        return None

    def _answer(self, status: int, content: dict[str, Any]) -> None:
        body = json.dumps(content, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class ReceiverServer(ThreadingHTTPServer):
    """The server with its store, its secret and the refusals it was told to make."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, store: Store, secret: bytes, refusals: int) -> None:
        super().__init__(("127.0.0.1", port), Receiver)
        self.store = store
        self.secret = secret
        self.refusals = refusals


def read_key(body: bytes) -> str:
    """Return the key inside the signed body; empty where it has none."""
    try:
        content = json.loads(body)
    except ValueError:
        return ""
    return str(content.get("key") or "") if isinstance(content, dict) else ""


def read_secret() -> bytes:
    """Return the secret that requests are signed with, from the environment or a file."""
    if value := os.environ.get("RECEIVER_SECRET"):
        return value.encode()
    if file := os.environ.get("RECEIVER_SECRET_FILE"):
        return Path(file).read_bytes().strip()
    sys.exit("Set RECEIVER_SECRET_FILE to the key that signs (see the README).")


def main() -> None:
    """Serve until it is stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--store", type=Path, default=Path("received.db"))
    parser.add_argument("--refuse", type=int, default=0, help="refuse the first N requests")
    arguments = parser.parse_args()
    store = Store(arguments.store)
    server = ReceiverServer(arguments.port, store, read_secret(), arguments.refuse)
    sys.stderr.write(f"http://127.0.0.1:{server.server_address[1]} keeps {arguments.store}\n")
    server.serve_forever()


if __name__ == "__main__":
    main()
