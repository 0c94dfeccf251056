"""Erasure in tables: Parquet files and DuckDB files, written anew without a person's rows.

Nothing is deleted in place: a file keeps what was deleted in pages that nobody reads any more.
Each file is written aside, synced and renamed over the old one. Neighbours: `person` (which rows),
`redaction` (mentions in words), `erase` (the order of things).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

from leadloop import pointer, warehouse
from leadloop.privacy.erased import ALIASES, IDENTITY, OWNERS
from leadloop.privacy.person import MENTIONS, find_condition, quote
from leadloop.privacy.redaction import ERASED

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import duckdb
    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from leadloop.privacy.person import Plan
    from leadloop.privacy.redaction import Redactor
    from leadloop.settings import Home

ASIDE = ".erasing"
# Files rewritten side by side; each holds one group of rows in memory.
AT_ONCE: Final = 4


def erase_landing(table: str, plan: Plan) -> int:
    """Return how many files of a landing table were written anew without the person's rows.

    A file keeps its name: the days in it are an upper bound, and a new name would make the next
    cycle build everything again. A file without rows stays for the same reason.
    """
    paths = [path for path in map(Path, plan.files.get(table, ())) if path.exists()]
    places = _find_places(paths, plan)

    def rewrite(path: Path) -> None:
        hits = places.get(str(path), ())
        if table in MENTIONS:
            filter_parquet(
                path, lambda *_: None, lambda rows, first: _forget_calls(rows, first, hits)
            )
        else:
            filter_parquet(path, lambda rows, first: _mark(rows, first, hits))

    # Reading, packing and syncing leave the interpreter free: files side by side.
    with ThreadPoolExecutor(min(os.cpu_count() or 1, AT_ONCE)) as pool:
        list(pool.map(rewrite, paths))
    return len(paths)


def _find_places(paths: list[Path], plan: Plan) -> dict[str, list[int]]:
    """Return the person's rows in each file, by number, from one look at all of them.

    The list of keys is long: to plan a query of it costs more than to read a file.
    """
    places: dict[str, list[int]] = {}
    if not paths:
        return places
    listed = ", ".join(quote(str(path)) for path in paths)
    rows = (
        f"read_parquet([{listed}], union_by_name = true, filename = true, "
        "file_row_number = true, hive_partitioning = false)"
    )
    with warehouse.open_memory() as connection:
        described = connection.execute(f"describe select * from {rows}").fetchall()  # noqa: S608
        condition = find_condition(plan, [row[0] for row in described])
        query = f"select filename, file_row_number from {rows} where {condition or 'false'}"  # noqa: S608
        for path, number in connection.execute(query).fetchall():
            places.setdefault(path, []).append(number)
    return places


def filter_parquet(
    path: Path,
    find: Callable[[pa.Table, int], npt.NDArray[np.bool_] | None],
    change: Callable[[pa.Table, int], pa.Table] | None = None,
) -> int:
    """Write a Parquet file anew without the rows that `find` marks; return how many those were.

    Both are given some rows and the number of the first of them. Either takes rows out or changes
    them: a change would not know its rows by number after others went.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    aside = path.with_name(f".{path.name}{ASIDE}")
    left_out = first = 0
    with pq.ParquetFile(path) as file:
        meta = file.metadata
        group = meta.row_group(0) if meta.num_row_groups else None
        coded = [
            group.column(place).path_in_schema
            for place in range(meta.num_columns if group else 0)
            if group and "RLE_DICTIONARY" in group.column(place).encodings
        ]
        schema = file.schema_arrow
        with pq.ParquetWriter(aside, schema, compression="zstd", use_dictionary=coded) as writer:
            for number in range(meta.num_row_groups):
                rows = file.read_row_group(number)
                marked = find(rows, first)
                kept = rows if marked is None else rows.filter(pa.array(~marked))
                left_out += rows.num_rows - kept.num_rows
                kept = change(kept, first) if change else kept
                first += rows.num_rows
                if kept.num_rows:
                    writer.write_table(kept)
    replace_file(aside, path)
    return left_out


