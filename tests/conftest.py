"""Fixtures that every layer of tests shares: a home of its own, settings, real data."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml
from xdist.scheduler import LoadScopeScheduling

from leadloop.settings import PROJECT_ROOT, Settings, load_settings

HOSTILE = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
REQUIRE_ALL = os.environ.get("LEADLOOP_REQUIRE_ALL") == "1"


# Folders whose tests take minutes; they start first, so that both workers end together.
SLOW = ("integration", "real", "dbt", "web")
# Files whose tests share one running Airflow; the last of them stops it.
STACK = tuple(
    f"tests/integration/test_{name}.py" for name in ("approval", "board", "partitions", "stack")
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the slow folders go first; everything else stays in its order."""
    items.sort(key=lambda item: not any(f"tests/{folder}/" in item.nodeid for folder in SLOW))


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> LoadScopeScheduling:
    """Keep a file's tests on one worker (they share homes), and all users of Airflow on one."""

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.split("::", 1)[0]
            return "stack" if file in STACK else file

    return ByFile(config, log)


def need(present: bool, what: str) -> None:
    """Skip with a reason where a real part is missing; fail where every part is required."""
    if present:
        return
    if REQUIRE_ALL:
        pytest.fail(f"LEADLOOP_REQUIRE_ALL is set, but {what}")
    pytest.skip(what)


def need_command(name: str, package: str) -> str:
    """Return the path of a program, or skip naming the Debian package that has it."""
    path = shutil.which(name)
    need(path is not None, f"{name} is not installed: apt-get install {package}")
    return str(path)


@pytest.fixture(scope="session")
def find_command() -> Callable[[str, str], str]:
    """`need_command`, for tests that cannot import this module."""
    return need_command


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty LEADLOOP_HOME, with a fixed phone key so that two homes can be compared."""
    root = tmp_path / "home"
    monkeypatch.setenv("LEADLOOP_HOME", str(root))
    monkeypatch.setenv("LEADLOOP_PHONE_HASH_KEY", "key of the tests")
    monkeypatch.delenv("LEADLOOP_CONFIG", raising=False)
    monkeypatch.delenv("LEADLOOP_OPERATIONS_URL", raising=False)
    return root


@pytest.fixture
def settings(home: Path) -> Settings:
    """Settings of the shipped demo company over an empty home."""
    return load_settings()


@pytest.fixture(scope="session")
def evaluation_data() -> Path:
    """The folder of real public data; LEADLOOP_EVALUATION_DATA, default ../shared/data."""
    default = PROJECT_ROOT.parent / "shared" / "data"
    path = Path(os.environ.get("LEADLOOP_EVALUATION_DATA") or default)
    need(
        (path / "callcentre").is_dir(),
        f"public evaluation data not present at {path}: set LEADLOOP_EVALUATION_DATA",
    )
    return path


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with published marts written by hand, over the real semantic models.

    28 days from 2026-03-04 to 2026-03-31, hours 9 to 11, two channels. Every (day, hour, channel)
    has 50 dials; referral connects 20 of them and wins 4, the other connects 10 and wins 1. Every
    call talks 100 s (spread 20), is handled in 120 s (spread 30); 2 of each cell are short. The
    second channel and the third agent have names that a page must not run.
    """
    from leadloop import pointer, transform
    from leadloop.warehouse import open_memory

    root = tmp_path_factory.mktemp("small") / "home"
    settings = load_settings({"LEADLOOP_HOME": str(root)})
    settings.home.marts.mkdir(parents=True)
    file = settings.home.marts / "marts_20260401T000000Z_000001.duckdb"
    hours = """
        select range::date as dial_date, hour as dial_hour, 'dialler' as source_system,
            'outbound' as direction, 'spring' as campaign_id, channel as channel_id,
            'team' as queue_id, 50 as dial_count, calls as connected_count,
            50 as connect_base_count, null::bigint as offered_count, null::bigint as served_count,
            calls as talk_count, calls * 100 as talk_seconds, calls * 10400 as talk_square_sum,
            calls * 120 as handling_seconds, calls * 15300 as handling_square_sum,
            2 as short_talk_count, won as won_count, calls as conversion_base_count
        from range(timestamp '2026-03-04', timestamp '2026-04-01', interval 1 day),
            (values (9), (10), (11)) as hours (hour),
            (values ('referral', 20, 4), (?, 10, 1)) as channels (channel, calls, won)"""
    agents = f"""
        select hours.* exclude (dial_hour, channel_id, campaign_id), agent_id
        from ({hours}) as hours, (values ('A1'), ('A2'), (?)) as agents (agent_id)"""
    with open_memory() as connection:
        connection.execute(f"attach '{file}' as small")
        connection.execute(f"create table small.fct_dials_hourly as {hours}", [HOSTILE])
        connection.execute(f"create table small.fct_agents_daily as {agents}", [HOSTILE, HOSTILE])
        connection.execute("detach small")
    pointer.swap_link(settings.home, file)
    pointer.write_pointer(
        settings.home,
        {
            "version": "20260401T000000Z_000001",
            "published_at": "2026-04-01T02:31:05+00:00",
            "data_until": "2026-03-31",
        },
    )
    transform.parse(settings)
    return settings


