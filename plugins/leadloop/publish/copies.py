"""Copies of a database file that are whole, lasting and proved to be what was built."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

from leadloop import warehouse
from leadloop.publish.errors import PublishError

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from leadloop.settings import Home


def copy_file(source: Path, target: Path) -> None:
    """Copy a file and make it last; shares blocks where the file system can (XFS, Btrfs)."""
    if not _share_blocks(source, target):
        shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())


def _share_blocks(source: Path, target: Path) -> bool:
    if not hasattr(os, "copy_file_range"):
        return False
    left = source.stat().st_size
    with source.open("rb") as reader, target.open("wb") as writer:
        try:
            while left and (copied := os.copy_file_range(reader.fileno(), writer.fileno(), left)):
                left -= copied
        except OSError:
            # Across file systems, or on one that cannot: the plain copy starts again.
            return False
    return not left


def count_rows(connection: duckdb.DuckDBPyConnection, database: str) -> dict[str, int]:
    """Return the tables of an attached database with their row counts, by name."""
    query = "select schema_name, table_name from duckdb_tables() where database_name = ?"
    counts = {}
    for row in warehouse.read_rows(connection, f"{query} order by table_name", [database]):
        place = f'"{database}"."{row["schema_name"]}"."{row["table_name"]}"'
        count = f"select count(*) as row_count from {place}"  # noqa: S608 - names of the catalogue
        counts[row["table_name"]] = int(warehouse.read_rows(connection, count)[0]["row_count"])
    return counts


def verify_copy(home: Home, copy: Path, counts: dict[str, int]) -> str | None:
    """Return the last date of the data; raise PublishError where the copy is not what was built."""
    with warehouse.open_marts(home, copy) as connection:
        query = (
            "select database_name, tags['storage_version'] as storage from duckdb_databases() "
            "where database_name = current_database()"
        )
        database = warehouse.read_rows(connection, query)[0]
        found = count_rows(connection, database["database_name"])
        if found != counts:
            message = f"{copy} differs from what was built: {found}; wanted {counts}."
            raise PublishError(message)
        if _read_version(database["storage"]) > _read_version(warehouse.STORAGE_VERSION):
            message = (
                f"{copy} has storage version {database['storage']}; drivers of "
                f"{warehouse.STORAGE_VERSION} could not read it. Remove {home.marts_build} and "
                "build everything again: the file is then made with the right version."
            )
            raise PublishError(message)
        if "fct_dials" not in found:
            return None
        rows = warehouse.read_rows(connection, "select max(dial_date) as last from fct_dials")
    return None if rows[0]["last"] is None else str(rows[0]["last"])


def _read_version(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", text))
