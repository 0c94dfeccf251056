"""Files of a made dialler, and what an import of them left behind."""

from __future__ import annotations

import csv
import gzip
import io
import json
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import SplitResult, parse_qsl, urlsplit

import pyarrow.parquet as pq
import pytest
import yaml

from leadloop import opstore
from leadloop.ingest.load import import_files
from leadloop.ingest.pull import pull_source
from leadloop.ingest.requests import Clock
from leadloop.ingest.sources import find_source
from leadloop.settings import load_settings

COLUMNS = [
    "call_id",
    "call_type",
    "caller",
    "callee",
    "lead_id",
    "customer_id",
    "campaign_id",
    "channel_id",
    "agent_id",
    "queue",
    "attempt_no",
    "start_time",
    "ring_time",
    "answer_time",
    "end_time",
    "ring_seconds",
    "bill_seconds",
    "hold_seconds",
    "wrapup_seconds",
    "status",
    "hangup_by",
    "export_time",
]
A_CALL = {
    "call_id": "c1",
    "call_type": "outbound",
    "caller": "01088886666",
    "callee": "13812345678",
    "lead_id": "L1",
    "campaign_id": "spring",
    "channel_id": "douyin",
    "agent_id": "a01",
    "attempt_no": "1",
    "start_time": "2026-01-05 09:00:00",
    "answer_time": "2026-01-05 09:00:10",
    "end_time": "2026-01-05 09:01:10",
    "ring_seconds": "10",
    "bill_seconds": "60",
    "status": "ANSWERED_OTHER",
    "hangup_by": "agent",
    "export_time": "2026-01-06 01:00:00",
}


@pytest.fixture
def a_call():
    """Return the fields of a right call, some changed."""
    return lambda **changes: {**A_CALL, **changes}


@pytest.fixture
def write_calls(tmp_path):
    """Write a CSV of calls and return its path."""

    def write(rows, name="calls.csv", columns=COLUMNS, encoding="utf-8"):
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.write_bytes(text.getvalue().encode(encoding))
        return path

    return write


@pytest.fixture
def take_in(settings):
    """Import one file and return its outcome."""

    def run(path, map_name="generic_cn_cdr", load_date="2026-01-06", **more):
        return import_files(settings, [path], map_name, load_date=load_date, **more)[0]

    return run


@pytest.fixture
def landed(settings):
    """Return the landed rows of a table, file after file."""

    def read(table="call"):
        files = sorted((settings.home.landing / table).glob("*/*.parquet"))
        return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]

    return read


@pytest.fixture
def quarantined(settings):
    """Return the rows in quarantine."""

    def read(table="call"):
        files = sorted((settings.home.quarantine / table).glob("*/*.parquet"))
        return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]

    return read


@pytest.fixture
def outcome_rows(settings):
    """Return the outcome rows of the operations store."""
    return lambda: opstore.read(settings, opstore.ingest_outcomes.select())


@pytest.fixture
def files_of(settings):
    """Return every file of landing and quarantine with its bytes."""

    def read():
        roots = (settings.home.landing, settings.home.quarantine)
        return {
            path.relative_to(settings.home.root): path.read_bytes()
            for root in roots
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    return read


SHOP_MAP = {
    "name": "shop_orders",
    "source_system": "shop",
    "table": "order",
    "description": "Orders of a made shop, one JSON object a line.",
    "reads": {"format": "jsonl"},
    "date_precision": "second",
    "timezone": "Asia/Shanghai",
    "columns": {
        "order_id": "id",
        "customer_id": {"from": "customer", "optional": True},
        "placed_at": "placed_at",
        "amount": "amount",
        "currency": {"constant": "CNY"},
        "extracted_at": {"from": "extracted_at", "optional": True},
    },
    "tests": [
        {
            "name": "an order",
            "row": {"id": "o1", "placed_at": "2026-01-05 09:00:00", "amount": "98.5"},
            "gives": {"order_id": "o1", "amount": 98.5, "currency": "CNY"},
        }
    ],
}


@pytest.fixture
def shop(settings, tmp_path, monkeypatch):
    """Settings of a company with a map for a shop's orders, and no files that are dropped."""
    config = tmp_path / "config"
    (config / "maps").mkdir(parents=True)
    (config / "sources").mkdir()
    text = yaml.safe_dump(SHOP_MAP, sort_keys=False)
    (config / "maps" / "shop_orders.yml").write_text(text, encoding="utf-8")
    company = settings.company.model_copy(update={"sources": ()})
    company_file = yaml.safe_dump(company.model_dump(mode="json"), allow_unicode=True)
    (config / "company.yml").write_text(company_file, encoding="utf-8")
    monkeypatch.setenv("LEADLOOP_CONFIG", str(config))
    monkeypatch.setenv("LEADLOOP_SECRET_SHOP", "s3cret-of-the-shop")
    return load_settings()


@pytest.fixture
def write_source(shop):
    """Write config/sources/NAME.yml and return the source that it makes."""

    def write(name="shop", **content):
        path = shop.config / "sources" / f"{name}.yml"
        named = {"name": name, "map": "shop_orders", **content}
        path.write_text(yaml.safe_dump(named, sort_keys=False), encoding="utf-8")
        return find_source(shop, name)

    return write


@dataclass
class Api:
    """A real HTTP server on loopback; `answer` says what it sends, `seen` is what it was sent."""

    answer: Callable[[Seen], Any] = lambda _seen: {"items": []}
    seen: list[Seen] = field(default_factory=list)
    url: str = ""

    def reply(self, request: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(request.path)
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.seen.append(Seen(request.command, parts, query, dict(request.headers), body))
        found = self.answer(self.seen[-1])
        status, headers, content = found if isinstance(found, tuple) else (200, {}, found)
        text = content if isinstance(content, bytes) else json.dumps(content).encode()
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        # Whoever has read enough hangs up.
        with suppress(ConnectionError):
            request.wfile.write(text)


@dataclass(frozen=True)
class Seen:
    """A request as the server saw it."""

    method: str
    address: SplitResult
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@pytest.fixture
def start_api():
    """Start servers; they end with the test."""
    servers = []

    def start():
        api = Api()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                api.reply(self)

            do_POST = do_GET  # noqa: N815

            def log_message(self, *_):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        api.url = f"http://127.0.0.1:{server.server_port}"
        return api

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def api(start_api):
    """One server."""
    return start_api()


@dataclass
class Time:
    """Time that passes only where somebody sleeps."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def passed():
    """The time that a pull has slept; nobody waits for it."""
    return Time()


@pytest.fixture
def pull(shop, passed):
    """Pull a source with a clock of the tests' own; half of chance is always taken."""
    clock = Clock(tick=lambda: passed.now, sleep=passed.sleep, chance=lambda: 0.5)
    return lambda source, day="2026-01-05", **more: pull_source(
        shop, source, day, clock=clock, **more
    )


@pytest.fixture
def pulled(shop):
    """Return the records of every file that pulls have left, less the time of the pull."""

    def read(name="shop"):
        files = sorted((shop.home.inbox / "sources" / name).glob("*"))
        texts = [gzip.decompress(file.read_bytes()) for file in files]
        lines = [json.loads(line) for text in texts for line in text.splitlines()]
        return [{key: line[key] for key in line if key != "extracted_at"} for line in lines]

    return read
