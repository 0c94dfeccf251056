"""Pulls from a real HTTP server and real databases: every page, once, whatever goes wrong."""

from __future__ import annotations

import base64
import datetime as dt
import gzip
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
import yaml
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.ingest import IngestError, pull
from leadloop.ingest.collect import collect_day
from leadloop.ingest.pull import pull_source, read_mark
from leadloop.ingest.requests import Clock
from leadloop.ingest.sources import find_source
from leadloop.settings import Source

DAY = "2026-01-05"


@dataclass
class Server:
    """A vendor's API: answers by path, and what was asked of it."""

    port: int
    routes: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def serve():
    """Start servers on loopback; a route is a function of (query, headers, body)."""
    started = []

    def start(**routes):
        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                self.do_GET()

            def do_GET(self):
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.asked.append((parts.path, query, dict(self.headers), body))
                answer = server.routes[parts.path.strip("/")](query, self.headers, body)
                content, code, headers = (*answer, 200, {})[:3] if type(answer) is tuple else (
                    answer, 200, {},
                )  # fmt: skip
                raw = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(code)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server = Server(http.server_port, routes)
        threading.Thread(target=http.serve_forever, daemon=True).start()
        started.append(http)
        return server

    yield start
    for http in started:
        http.shutdown()
        http.server_close()


