"""Fingerprints of marts: two versions with the same rows have the same ones.

Tests and `leadloop doctor` use them to say that running a day twice changed nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from leadloop import warehouse
from leadloop.settings import Home

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

# Columns that say when or how a row was built, not what it says.
BUILD_COLUMNS = (
    "batch_id",
    "built_at",
    "dbt_updated_at",
    "extracted_at",
    "ingested_at",
    "load_date",
    "new_snapshot_id",
    "old_snapshot_id",
    "restated_at",
    "restatement_id",
    "row_hash",
    "source_file",
    "source_line",
    "version_id",
)


def hash_marts(
    marts: Path | duckdb.DuckDBPyConnection, *, without: Iterable[str] = BUILD_COLUMNS
) -> dict[str, str]:
    """Return a hash of the ordered rows of each table, without the columns of the build.

    Columns are taken by name and rows in the order of their values, so neither the order of
    columns nor that of insertion matters; types do.
    """
    left_out = set(without)
    if isinstance(marts, Path):
        with warehouse.open_marts(Home(marts.parent), marts) as connection:
            return _hash_tables(connection, left_out)
    return _hash_tables(marts, left_out)


def hash_day(marts: Path, day: str) -> dict[str, str]:
    """Return a hash of the rows that each dated mart keeps under a day, or under its month.

    A mart's date is its first column that is one and is not of the build; dimensions and what has
    no date are left out.
    """
    with warehouse.open_marts(Home(marts.parent), marts) as connection:
        found: dict[str, tuple[list[str], str]] = {}
        for row in warehouse.read_rows(connection, _COLUMNS):
            table, column = row["table_name"], row["column_name"]
            if table.startswith("dim_") or column in BUILD_COLUMNS:
                continue
            names, condition = found.get(table, ([], ""))
            if row["data_type"] == "DATE" and not condition:
                since = (
                    f"date_trunc('month', date '{day}')" if _is_month(column) else f"date '{day}'"
                )
                condition = f'where "{column}" = {since}'
            found[table] = ([*names, column], condition)
        return {
            table: _hash_rows(connection, table, names, condition)
            for table, (names, condition) in found.items()
            if condition
        }


def _is_month(column: str) -> bool:
    return column.endswith("_month")


_COLUMNS = (
    "select table_name, column_name, data_type from duckdb_columns() "
    "where database_name = current_database() and not internal order by table_name, column_index"
)


def _hash_tables(connection: duckdb.DuckDBPyConnection, left_out: set[str]) -> dict[str, str]:
    columns: dict[str, list[str]] = {}
    for row in warehouse.read_rows(connection, _COLUMNS):
        names = columns.setdefault(row["table_name"], [])
        if row["column_name"] not in left_out:
            names.append(row["column_name"])
    return {table: _hash_rows(connection, table, names) for table, names in columns.items()}


def _hash_rows(
    connection: duckdb.DuckDBPyConnection, table: str, names: list[str], condition: str = ""
) -> str:
    names = sorted(names)
    values = ", ".join(f'"{name}"' for name in names)
    # The names of the columns are part of it: a renamed column is a change.
    query = (
        "select md5(? || coalesce(string_agg(row_hash::varchar, ',' order by row_hash), '')) as "  # noqa: S608 - names of the catalogue
        f'digest from (select hash({values}) as row_hash from "{table}" {condition})'
    )
    return str(warehouse.read_rows(connection, query, [values])[0]["digest"])