@pytest.fixture(scope="module")
def run_live() -> Iterator[Callable[..., tuple[Settings, str, subprocess.Popen[str]]]]:
    """Start `leadloop live` over sources; each process is stopped by its id."""
    started: list[subprocess.Popen[str]] = []

    def start(root: Path, sources: dict[str, dict[str, object]], secret: str, port: int = 0):
        folder = root / "config" / "sources"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in sources.items():
            (folder / f"{name}.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
        environ = {
            **os.environ,
            "LEADLOOP_HOME": str(root / "home"),
            "LEADLOOP_CONFIG": str(root / "config"),
            **{f"LEADLOOP_SECRET_{name.upper()}": secret for name in sources},
        }
        command = "from leadloop.cli import main; main()"
        process = subprocess.Popen(
            [sys.executable, "-c", command, "live", "--port", str(port)],
            env=environ, stdout=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        started.append(process)
        url = process.stdout.readline().split()[-1]
        for _ in range(100):
            try:
                urllib.request.urlopen(url.replace("/v1/events", "/healthz"), timeout=1)
            except OSError:
                time.sleep(0.1)
            else:
                return load_settings(environ), url, process
        raise AssertionError(url)

    yield start
    for process in started:
        if process.poll() is None:
            os.kill(process.pid, signal.SIGTERM)
            process.wait(20)
        process.stdout.close()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """The address of a throw-away PostgreSQL on loopback, with a password, gone at the end."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name)
    found = [shutil.which("postgres"), *(str(path / "postgres") for path in folders)]
    server = next((Path(path).resolve() for path in reversed(found) if path), None)
    need(server is not None, "PostgreSQL is not installed: apt-get install postgresql")
    assert server is not None
    # A server refuses to run as root; the death signal ends it with a test run that is killed.
    become = [need_command("setpriv", "util-linux"), "--pdeathsig=INT"]
    with tempfile.TemporaryDirectory(prefix="leadloop-postgres-") as name, socket.socket() as free:
        folder = Path(name)
        (folder / "password").write_text("secret-of-the-tests")
        if os.geteuid() == 0:
            become += ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]
            shutil.chown(folder, "nobody", "nogroup")
            shutil.chown(folder / "password", "nobody", "nogroup")
        initdb = [str(server.with_name("initdb")), "--username=leadloop", "--no-sync"]
        options = [f"--pwfile={folder / 'password'}", "--auth=scram-sha-256", "--encoding=UTF8"]
        made = [*become, *initdb, *options, "--locale=C.UTF-8", f"--pgdata={folder / 'data'}"]
        subprocess.run(made, check=True, capture_output=True, cwd=folder)
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
        flags = [part for setting in settings for part in ("-c", setting)]
        process = subprocess.Popen(
            [*become, str(server), "-D", str(folder / "data"), "-p", str(port), *flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            url = sa.URL.create(
                "postgresql+psycopg2", "leadloop", "secret-of-the-tests", "127.0.0.1", port
            ).set(database="postgres")
            _wait_for_server(url)
            yield url
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def _wait_for_server(url: sa.URL) -> None:
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    deadline = time.monotonic() + 30
    while True:
        try:
            with engine.connect():
                return
        except sa.exc.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture
def postgres_url(postgres_server: sa.URL) -> str:
    """The address of an empty database of its own."""
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(postgres_server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"create database {name}"))
    return postgres_server.set(database=name).render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """Settings of an empty operations store, once on SQLite and once on a real PostgreSQL."""
    from leadloop import opstore

    if request.param == "postgresql":
        settings = replace(settings, operations_url=request.getfixturevalue("postgres_url"))
    yield settings
    opstore._engine(settings.operations_url).dispose()