@pytest.fixture
def declare(settings, tmp_path, monkeypatch):
    """Declare a source in a configuration of its own; return (settings, source)."""
    folder = tmp_path / "config" / "sources"
    folder.mkdir(parents=True)
    if "LEADLOOP_SECRET_CRM" not in os.environ:
        monkeypatch.setenv("LEADLOOP_SECRET_CRM", "s3cret")
    company = settings.company.model_copy(update={"sources": ()})

    def write(**source):
        content = {"kind": "api", "name": "crm", "map": "generic_cn_cdr", **source}
        (folder / "crm.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        own = replace(settings, config=tmp_path / "config", company=company)
        return own, find_source(own, "crm")

    return write


class Waits:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def clock(self):
        return Clock(tick=lambda: self.now, sleep=self.sleep, chance=lambda: 1.0)

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def waits():
    return Waits()


def make_call(number, **changes):
    return {
        "call_id": f"c{number}", "call_type": "outbound", "caller": "01088886666",
        "callee": "13812345678", "agent_id": "a1", "start_time": f"{DAY} 09:00:{number % 60:02}",
        "answer_time": "", "end_time": "", "bill_seconds": 0, "status": "NOANSWER", **changes,
    }  # fmt: skip


CALLS = [make_call(number) for number in range(7)]


def read_pulled(settings, pulled):
    path = settings.home.inbox / "sources" / "crm" / pulled.file
    return [json.loads(line)["call_id"] for line in gzip.open(path, "rt", encoding="utf-8")]


ALL = [call["call_id"] for call in CALLS]


def page_of(query, size=3):
    first = (int(query["page"]) - 1) * size
    return {"data": {"list": CALLS[first : first + size], "total": len(CALLS)}}


def test_pages_are_read_until_one_is_empty(serve, declare, waits):
    server = serve(calls=lambda query, *_: page_of(query)["data"])
    settings, source = declare(
        url=f"{server.url}/calls", records="list", query={"day": "{date}"},
        paging={"by": "page", "parameter": "page", "size": 3, "size_parameter": "n"},
    )  # fmt: skip
    pulled = pull_source(settings, source, DAY, clock=waits.clock())
    assert read_pulled(settings, pulled) == ALL
    assert [(query["page"], query["n"], query["day"]) for _, query, *_ in server.asked] == [
        ("1", "3", DAY), ("2", "3", DAY), ("3", "3", DAY), ("4", "3", DAY),
    ]  # fmt: skip


def test_the_total_ends_the_pages_without_one_too_many(serve, declare, waits):
    def answer(query, *_):
        first = int(query["from"])
        # The server gives fewer than asked for: the next page begins where this one ended.
        return {"rows": CALLS[first : first + 2], "count": len(CALLS)}

    server = serve(calls=answer)
    settings, source = declare(
        url=f"{server.url}/calls", records="rows",
        paging={
            "by": "offset", "parameter": "from", "size": 5, "size_parameter": "n", "total": "count",
        },
    )  # fmt: skip
    assert read_pulled(settings, pull_source(settings, source, DAY, clock=waits.clock())) == ALL
    assert [query["from"] for _, query, *_ in server.asked] == ["0", "2", "4", "6"]


def test_a_cursor_in_the_body_is_followed(serve, declare, waits):
    def answer(_query, _headers, body):
        place = int(json.loads(body).get("after", 0))
        onward = str(place + 4) if place + 4 < len(CALLS) else None
        return {"items": CALLS[place : place + 4], "next": onward}

    server = serve(calls=answer)
    settings, source = declare(
        url=f"{server.url}/calls", method="POST", body={"day": "{date}"}, records="items",
        paging={"by": "cursor", "parameter": "after", "place": "body", "path": "next"},
    )  # fmt: skip
    assert read_pulled(settings, pull_source(settings, source, DAY, clock=waits.clock())) == ALL
    assert [json.loads(body) for *_, body in server.asked] == [
        {"day": DAY}, {"day": DAY, "after": "4"},
    ]  # fmt: skip


def test_a_link_in_the_header_is_followed_with_the_secret(serve, declare, waits):
    def first(_query, headers, _body):
        assert headers["Authorization"] == "Bearer s3cret"
        return CALLS[:4], 200, {"Link": f'<{server.url}/more?x=1>; rel="next"'}

    server = serve(calls=first, more=lambda _q, headers, _b: CALLS[4:])
    settings, source = declare(
        url=f"{server.url}/calls", auth={"kind": "bearer"}, paging={"by": "link", "header": "Link"}
    )
    assert read_pulled(settings, pull_source(settings, source, DAY, clock=waits.clock())) == ALL
    assert server.asked[1][2]["Authorization"] == "Bearer s3cret"


def test_a_link_to_another_host_is_not_followed_and_gets_no_secret(serve, declare, waits):
    other = serve(stolen=lambda *_: [])
    server = serve(calls=lambda *_: {"rows": CALLS, "next": f"{other.url}/stolen"})
    settings, source = declare(
        url=f"{server.url}/calls", auth={"kind": "bearer"}, records="rows",
        paging={"by": "link", "path": "next"},
    )  # fmt: skip
    with pytest.raises(IngestError, match=r"links on to .* only .* gets the secret"):
        pull_source(settings, source, DAY, clock=waits.clock())
    assert other.asked == []
    assert list((settings.home.inbox / "sources" / "crm").iterdir()) == []


def test_a_server_that_is_busy_is_asked_again_when_it_says(serve, declare, waits):
    answers = iter(
        [
            (b"", 429, {"Retry-After": "7"}),
            (b"oops", 500, {}),
            (b"<html>", 200, {}),
            (CALLS, 200, {}),
        ]
    )
    server = serve(calls=lambda *_: next(answers))
    settings, source = declare(url=f"{server.url}/calls")
    pulled = pull_source(settings, source, DAY, clock=waits.clock())
    assert (pulled.rows, pulled.traffic.requests, pulled.traffic.repeats) == (7, 4, 3)
    # As it asked, then twice our own: two and four seconds.
    assert waits.slept == [7.0, 2.0, 4.0]


@pytest.mark.parametrize(
    ("answer", "options", "seen"),
    [
        pytest.param((b"", 429, {"Retry-After": "3600"}), {}, "asks to wait 3600 s", id="an hour"),
        pytest.param((b"no", 500, {}), {"retries": 2}, "failed 3 times", id="never well"),
        pytest.param((b"who?", 403, {}), {}, r"answered 403 \(who\?\)", id="forbidden"),
        pytest.param(
            ({"code": 500, "msg": "quota"}, 200, {}),
            {"ok": {"path": "code", "values": ["0"]}},
            "answered 200 with code 500",
            id="an error inside a 200",
        ),
        pytest.param(
            (b"[" + b" " * 2_000_000, 200, {}), {"max_megabytes": 1}, "more than 1", id="much"
        ),
        pytest.param(
            ({"items": []}, 200, {}), {"records": "rows"}, "no list of records", id="path"
        ),
        pytest.param((b"", 302, {"Location": "/x"}), {}, "answered 302", id="a redirect"),
    ],
)
def test_a_pull_that_fails_keeps_nothing_and_says_why(serve, declare, waits, answer, options, seen):
    server = serve(calls=lambda *_: answer)
    settings, source = declare(url=f"{server.url}/calls", **options)
    with pytest.raises(IngestError, match=seen):
        pull_source(settings, source, DAY, clock=waits.clock())
    assert list((settings.home.inbox / "sources" / "crm").iterdir()) == []
    assert read_mark(settings, "crm") is None


def test_an_error_inside_a_200_may_be_worth_another_try(serve, declare, waits):
    answers = iter([{"code": "busy"}, {"code": 0, "rows": CALLS}])
    server = serve(calls=lambda *_: next(answers))
    settings, source = declare(
        url=f"{server.url}/calls", records="rows",
        ok={"path": "code", "values": ["0"], "retry": ["busy"]},
    )  # fmt: skip
    assert pull_source(settings, source, DAY, clock=waits.clock()).rows == 7


def test_a_server_that_gives_one_page_for_ever_is_left(serve, declare, waits):
    server = serve(calls=lambda *_: CALLS)
    settings, source = declare(
        url=f"{server.url}/calls", paging={"by": "page", "parameter": "page"}
    )
    with pytest.raises(IngestError, match="the same page 3 times"):
        pull_source(settings, source, DAY, clock=waits.clock())
    assert len(server.asked) == 3


def test_a_cursor_that_goes_in_a_circle_is_left(serve, declare, waits):
    numbers = iter(range(100))
    server = serve(calls=lambda *_: {"rows": [make_call(next(numbers))], "next": "x"})
    settings, source = declare(
        url=f"{server.url}/calls", records="rows",
        paging={"by": "cursor", "parameter": "c", "path": "next"},
    )  # fmt: skip
    with pytest.raises(IngestError, match="goes in a circle"):
        pull_source(settings, source, DAY, clock=waits.clock())


def test_no_more_requests_are_sent_than_the_source_allows(serve, declare, waits):
    server = serve(calls=lambda query, *_: page_of(query)["data"]["list"])
    settings, source = declare(
        url=f"{server.url}/calls", requests_per_minute=30,
        paging={"by": "page", "parameter": "page"},
    )  # fmt: skip
    pull_source(settings, source, DAY, clock=waits.clock())
    assert waits.slept == [2.0, 2.0, 2.0]


def test_a_signed_request_is_one_that_the_server_can_check(serve, declare, waits):
    def answer(query, headers, body):
        text = f"{headers['X-Time']}POST/calls{body.decode()}"
        wanted = hmac.new(b"s3cret", text.encode(), hashlib.sha1).digest()
        right = headers["X-Sign"] == "v1 " + base64.b64encode(wanted).decode()
        return (CALLS, 200, {}) if right else (b"wrong", 401, {})

    server = serve(calls=answer)
    settings, source = declare(
        url=f"{server.url}/calls", method="POST", body={"天": "{date}"},
        auth={
            "kind": "hmac", "header": "X-Sign", "timestamp_header": "X-Time", "prefix": "v1 ",
            "message": "{timestamp}{method}{path}{body}", "algorithm": "sha1", "encoding": "base64",
        },
    )  # fmt: skip
    assert pull_source(settings, source, DAY, clock=waits.clock()).rows == 7


def make_changing(serve):
    """An API of calls that change; `since` bounds them from below."""
    rows = [make_call(n, updated=f"2026-01-05T0{n}:00:00Z") for n in range(1, 5)]
    return rows, serve(
        calls=lambda query, *_: [row for row in rows if row["updated"] >= query["since"]]
    )


CURSOR = {"field": "updated", "start": "2026-01-01T00:00:00Z", "overlap": 3600}


def test_a_mark_moves_on_and_what_is_read_once_more_lands_once(serve, declare, waits):
    rows, server = make_changing(serve)
    settings, _ = declare(url=f"{server.url}/calls", query={"since": "{since}"}, cursor=CURSOR)
    first = collect_day(settings, DAY)
    assert (first["read"], first["landed"]) == (4, 4)
    assert read_mark(settings, "crm") == "2026-01-05T04:00:00+00:00"
    rows.append(make_call(9, updated="2026-01-05T03:30:00Z"))
    second = collect_day(settings, DAY)
    # From three o'clock on: two that were there, and one that came late; the first file again.
    assert server.asked[-1][1]["since"] == "2026-01-05T03:00:00Z"
    assert (second["read"], second["landed"], second["duplicate"]) == (7, 1, 6)
    assert find_source(settings, "crm").cursor.overlap == 3600


def test_a_row_of_the_far_future_does_not_hide_what_comes_after(serve, declare, waits):
    rows, server = make_changing(serve)
    rows.append(make_call(9, updated="2099-01-01T00:00:00Z"))
    settings, source = declare(url=f"{server.url}/calls", query={"since": "{since}"}, cursor=CURSOR)
    pull_source(settings, source, DAY, clock=waits.clock())
    assert read_mark(settings, "crm") == "2026-01-05T16:00:00+00:00"


def test_a_record_without_the_cursors_field_stops_the_pull(serve, declare, waits):
    server = serve(calls=lambda *_: CALLS)
    settings, source = declare(url=f"{server.url}/calls", cursor=CURSOR)
    with pytest.raises(IngestError, match="cursor field updated is None"):
        pull_source(settings, source, DAY, clock=waits.clock())


def test_killed_between_file_and_mark_nothing_is_lost_and_nothing_doubled(
    serve, declare, waits, monkeypatch
):
    _, server = make_changing(serve)
    settings, source = declare(url=f"{server.url}/calls", query={"since": "{since}"}, cursor=CURSOR)
    with monkeypatch.context() as killed:
        killed.setattr(pull, "_record", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            pull_source(settings, source, DAY, clock=waits.clock())
    assert read_mark(settings, "crm") is None
    found = collect_day(settings, DAY)
    assert (found["files"], found["read"], found["landed"], found["duplicate"]) == (2, 8, 4, 4)


def test_a_day_that_is_there_is_not_asked_for_again(serve, declare, waits):
    server = serve(calls=lambda *_: CALLS)
    settings, source = declare(url=f"{server.url}/calls")
    assert pull_source(settings, source, DAY, clock=waits.clock()).rows == 7
    assert pull_source(settings, source, DAY, clock=waits.clock()).rows == 0
    assert len(server.asked) == 1
    again = pull_source(settings, source, DAY, again=True, clock=waits.clock())
    assert (again.rows, again.file) == (7, f"{DAY}_0002.jsonl.gz")
    assert collect_day(settings, DAY)["landed"] == 7


def test_a_day_pulled_before_its_end_is_asked_for_again(serve, declare, waits):
    server = serve(calls=lambda *_: CALLS)
    settings, source = declare(url=f"{server.url}/calls")
    today = dt.datetime.now(settings.company.zone).date().isoformat()
    for _ in range(2):
        assert pull_source(settings, source, today, clock=waits.clock()).rows == 7


def test_a_day_without_records_is_asked_for_once(serve, declare, waits):
    server = serve(calls=lambda *_: [])
    settings, source = declare(url=f"{server.url}/calls")
    for _ in range(2):
        assert pull_source(settings, source, DAY, clock=waits.clock()).file == ""
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("place", "files"), [("publish_file", 1), ("_record", 2)], ids=["before", "after the file"]
)
def test_a_process_killed_around_its_file_loses_nothing_and_doubles_nothing(
    serve, declare, place, files
):
    _, server = make_changing(serve)
    settings, _ = declare(url=f"{server.url}/calls", query={"since": "{since}"}, cursor=CURSOR)
    program = (
        "import os, signal\n"
        "from leadloop.ingest import pull, sources\n"
        "from leadloop.settings import load_settings\n"
        f"pull.{place} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "settings = load_settings()\n"
        f"pull.pull_source(settings, sources.find_source(settings, 'crm'), {DAY!r})\n"
    )
    environ = {**os.environ, "LEADLOOP_CONFIG": str(settings.config)}
    done = subprocess.run([sys.executable, "-c", program], env=environ, check=False)
    assert done.returncode == -signal.SIGKILL
    found = collect_day(settings, DAY)
    assert (found["files"], found["landed"], found["quarantined"]) == (files, 4, 0)
    assert read_mark(settings, "crm") == "2026-01-05T04:00:00+00:00"


def test_a_required_source_that_fails_stops_the_day_and_an_optional_one_is_told(
    serve, declare, waits
):
    server = serve(calls=lambda *_: (b"no", 403, {}))
    settings, _ = declare(url=f"{server.url}/calls")
    with pytest.raises(IngestError, match="answered 403"):
        collect_day(settings, DAY)
    settings, _ = declare(url=f"{server.url}/calls", required=False)
    found = collect_day(settings, DAY)
    assert "answered 403" in found["failed_pulls"]["crm"]
    assert found["missing"] == [{"source": "crm", "day": DAY}]


def test_a_pull_with_nothing_to_bring_is_no_missing_file(serve, declare, waits):
    server = serve(calls=lambda *_: {"data": {"list": None}})
    settings, _ = declare(url=f"{server.url}/calls", records="data.list")
    assert collect_day(settings, DAY)["missing"] == []


def test_pulled_and_dropped_files_are_collected_together(serve, declare, write_calls, a_call):
    server = serve(calls=lambda *_: CALLS)
    settings, _ = declare(url=f"{server.url}/calls")
    dropped = Source(name="own", path="own/{date}.csv", map="generic_cn_cdr")
    company = settings.company.model_copy(update={"sources": (dropped,)})
    folder = settings.home.inbox / "own"
    folder.mkdir(parents=True)
    write_calls([a_call(call_id="x1")]).rename(folder / f"{DAY}.csv")
    assert collect_day(replace(settings, company=company), DAY)["landed"] == 8


@pytest.fixture(scope="module")
def mysql_url(tmp_path_factory, find_command):
    """The address of a throw-away MariaDB on loopback, gone at the end."""
    server = find_command("mariadbd", "mariadb-server-core")
    folder = tmp_path_factory.mktemp("mariadb")
    (folder / "data").mkdir()
    # The server refuses to run as root unless told which user to be.
    keep = ["--user=root"] if os.geteuid() == 0 else []
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [
            server, "--no-defaults", f"--datadir={folder / 'data'}", "--bind-address=127.0.0.1",
            f"--port={port}", f"--socket={folder / 'socket'}", "--skip-grant-tables", *keep,
        ],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"mysql+pymysql://root@127.0.0.1:{port}/desk"
    engine = sa.create_engine(url.removesuffix("desk"), poolclass=sa.NullPool)
    for _ in range(300):
        try:
            with engine.begin() as connection:
                connection.execute(sa.text("drop database if exists desk"))
                connection.execute(sa.text("create database desk character set utf8mb4"))
            break
        except sa.exc.OperationalError:
            time.sleep(0.1)
    yield url
    process.terminate()
    process.wait(30)


@pytest.fixture(params=["sqlite", "postgresql", "mysql"])
def database(request, tmp_path, monkeypatch):
    """A database with the calls of two days: SQLite, a real PostgreSQL, a real MariaDB."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        url = request.getfixturevalue(
            {"postgresql": "postgres_url"}.get(request.param, "mysql_url")
        )
    engine = sa.create_engine(url)
    table = sa.Table(
        "calls", sa.MetaData(),
        *(sa.Column(name, sa.String(100)) for name in CALLS[0]),
        sa.Column("changed", sa.DateTime(timezone=request.param == "postgresql")),
        sa.Column("number", sa.Integer),
    )  # fmt: skip
    table.metadata.drop_all(engine)
    table.metadata.create_all(engine)
    rows = [
        {
            **{name: str(value) for name, value in make_call(n).items()},
            # In UTC: a Beijing day ends at 16:00.
            "changed": dt.datetime(2026, 1, 5, 10 + n, tzinfo=dt.UTC), "number": n,
        }
        for n in range(10)
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(table.insert(), rows)
    engine.dispose()
    monkeypatch.setenv("LEADLOOP_SECRET_CRM", url)
    return request.param


def test_a_table_gives_the_rows_of_the_companys_day(database, declare):
    # Where times have no zone of their own the file says which one is meant.
    zone = {} if database == "postgresql" else {"zone": "UTC"}
    settings, source = declare(kind="database", table="calls", day_column="changed", **zone)
    pulled = pull_source(settings, source, DAY)
    assert read_pulled(settings, pulled) == [f"c{n}" for n in range(6)]
    assert collect_day(settings, DAY)["landed"] == 6


def test_a_column_without_a_zone_is_read_in_the_sources_zone_whatever_the_servers(
    postgres_url, declare, monkeypatch
):
    monkeypatch.setenv("LEADLOOP_SECRET_CRM", postgres_url)
    engine = sa.create_engine(postgres_url)
    name = sa.make_url(postgres_url).database
    with engine.begin() as connection:
        connection.execute(sa.text(f"alter database {name} set timezone = 'America/New_York'"))
        connection.execute(sa.text("create table calls (call_id text, changed timestamp)"))
        hours = ("04 23:59", "05 00:00", "05 15:00", "05 23:59", "06 00:00")
        for place, hour in enumerate(hours):
            values = {"id": f"c{place}", "at": f"2026-01-{hour}"}
            connection.execute(sa.text("insert into calls values (:id, :at)"), values)
    engine.dispose()
    settings, source = declare(
        kind="database", table="calls", day_column="changed", zone="Asia/Shanghai"
    )
    pulled = pull_source(settings, source, DAY)
    assert read_pulled(settings, pulled) == ["c1", "c2", "c3"]
    settings, source = declare(kind="database", table="calls", day_column="changed")
    # Without a zone the column is UTC: the day in Shanghai ends at 16:00.
    assert read_pulled(settings, pull_source(settings, source, DAY, again=True)) == [
        "c0",
        "c1",
        "c2",
    ]


def test_a_timestamp_of_mysql_is_read_in_utc_whatever_the_servers_zone(
    mysql_url, declare, monkeypatch
):
    monkeypatch.setenv("LEADLOOP_SECRET_CRM", mysql_url)
    engine = sa.create_engine(mysql_url)
    with engine.begin() as connection:
        connection.execute(sa.text("set global time_zone = '-05:00', time_zone = '+00:00'"))
        connection.execute(sa.text("create table stamps (call_id text, changed timestamp)"))
        for place, hour in enumerate(("04 15:59:59", "04 16:00:00", "05 15:59:59", "05 16:00:00")):
            values = {"id": f"c{place}", "at": f"2026-01-{hour}"}
            connection.execute(sa.text("insert into stamps values (:id, :at)"), values)
    settings, source = declare(kind="database", table="stamps", day_column="changed")
    assert read_pulled(settings, pull_source(settings, source, DAY)) == ["c1", "c2"]
    with engine.begin() as connection:
        connection.execute(sa.text("set global time_zone = 'SYSTEM'"))
    engine.dispose()


def test_a_select_is_read_on_from_the_highest_number(database, declare):
    settings, source = declare(
        kind="database",
        select="select * from calls where number >= :since order by number",
        cursor={"field": "number", "kind": "number", "start": "4", "overlap": 2},
    )
    assert pull_source(settings, source, DAY).rows == 6
    assert read_mark(settings, "crm") == "9"
    again = pull_source(settings, source, DAY)
    assert read_pulled(settings, again) == ["c7", "c8", "c9"]


def test_a_database_that_does_not_answer_keeps_its_password(declare, monkeypatch):
    settings, source = declare(kind="database", table="calls", day_column="changed")
    monkeypatch.setenv("LEADLOOP_SECRET_CRM", "postgresql+psycopg2://me:hidden@127.0.0.1:1/desk")
    with pytest.raises(IngestError) as error:
        pull_source(settings, source, DAY)
    assert "me:***@127.0.0.1:1/desk" in str(error.value)
    assert "hidden" not in str(error.value)


def test_the_commands_list_and_pull(serve, declare, monkeypatch):
    server = serve(calls=lambda *_: CALLS)
    settings, _ = declare(url=f"{server.url}/calls")
    monkeypatch.setenv("LEADLOOP_HOME", str(settings.home.root))
    monkeypatch.setenv("LEADLOOP_CONFIG", str(settings.config))
    pulled = CliRunner().invoke(app, ["source", "pull", "crm", "--date", DAY])
    assert pulled.exit_code == 0, pulled.output
    assert f"crm: 7 record(s) in {DAY}_0001.jsonl.gz" in pulled.output
    listed = CliRunner().invoke(app, ["source", "list", "--json", "-"])
    assert json.loads(listed.output) == [
        {"source": "crm", "kind": "api", "map": "generic_cn_cdr", "table": "call", "mark": None}
    ]
