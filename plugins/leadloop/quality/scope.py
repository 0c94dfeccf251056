"""The scope of a gate: which loads and dates it judges, and a connection that sees them.

The landing gate judges loads (Parquet files); the core and marts gates judge the dates that
`transform.prepare` touched. Neighbours: `reads` (the queries), `gate`.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from leadloop import contract, opstore, warehouse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from leadloop.settings import Settings
    from leadloop.warehouse import LandingFile

_HISTORY_WEEKS = 4
# Tables with a suite of their own; all others are judged by what the contract says of them.
_OWN = ("call", "utterance", "order")
# Rows that were sent again with other content, and the version of them that counts (the order is
# that of the models). They are few, so this table is, however large the load.
_CORRECTED = """
create table {view}_corrected as
select
    source_system,
    source_pk,
    arg_max(row_hash, (
        coalesce(extracted_at, timestamptz '-infinity'), ingested_at, source_line, row_hash
    )) as newest_row_hash
from {view}
group by all
having min(row_hash) <> max(row_hash)
"""


@dataclass(frozen=True, slots=True)
class Scope:
    """What one evaluation of a gate looks at."""

    day: str
    loads: tuple[str, ...] = ()
    files: tuple[LandingFile, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)

    def list_batches(self, load_date: str) -> list[str]:
        """Return the batches of one load, sorted."""
        return sorted({file.batch_id for file in self.files if file.load_date == load_date})


@contextmanager
def open_scope(
    settings: Settings, gate: str, days: tuple[str, str]
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Scope]]:
    """Give a connection on which the reads of the gate run, and the scope they run in.

    `days` are the first and the last day of the run, the same but in a backfill.
    """
    if gate == "landing":
        scope = find_loads(settings, days)
        with warehouse.open_memory() as connection:
            _limit_memory(connection, settings)
            _show_landing(connection, settings, scope)
            yield connection, scope
    else:
        with warehouse.open_warehouse(settings.home, marts=gate == "marts") as connection:
            yield connection, _find_built(connection, settings, days[1])


def _find_built(connection: duckdb.DuckDBPyConnection, settings: Settings, day: str) -> Scope:
    """Return the scope of what was built: the loads that came with it are to blame if it breaks."""
    query = "select distinct load_date::varchar as load_date from raw.pending_batches order by 1"
    has_scope = has_table(connection, "raw", "pending_batches")
    loads = (
        [row["load_date"] for row in warehouse.read_rows(connection, query)] if has_scope else []
    )
    files = (
        file for name in contract.TABLES for file in warehouse.list_landing(settings.home, name)
    )
    return Scope(
        day=day,
        loads=tuple(loads),
        files=tuple(file for file in files if file.load_date in loads),
        parameters={"latest": _latest(settings, day)},
    )


def find_loads(settings: Settings, days: tuple[str, str]) -> Scope:
    """Return the loads the landing gate judges: pending ones, less those held, and the run's own.

    The loads of the run's days are judged also when held: that is how a mended day is freed.
    """
    first, day = days
    files = [
        file for name in contract.TABLES for file in warehouse.list_landing(settings.home, name)
    ]
    built = _list_built(settings)
    held = {load for load in opstore.list_held_loads(settings) if not first <= load <= day}
    landing = settings.home.landing
    pending = {file.load_date for file in files if str(file.path.relative_to(landing)) not in built}
    loads = tuple(sorted((pending - held) | {day}))
    return Scope(
        day=day,
        loads=loads,
        files=tuple(file for file in files if file.load_date not in held),
        parameters={"loads": list(loads), "timezone": settings.company.timezone},
    )


def _list_built(settings: Settings) -> set[str]:
    if not settings.home.warehouse.exists():
        return set()
    with warehouse.open_warehouse(settings.home, marts=False) as connection:
        if not has_table(connection, "raw", "built_batches"):
            return set()
        rows = warehouse.read_rows(connection, "select file from raw.built_batches")
    return {row["file"] for row in rows}


def has_table(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Return whether the connection's own database has the table or view."""
    query = "select 1 from information_schema.tables where table_schema = ? and table_name = ?"
    return bool(warehouse.read_rows(connection, query, [schema, name]))


def _show_landing(connection: duckdb.DuckDBPyConnection, settings: Settings, scope: Scope) -> None:
    # Later loads are seen too (they may correct a row judged here), and earlier ones of the same
    # weekdays (usual volume); nothing else is opened, however much has landed.
    first = scope.loads[0]
    for table in contract.TABLES:
        view = f"landed_{table}"
        paths = [
            str(file.path)
            for file in scope.files
            if file.table == table and file.load_date >= first
        ]
        _show_files(connection, view, table, paths)
        connection.execute(_CORRECTED.format(view=view))
    _show_tables(connection)
    past = _list_same_weekdays(scope.loads)
    paths = [
        str(file.path)
        for file in scope.files
        if file.table == "call" and (file.load_date in past or file.load_date in scope.loads)
    ]
    _show_files(connection, "landed_weeks", "call", paths)


def _show_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Lay one view over all tables without a suite of their own, judged by the contract."""
    judged = (_judge_table(table) for name, table in contract.TABLES.items() if name not in _OWN)
    connection.execute(f"create view landed_tables as {' union all '.join(judged)}")


def _judge_table(table: contract.Table) -> str:
    missing = [
        f"case when {column.name} is null then '{column.name}' end"
        for column in table.all_columns
        if column.required
    ]
    unknown = [
        f"case when {column.name} not in {column.enum} then '{column.name}' end"
        for column in table.all_columns
        if len(column.enum) > 1
    ]
    return (
        f"select '{table.name}' as table_name, load_date, source_file, source_line, "  # noqa: S608
        "source_system, source_pk, row_hash, extracted_at::varchar as exported_at, "
        f"nullif(concat_ws(', ', {', '.join(missing)}), '') as missing_columns, "
        f"nullif(concat_ws(', ', {', '.join(unknown)}), '') as unknown_columns "
        f"from landed_{table.name}"
    )


def _limit_memory(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    scratch = settings.home.cache / "duckdb"
    scratch.mkdir(parents=True, exist_ok=True)
    connection.execute(f"set memory_limit = '{warehouse.MEMORY_LIMIT}'")
    connection.execute(f"set temp_directory = '{scratch}'")


def _show_files(
    connection: duckdb.DuckDBPyConnection, view: str, table: str, paths: list[str]
) -> None:
    if not paths:
        empty = contract.arrow_schema(contract.TABLES[table]).empty_table()
        connection.register(f"{view}_empty", empty)
        source = f"(select *, '' as load_date from {view}_empty)"  # noqa: S608 - our own names
    else:
        quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
        source = (
            f"read_parquet([{quoted}], union_by_name = true, hive_partitioning = true, "
            "hive_types = {'load_date': varchar})"
        )
    connection.execute(f"create view {view} as select * from {source}")  # noqa: S608 - quoted


def _list_same_weekdays(loads: tuple[str, ...]) -> set[str]:
    return {
        (date.fromisoformat(load) - timedelta(weeks=weeks)).isoformat()
        for load in loads
        for weeks in range(1, _HISTORY_WEEKS + 1)
    }


def _latest(settings: Settings, day: str) -> str:
    today = datetime.now(tz=settings.company.zone).date().isoformat()
    return max(day, today)
