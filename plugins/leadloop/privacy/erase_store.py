"""Erasure in relational stores: the operations store, its copies in back-ups, Airflow's database.

Rows of the ledger stay, so that counts and the chain alert -> action -> proof stay: the person in
them becomes a tombstone. Proofs refuse every change but this one.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from leadloop import opstore
from leadloop.privacy.redaction import name_kind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadloop.privacy.redaction import Redactor
    from leadloop.settings import Settings

# Written by the erasure itself; they tell nothing of anybody.
_OURS: Final = ("erased_keys", "erasures", "alembic_version")
_AT_ONCE: Final = 20_000


def erase_operations(settings: Settings, redactor: Redactor, tombstone: str) -> dict[str, int]:
    """Return how many rows of each table of the operations store no longer name the person."""
    with opstore.transaction(settings) as connection:
        counts = erase_tables(connection, redactor, tombstone)
    url = sa.make_url(settings.operations_url)
    if url.get_backend_name() == "sqlite" and url.database:
        compact_sqlite(url.database)
    elif counts:
        _compact_postgres(settings, list(counts))
    return counts


def erase_sqlite(path: Path, redactor: Redactor, tombstone: str) -> dict[str, int]:
    """Do the same in an SQLite file of whatever schema."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    with engine.begin() as connection:
        counts = erase_tables(connection, redactor, tombstone)
    compact_sqlite(str(path))
    return counts


def erase_tables(connection: sa.Connection, redactor: Redactor, tombstone: str) -> dict[str, int]:
    """Return how many rows of each table were changed, within the connection's transaction."""
    schema = sa.MetaData()
    schema.reflect(connection)
    counts = {}
    for table in schema.tables.values():
        if table.name in _OURS or not table.primary_key.columns:
            continue
        changes = list(_find_changes(connection, table, redactor, tombstone))
        if changes:
            with _unguarded(connection, table.name):
                for key, values in changes:
                    same = sa.and_(*(table.c[name] == value for name, value in key.items()))
                    connection.execute(sa.update(table).where(same).values(values))
            counts[table.name] = len(changes)
    return counts


def compact_sqlite(database: str) -> None:
    """Write an SQLite file anew, so that no page keeps what was changed."""
    with contextlib.closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as store:
        store.execute("pragma secure_delete = on")
        store.execute("vacuum")
        store.execute("pragma wal_checkpoint(truncate)")


def _compact_postgres(settings: Settings, tables: list[str]) -> None:
    engine = sa.create_engine(settings.operations_url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in tables:
            connection.execute(sa.text(f'vacuum (full) "{name}"'))
    engine.dispose()


def _find_changes(
    connection: sa.Connection, table: sa.Table, redactor: Redactor, tombstone: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Give the key of each row that tells of the person, and its columns as they shall be."""
    words = [c for c in table.columns if isinstance(c.type, sa.String | sa.JSON)]
    if not words:
        return
    keys = list(table.primary_key.columns)
    shown = [sa.cast(sa.type_coerce(c, sa.Text), sa.Text).label(f"word_{c.name}") for c in words]
    query = sa.select(*(c.label(f"key_{c.name}") for c in keys), *shown)
    for rows in connection.execute(query).partitions(_AT_ONCE):
        for row in rows:
            texts = row[len(keys) :]
            joined = "\n".join(str(text) for text in texts if text is not None)
            if not redactor.tells_of(joined) and not _names(words, texts, redactor, tombstone):
                continue
            values = {
                column.name: _clear(column, text, redactor, tombstone)
                for column, text in zip(words, texts, strict=True)
                if text is not None
            }
            changed = {
                name: new
                for (name, (old, new)) in _pair(words, texts, values).items()
                if old != new
            }
            if "unit_id" in changed and "hash" in table.columns:
                # The draw of an experiment is a keyed hash of the unit.
                changed["hash"] = tombstone
            if changed:
                yield {c.name: row[place] for place, c in enumerate(keys)}, changed


def _names(words: list[sa.Column[Any]], texts: Any, redactor: Redactor, tombstone: str) -> bool:
    """Return whether a column of ids, or JSON, holds a short id of the person."""
    return any(
        text is not None
        and (
            redactor.redact_value(text, tombstone, column.name) != text
            if name_kind(column.name)
            else isinstance(column.type, sa.JSON) and redactor.tells_of(text)
        )
        for column, text in zip(words, texts, strict=True)
    )


def _pair(
    words: list[sa.Column[Any]], texts: Any, values: dict[str, Any]
) -> dict[str, tuple[Any, Any]]:
    pairs = {}
    for column, text in zip(words, texts, strict=True):
        if text is not None:
            old = json.loads(text) if isinstance(column.type, sa.JSON) else text
            pairs[column.name] = (old, values[column.name])
    return pairs


def _clear(column: sa.Column[Any], text: str, redactor: Redactor, tombstone: str) -> Any:
    if isinstance(column.type, sa.JSON):
        return redactor.redact_value(json.loads(text), tombstone, column.name)
    try:
        value = json.loads(text) if text[:1] in "[{" else None
    except ValueError:
        value = None
    if value is not None:
        cleared = redactor.redact_value(value, tombstone, column.name)
        return text if cleared == value else json.dumps(cleared, ensure_ascii=False)
    return redactor.redact_value(text, tombstone, column.name)


@contextlib.contextmanager
def _unguarded(connection: sa.Connection, table: str) -> Iterator[None]:
    """Lift what refuses changes of a table for the length of a block, in one transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text(f'alter table "{table}" disable trigger user'))
        yield
        connection.execute(sa.text(f'alter table "{table}" enable trigger user'))
        return
    found = connection.execute(
        sa.text("select name, sql from sqlite_master where type = 'trigger' and tbl_name = :name"),
        {"name": table},
    ).fetchall()
    for name, _ in found:
        connection.execute(sa.text(f'drop trigger "{name}"'))
    yield
    for _, layout in found:
        connection.exec_driver_sql(str(layout))
