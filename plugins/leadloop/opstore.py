"""The operations store: what was loaded, gated, decided and run, as transactions.

One small relational store through SQLAlchemy: SQLite in WAL mode under the home, or PostgreSQL
by LEADLOOP_OPERATIONS_URL. Its schema is made by the migrations beside this module. Every write
replaces the rows of its own key, so a step that runs twice leaves what it would have left once;
where several decide on one row, `compare_and_set` lets one of them win. Neighbour: `ledger`, the
tables of alerts, actions and effects.
"""

from __future__ import annotations

import contextlib
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop.errors import LeadloopError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from leadloop.settings import Settings

metadata = sa.MetaData()
_READS = "leadloop_reads"
_HELD: ContextVar[tuple[str, sa.Connection | None]] = ContextVar("held", default=("", None))

ingest_outcomes = sa.Table(
    "ingest_outcomes",
    metadata,
    sa.Column("batch_id", sa.String(64), primary_key=True),
    sa.Column("load_date", sa.String(10), primary_key=True),
    sa.Column("source", sa.String(200), nullable=False),
    sa.Column("map", sa.String(200), nullable=False),
    sa.Column("table_name", sa.String(64), nullable=False),
    sa.Column("file", sa.String(400), nullable=False),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("rows_landed", sa.Integer, nullable=False),
    sa.Column("rows_duplicate", sa.Integer, nullable=False),
    sa.Column("rows_quarantined", sa.Integer, nullable=False),
    sa.Column("by_reason", sa.JSON, nullable=False),
    sa.Column("unknown_codes", sa.JSON, nullable=False),
    sa.Column("first_event_date", sa.String(10)),
    sa.Column("last_event_date", sa.String(10)),
    sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("content_hash", sa.String(64)),
    sa.Column("file_path", sa.Text),
    sa.Column("retry_of", sa.String(64)),
)

quarantine_retries = sa.Table(
    "quarantine_retries",
    metadata,
    sa.Column("batch_id", sa.String(64), primary_key=True),
    sa.Column("source_line", sa.Integer, primary_key=True),
    sa.Column("source_part", sa.Integer, primary_key=True),
    sa.Column("became", sa.String(10), nullable=False),
    sa.Column("landed_batch_id", sa.String(64), nullable=False),
    sa.Column("retried_at", sa.DateTime(timezone=True), nullable=False),
)

load_outcomes = sa.Table(
    "load_outcomes",
    metadata,
    sa.Column("source", sa.String(200), primary_key=True),
    sa.Column("table_name", sa.String(64), primary_key=True),
    sa.Column("load_date", sa.String(10), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("files", sa.Integer, nullable=False),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("rows_landed", sa.Integer, nullable=False),
    sa.Column("rows_duplicate", sa.Integer, nullable=False),
    sa.Column("rows_quarantined", sa.Integer, nullable=False),
    sa.Column("by_reason", sa.JSON, nullable=False),
    sa.Column("newest_event_at", sa.DateTime(timezone=True)),
    sa.Column("dated_rows", sa.Integer, nullable=False),
    sa.Column("late_rows", sa.Integer, nullable=False),
    sa.Column("coded_rows", sa.Integer, nullable=False),
    sa.Column("unknown_codes", sa.JSON, nullable=False),
    sa.Column("volume", sa.JSON, nullable=False),
    sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
)

gate_results = sa.Table(
    "gate_results",
    metadata,
    sa.Column("gate", sa.String(64), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("suite", sa.String(100), primary_key=True),
    sa.Column("expectation", sa.String(300), primary_key=True),
    sa.Column("severity", sa.String(10), nullable=False),
    sa.Column("is_passed", sa.Boolean, nullable=False),
    sa.Column("observed", sa.JSON, nullable=False),
    sa.Column("examples", sa.JSON, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),
    sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
)

step_outcomes = sa.Table(
    "step_outcomes",
    metadata,
    sa.Column("cycle", sa.String(64), primary_key=True),
    sa.Column("period", sa.String(10), primary_key=True),
    sa.Column("step", sa.String(100), primary_key=True),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True)),
    sa.Column("detail", sa.JSON, nullable=False),
)

