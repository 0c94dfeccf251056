"""Pulls a table or a select of a database through SQLAlchemy, row by row; `pull` keeps them."""

from __future__ import annotations

import base64
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop.errors import UsageError
from leadloop.ingest import IngestError
from leadloop.ingest.spans import zone_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.ingest.sources import DatabaseSource
    from leadloop.ingest.spans import Span

# Engines that are known to give one picture of the data under this name.
_SNAPSHOTS = ("postgresql", "mysql", "mariadb")


def fetch_rows(source: DatabaseSource, url: str, span: Span) -> Iterator[dict[str, Any]]:
    """Give the rows of a span; a chunk is in memory, never the whole."""
    engine = _open(source, url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name in _SNAPSHOTS:
                # One picture of the data; on PostgreSQL without any right to change it, too.
                connection = connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
                _set_zone(connection, source)
            streamed = connection.execution_options(yield_per=source.chunk_rows)
            query, values = _build_query(source, span, engine.dialect)
            for row in streamed.execute(query, values).mappings():
                yield {name: _to_plain(value, source.zone) for name, value in row.items()}
    except sa.exc.SQLAlchemyError as error:
        reason = getattr(error, "orig", None) or error
        shown = sa.make_url(url).render_as_string(hide_password=True)
        message = (
            f"Source {source.name}: {shown} answered: {str(reason).strip()}. Nothing was kept."
        )
        raise IngestError(message) from error
    finally:
        engine.dispose()


def _set_zone(connection: sa.Connection, source: DatabaseSource) -> None:
    """Set the session's zone, in which times are compared; else it is whatever the server's is."""
    if connection.dialect.name == "postgresql":
        setting = sa.func.set_config("timezone", source.zone or "UTC", True)
        connection.execute(sa.select(setting))
    elif not source.zone:
        # MySQL knows names of zones only where somebody has loaded them. Its columns of type
        # timestamp follow the session, those of type datetime need `zone`.
        connection.execute(sa.text("set time_zone = '+00:00'"))


def _open(source: DatabaseSource, url: str) -> sa.Engine:
    try:
        return sa.create_engine(url, poolclass=sa.NullPool)
    except (sa.exc.ArgumentError, ImportError) as error:
        # The text of the URL holds a password: only what is wrong with it is told.
        reason = "its driver is not installed" if isinstance(error, ImportError) else "not a URL"
        message = (
            f"Source {source.name}: LEADLOOP_SECRET_{source.name.upper()} cannot be opened "
            f"({reason}). Wanted a URL of SQLAlchemy such as "
            "postgresql+psycopg2://user:password@host/database; docs/sources.md names drivers."
        )
        raise UsageError(message) from error


def _build_query(
    source: DatabaseSource, span: Span, dialect: sa.Dialect
) -> tuple[sa.Executable, dict[str, Any]]:
    # SQLite has no times, only texts.
    as_text = source.bind == "text" or dialect.name == "sqlite"
    values: dict[str, Any] = {"since": _bind(source, span.since, as_text)}
    if span.until is not None:
        values["until"] = _bind(source, span.until, as_text)
    if source.select:
        query = sa.text(source.select)
        wanted = set(query.compile().params)
        if missing := wanted - set(values):
            message = f"Source {source.name}: a select by number has no :{missing.pop()}."
            raise UsageError(message)
        return query, {name: value for name, value in values.items() if name in wanted}
    quote = dialect.identifier_preparer.quote
    table = ".".join(quote(part) for part in str(source.table).split("."))
    column = quote(source.cursor.field if source.cursor else str(source.day_column))
    bounds = f"{column} >= :since" + (f" and {column} < :until" if "until" in values else "")
    # Names are word characters, checked on load, and quoted here; values are bound.
    query = sa.text(f"select * from {table} where {bounds} order by {column}")  # noqa: S608
    return query, values


def _bind(source: DatabaseSource, value: datetime | float, as_text: bool) -> Any:
    if not isinstance(value, datetime):
        return value
    local = value.astimezone(zone_of(source.zone))
    if as_text:
        return local.strftime(source.time_format)
    # A column without a zone is compared in its own clock time.
    return local.replace(tzinfo=None) if source.zone else local


def _to_plain(value: Any, zone: str | None) -> Any:
    """Return a value as JSON can hold it; exact numbers as text, times with their zone."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=zone_of(zone))).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)
