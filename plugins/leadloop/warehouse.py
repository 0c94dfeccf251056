"""The only door to DuckDB: connections, locks and Arrow in and out.

DuckDB has one writer, and a writer blocks every other process. So writers take a connection
here (it waits its turn, then says who holds the file), and readers never open the warehouse:
they open a published version of the marts (`open_marts`), which nobody writes.
"""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadloop.errors import LeadloopError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import duckdb
    import pyarrow as pa

    from leadloop.settings import Home

    # What is copied of a table of an attached file, as SQL.
    Select = Callable[[duckdb.DuckDBPyConnection, str], str]
    Counts = dict[str, int]

WAIT_SECONDS = 60.0
# Format of the marts file: drivers of DuckDB 1.2 and newer can read what is published. It is fixed
# when the file is made, which is here and nowhere else.
STORAGE_VERSION = "v1.2.0"
# Half of a small machine: DuckDB's default of 80 % starves Airflow beside it. More goes to disk.
MEMORY_LIMIT = os.environ.get("LEADLOOP_MEMORY_LIMIT", "4GB")


class WarehouseError(LeadloopError):
    """The warehouse cannot be opened or a published version is missing."""


class MissingTableError(WarehouseError):
    """The file opened has no such table: it is older than the models, or the model is new."""


@dataclass(frozen=True, slots=True)
class LandingFile:
    """One Parquet file of a landing table, with what its path says of it.

    `first` and `last` are the range of event dates inside as ISO text, both "" for rows
    without a day: knowing it from the name keeps a day's work flat as files pile up.
    """

    path: Path
    table: str
    load_date: str
    first: str
    last: str
    batch_id: str

    def overlaps(self, first: str, last: str) -> bool:
        """Return whether the file may hold rows of the event dates from first to last."""
        return bool(self.first) and self.first <= last and first <= self.last


def landing_path(home: Home, file: tuple[str, str, str, str, str]) -> Path:
    """Return where a landing file goes: (table, load_date, first, last, batch_id)."""
    table, load_date, first, last, batch_id = file
    span = f"{first}_{last}" if first else "undated"
    return home.landing / table / f"load_date={load_date}" / f"{span}_{batch_id}.parquet"


def list_landing(home: Home, table: str) -> list[LandingFile]:
    """Return the landing files of a table, oldest load first."""
    files = []
    for path in _list_parquet(home.landing / table):
        span, _, batch_id = path.stem.rpartition("_")
        first, _, last = span.partition("_")
        dated = span != "undated"
        files.append(
            LandingFile(
                path=path,
                table=table,
                load_date=path.parent.name.removeprefix("load_date="),
                first=first if dated else "",
                last=last if dated else "",
                batch_id=batch_id,
            )
        )
    return files


def list_load(home: Home, table: str, load_date: str, batches: set[str]) -> list[Path]:
    """Return the landing files of these batches in one load, in order.

    Not by way of the whole landing: a year of loads would be listed for each of its files.
    """
    folder = home.landing / table / f"load_date={load_date}"
    return [
        path for path in sorted(folder.glob("*.parquet")) if path.stem.rpartition("_")[2] in batches
    ]


def _list_parquet(folder: Path) -> list[Path]:
    """Return `load_date=*/*.parquet` in order; `Path.glob` takes several times as long."""
    try:
        with os.scandir(folder) as entries:
            loads = sorted(entry.path for entry in entries if entry.name.startswith("load_date="))
    except FileNotFoundError:
        return []
    found = []
    for load in loads:
        with os.scandir(load) as entries:
            found += sorted(entry.path for entry in entries if entry.name.endswith(".parquet"))
    return [Path(name) for name in found]