decision_records = sa.Table(
    "decision_records",
    metadata,
    sa.Column("cycle", sa.String(64), primary_key=True),
    sa.Column("period", sa.String(10), primary_key=True),
    sa.Column("seen", sa.JSON, nullable=False),
    sa.Column("decided", sa.Text, nullable=False),
    sa.Column("decided_by", sa.String(100), nullable=False),
    sa.Column("expected_effect", sa.Text, nullable=False),
    sa.Column("last_period_review", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
)

load_gates = sa.Table(
    "load_gates",
    metadata,
    sa.Column("load_date", sa.String(10), primary_key=True),
    sa.Column("is_held", sa.Boolean, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("batches", sa.JSON, nullable=False),
    sa.Column("gated_at", sa.DateTime(timezone=True), nullable=False),
)


source_pulls = sa.Table(
    "source_pulls",
    metadata,
    sa.Column("source", sa.String(100), primary_key=True),
    sa.Column("day", sa.String(10), primary_key=True),
    sa.Column("file", sa.String(400), nullable=False),
    sa.Column("rows_read", sa.Integer, nullable=False),
    sa.Column("mark", sa.String(100)),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("requests", sa.Integer, nullable=False),
    sa.Column("repeats", sa.Integer, nullable=False),
    sa.Column("bytes_received", sa.BigInteger, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
)


class OperationsError(LeadloopError):
    """The operations store cannot be reached or its schema is newer than the code."""


def has_store(settings: Settings) -> bool:
    """Return whether there is a store already; asking for one makes it."""
    url = sa.make_url(settings.operations_url)
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


@contextmanager
def stay_open(settings: Settings) -> Iterator[None]:
    """Keep one connection for all that a block of this thread reads and writes.

    Opening and closing a SQLite file costs more than a small transaction.
    """
    url = settings.operations_url
    _migrate(url)
    with _engine(url).connect() as connection:
        token = _HELD.set((url, connection))
        try:
            yield
        finally:
            _HELD.reset(token)


@contextmanager
def _connect(url: str, *, reads: bool) -> Iterator[sa.Connection]:
    """Give a connection in a transaction of its own: the one that is held, if it is free."""
    _migrate(url)
    held_url, held = _HELD.get()
    with contextlib.ExitStack() as stack:
        if held is None or held_url != url or held.in_transaction():
            held = stack.enter_context(_engine(url).connect())
        connection = held.execution_options(**{_READS: reads})
        stack.enter_context(connection.begin())
        yield connection


@contextmanager
def transaction(settings: Settings) -> Iterator[sa.Connection]:
    """Give a connection inside one write transaction; it is committed when the block ends."""
    with _connect(settings.operations_url, reads=False) as connection:
        yield connection


def replace(connection: sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> int:
    """Write rows over those with the same primary key; return how many were written."""
    key = [column.name for column in table.primary_key]
    written = 0
    for row in rows:
        same = sa.and_(*(table.c[name] == row[name] for name in key))
        connection.execute(sa.delete(table).where(same))
        connection.execute(sa.insert(table).values(row))
        written += 1
    return written


def append(store: Settings | sa.Connection, table: sa.Table, rows: Iterable[dict[str, Any]]) -> int:
    """Add rows and return how many; a key that is there already raises IntegrityError.

    As in the functions below, a connection makes the write part of its transaction; settings give
    it one of its own.
    """
    written = 0
    with _join(store) as connection:
        for row in rows:
            connection.execute(sa.insert(table).values(row))
            written += 1
    return written


def insert_new(store: Settings | sa.Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    """Add a row unless its key, or another unique column, is there; return whether it was new."""
    with _join(store) as connection:
        made: Any
        if connection.dialect.name == "postgresql":
            from sqlalchemy.dialects import postgresql

            made = postgresql.insert(table).values(row).on_conflict_do_nothing()
        else:
            from sqlalchemy.dialects import sqlite

            made = sqlite.insert(table).values(row).on_conflict_do_nothing()
        return bool(connection.execute(made).rowcount == 1)


def compare_and_set(
    store: Settings | sa.Connection,
    table: sa.Table,
    key: Mapping[str, Any] | str,
    expect: Mapping[str, Any],
    set: Mapping[str, Any],
) -> bool:
    """Change one row if it still is as expected; return whether it was this call that did.

    The key is the value of the primary key, or a mapping where that has several columns. Of many
    calls that expect the same, from any process, one returns true.
    """
    wanted = sa.and_(_is_row(table, key), *(table.c[name] == expect[name] for name in expect))
    with _join(store) as connection:
        return connection.execute(sa.update(table).where(wanted).values(dict(set))).rowcount == 1


def find(
    store: Settings | sa.Connection, table: sa.Table, key: Mapping[str, Any] | str
) -> dict[str, Any] | None:
    """Return the row of a key as a dictionary, or None."""
    rows = read(store, sa.select(table).where(_is_row(table, key)))
    return rows[0] if rows else None


def read(store: Settings | sa.Connection, query: sa.Select[Any]) -> list[dict[str, Any]]:
    """Return the rows of a query as dictionaries; times are aware, in UTC."""
    with (
        contextlib.nullcontext(store)
        if isinstance(store, sa.Connection)
        else _look(store) as connection
    ):
        return [
            {name: _aware(value) for name, value in row.items()}
            for row in connection.execute(query).mappings()
        ]


def list_held_loads(settings: Settings) -> list[str]:
    """Return the load dates whose landing gate failed, oldest first; builds leave them out."""
    query = sa.select(load_gates.c.load_date).where(load_gates.c.is_held)
    return [row["load_date"] for row in read(settings, query.order_by(load_gates.c.load_date))]


def now() -> datetime:
    """Return the present moment in UTC, for the time columns of the store."""
    return datetime.now(tz=UTC)


@contextmanager
def record_step(settings: Settings, cycle: str, period: str, step: str) -> Iterator[dict[str, Any]]:
    """Leave an outcome row for one step of a cycle, whether it ends well or not.

    The block fills the dictionary it is given; it becomes the row's `detail`.
    """
    row: dict[str, Any] = {
        "cycle": cycle,
        "period": period,
        "step": step,
        "state": "running",
        "started_at": now(),
        "ended_at": None,
        "detail": {},
    }
    detail: dict[str, Any] = {}
    _write_step(settings, row)
    try:
        yield detail
    except BaseException as error:
        # The step's own error must reach the reader even when the store cannot be written.
        with contextlib.suppress(sa.exc.SQLAlchemyError):
            failed = {**detail, "error": f"{type(error).__name__}: {error}"}
            _write_step(settings, {**row, "state": "failed", "ended_at": now(), "detail": failed})
        raise
    _write_step(settings, {**row, "state": "done", "ended_at": now(), "detail": detail})


def _write_step(settings: Settings, row: dict[str, Any]) -> None:
    with transaction(settings) as connection:
        replace(connection, step_outcomes, [row])


@contextmanager
def _look(settings: Settings) -> Iterator[sa.Connection]:
    """Give a connection to read with, which waits for no writer."""
    with _connect(settings.operations_url, reads=True) as connection:
        yield connection


@contextmanager
def _join(store: Settings | sa.Connection) -> Iterator[sa.Connection]:
    """Give the connection itself, or one of a new transaction."""
    if isinstance(store, sa.Connection):
        yield store
        return
    with transaction(store) as connection:
        yield connection


def _is_row(table: sa.Table, key: Mapping[str, Any] | str) -> sa.ColumnElement[bool]:
    names = [column.name for column in table.primary_key]
    values = {names[0]: key} if isinstance(key, str) else dict(key)
    if sorted(values) != sorted(names):
        message = f"The key of {table.name} is {', '.join(names)}; seen {', '.join(values)}."
        raise OperationsError(message)
    return sa.and_(*(table.c[name] == value for name, value in values.items()))


@lru_cache(maxsize=8)
def _engine(url: str) -> sa.Engine:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    # NullPool: a killed or forked task never leaves a shared handle behind.
    engine = sa.create_engine(url, connect_args={"timeout": 30}, poolclass=sa.NullPool)

    @sa.event.listens_for(engine, "connect")
    def _prepare(dbapi_connection: Any, _record: object) -> None:
        # The driver must not open transactions by itself: those that may write BEGIN IMMEDIATE, so
        # that two writers queue on the busy timeout instead of failing when a read turns into one.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("pragma busy_timeout = 30000")
        cursor.execute("pragma journal_mode = wal")
        cursor.execute("pragma synchronous = normal")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        is_read = connection.get_execution_options().get(_READS)
        connection.exec_driver_sql("BEGIN" if is_read else "BEGIN IMMEDIATE")

    return engine


@lru_cache(maxsize=8)
def _migrate(url: str) -> None:
    """Bring the store to the newest schema, once in a process."""
    from leadloop.migrations import upgrade

    try:
        upgrade(_engine(url))
    except sa.exc.DatabaseError as error:
        shown = sa.make_url(url).render_as_string(hide_password=True)
        message = (
            f"The operations store {shown} cannot be opened: {error.orig}. "
            "Check LEADLOOP_OPERATIONS_URL or the rights on the home folder."
        )
        raise OperationsError(message) from error


def _aware(value: Any) -> Any:
    # SQLite forgets the zone of what is always written in UTC.
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value