def replace_file(aside: Path, path: Path, *, times: os.stat_result | None = None) -> None:
    """Put a finished file in the place of another, so that it is there whole whatever happens."""
    if times is not None:
        os.utime(aside, ns=(times.st_atime_ns, times.st_mtime_ns))
    with aside.open("rb") as handle:
        os.fsync(handle.fileno())
    aside.replace(path)
    pointer.sync_folder(path.parent)


def _mark(rows: pa.Table, first: int, hits: Sequence[int]) -> npt.NDArray[np.bool_]:
    import numpy as np

    marked = np.zeros(rows.num_rows, np.bool_)
    places = np.array(hits, np.int64) - first
    marked[places[(places >= 0) & (places < rows.num_rows)]] = True
    return marked


def _forget_calls(rows: pa.Table, first: int, hits: Sequence[int]) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    marked = pa.array(_mark(rows, first, hits))
    place = rows.schema.get_field_index("call_id")
    column = pc.if_else(marked, pa.scalar(None, pa.string()), rows.column("call_id"))
    return rows.set_column(place, "call_id", column)


def rewrite_database(
    path: Path, plan: Plan, redactor: Redactor, storage: str | None = None
) -> dict[str, int]:
    """Write a DuckDB file anew without the person; return the rows left out by table."""
    aside = path.with_name(f".{path.name}{ASIDE}")
    for left in (aside, aside.with_name(f"{aside.name}.wal")):
        left.unlink(missing_ok=True)
    counts = warehouse.copy_database(path, aside, select_others(plan, redactor), storage)
    replace_file(aside, path)
    return counts


def select_others(plan: Plan, redactor: Redactor) -> warehouse.Select:
    """Return what says, for a table, which rows of it are copied and what is blacked out."""

    def select(connection: duckdb.DuckDBPyConnection, place: str) -> str:
        described = connection.execute(f"describe select * from {place}").fetchall()  # noqa: S608
        types = {row[0]: row[1] for row in described}
        texts = {name for name, kind in types.items() if kind == "VARCHAR"}
        condition = find_condition(plan, texts)
        others = f"{place} where not {condition}" if condition else place
        pattern = redactor.sql_pattern
        names_people = any(ALIASES.get(name, name) in (*IDENTITY, *OWNERS) for name in texts)
        if names_people or not texts or pattern is None:
            return f"select * from {others}"  # noqa: S608
        joined = "concat_ws(chr(10), " + ", ".join(f'"{name}"' for name in sorted(texts)) + ")"
        mentioned = f"select 1 from {place} where regexp_matches({joined}, {pattern}) limit 1"  # noqa: S608
        if not connection.execute(mentioned).fetchall():
            return f"select * from {others}"  # noqa: S608
        columns = [_black_out(name, pattern) if name in texts else f'"{name}"' for name in types]
        return f"select {', '.join(columns)} from {others}"  # noqa: S608

    return select


def _black_out(name: str, pattern: str) -> str:
    with_edges = quote(rf"\1{ERASED}\3")
    once = f"regexp_replace(\"{name}\", {pattern}, {with_edges}, 'g')"
    # Twice: of two ids with one letter between them the first takes that letter away.
    return f"regexp_replace({once}, {pattern}, {with_edges}, 'g') as \"{name}\""


def reopen_days(home: Home, dates: list[str]) -> None:
    """Let the next daily cycle count the days again in which the person's rows were."""
    with warehouse.open_warehouse(home, marts=False) as connection:
        known = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'raw' "
            "and table_name in ('run', 'touched_dates', 'touched_months')"
        ).fetchone()
        if not known or known[0] != 3:
            return
        connection.execute("begin")
        # What was published is closed: a new scope begins, of these days and whatever comes.
        connection.execute(
            "delete from raw.touched_months where exists (from raw.run where is_published)"
        )
        connection.execute(
            "delete from raw.touched_dates where exists (from raw.run where is_published)"
        )
        connection.execute(
            "update raw.run set is_full = false, is_published = false where is_published"
        )
        connection.execute(
            "insert into raw.touched_dates select unnest(?::date[]) except select event_date "
            "from raw.touched_dates",
            [dates],
        )
        connection.execute("commit; checkpoint")