@contextmanager
def open_warehouse(
    home: Home, *, marts: bool = True, wait: float = WAIT_SECONDS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the one writing connection, with the marts under construction attached.

    Waits up to `wait` seconds for another writer, then raises WarehouseError naming it.
    """
    import duckdb

    home.warehouse.parent.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + wait
    delay = 0.05
    while True:
        connection = None
        try:
            connection = duckdb.connect(str(home.warehouse), config=_config(home))
            if marts:
                connection.execute(
                    f"attach if not exists '{home.marts_build}' as marts_build "
                    f"(storage_version '{STORAGE_VERSION}')"
                )
            break
        except duckdb.IOException as error:
            if connection is not None:
                connection.close()
            if "lock" not in str(error).lower() or time.monotonic() > deadline:
                message = (
                    f"{home.warehouse} is held by another process ({error}). "
                    "One writer at a time: wait for it, or see `leadloop doctor`."
                )
                raise WarehouseError(message) from error
            time.sleep(delay)
            delay = min(delay * 2, 1.0)
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


def current_marts(home: Home) -> Path:
    """Return the file of the published marts; raise WarehouseError if nothing is published."""
    link = home.marts / "current.duckdb"
    try:
        return link.resolve(strict=True)
    except FileNotFoundError as error:
        message = (
            f"Nothing is published under {home.marts} yet. "
            "Run `leadloop run daily --date DAY`, or `make demo`."
        )
        raise WarehouseError(message) from error


@contextmanager
def open_marts(home: Home, path: Path | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a read-only connection to published marts (the current version by default).

    The file is opened by its resolved path: a handle stays on its version across a publish.
    """
    import duckdb

    file = path or current_marts(home)
    connection = duckdb.connect(str(file), read_only=True)
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


@contextmanager
def open_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection to an empty database in memory, for work on Parquet and Arrow."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.execute("set timezone = 'UTC'")
        yield connection
    finally:
        connection.close()


def read_arrow(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] | None = None,
) -> pa.Table:
    """Return the result of a query as an Arrow table."""
    return connection.execute(sql, parameters).to_arrow_table()


def read_rows(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    parameters: Sequence[Any] | Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the result of a query as dictionaries, one for each row."""
    import duckdb

    try:
        cursor = connection.execute(sql, parameters)
    except duckdb.CatalogException as error:
        message = f"A table asked for is not there ({str(error).splitlines()[0]}). Publish again."
        raise MissingTableError(message) from error
    names = [item[0] for item in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def stream_rows(
    connection: duckdb.DuckDBPyConnection, sql: str, size: int = 10_000
) -> Iterator[tuple[Any, ...]]:
    """Give the names of a query's columns, then its rows, a bounded number of them in memory."""
    connection.execute("set enable_progress_bar = false")
    cursor = connection.execute(sql)
    yield tuple(item[0] for item in cursor.description or ())
    while rows := cursor.fetchmany(size):
        yield from rows


def _config(home: Home) -> dict[str, Any]:
    scratch = home.cache / "duckdb"
    scratch.mkdir(parents=True, exist_ok=True)
    return {"memory_limit": MEMORY_LIMIT, "temp_directory": str(scratch)}


def copy_database(source: Path, target: Path, select: Select, storage: str | None = None) -> Counts:
    """Write the tables and views of a file into a new one, rows as selected; return rows left out.

    `select` gives, for a table's place, the query of what is copied of it.
    A new file holds no freed page of the old one. Views that cannot be bound are made again by
    whoever reads the models; the copy goes on without them.
    """
    import duckdb

    name = source.name.split(".")[0]
    version = f" (storage_version '{storage}')" if storage else ""
    counts: Counts = {}
    connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY_LIMIT})
    try:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"attach {_quote(source)} as {name} (read_only)")
        connection.execute(f"attach {_quote(target)} as fresh{version}; use fresh")
        for schema, table, _ in _list_made(connection, name, "table"):
            connection.execute(f'create schema if not exists "{schema}"')
            place = f'"{name}"."{schema}"."{table}"'
            chosen = select(connection, place)
            # Four times as fast as an insert; our tables have no constraint that it would lose.
            connection.execute(f'create table "{schema}"."{table}" as {chosen}')
            left_out = _count(connection, place) - _count(connection, f'"{schema}"."{table}"')
            if left_out:
                counts[f"{schema}.{table}"] = left_out
        _copy_views(connection, _list_made(connection, name, "view"))
        connection.execute("checkpoint fresh")
    finally:
        connection.close()
    return counts


def _count(connection: duckdb.DuckDBPyConnection, place: str) -> int:
    query = f"select count(*) from {place}"  # noqa: S608 - a name of the catalogue
    return int((connection.execute(query).fetchone() or (0,))[0])


def _copy_views(connection: duckdb.DuckDBPyConnection, views: list[tuple[str, str, str]]) -> None:
    """Make views, each after those it reads."""
    import duckdb

    left = views
    while left:
        failed = []
        for schema, view, layout in left:
            connection.execute(f'create schema if not exists "{schema}"')
            try:
                connection.execute(layout)
            except duckdb.Error:
                failed.append((schema, view, layout))
        if len(failed) == len(left):
            return
        left = failed


def _list_made(
    connection: duckdb.DuckDBPyConnection, database: str, kind: str
) -> list[tuple[str, str, str]]:
    rows = connection.execute(
        f"select schema_name, {kind}_name, sql from duckdb_{kind}s() "  # noqa: S608
        "where database_name = ? and not internal order by all",
        [database],
    ).fetchall()
    return [(schema, name, sql) for schema, name, sql in rows]


def _quote(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
