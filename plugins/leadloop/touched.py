"""Dates that landed files touch, and the landing files that may hold rows of those dates.

`scope` asks this module while it lays the scope of a run; both write schema `raw` of the warehouse.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from leadloop import contract

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb

    from leadloop.warehouse import LandingFile

# For each landing table that is rebuilt by date: the core table that keeps its newest rows, and
# the key of that table as the staging models write it.
SOURCES = {
    "call": ("int_dials__newest_kept", "dial_id", "source_system || ':' || source_pk"),
    "utterance": (
        "int_transcripts__newest_kept",
        "transcript_id",
        "source_system || ':' || call_id",
    ),
    "order": ("int_orders__newest_kept", "order_id", "source_system || ':' || source_pk"),
}
# Landing tables whose states follow one another; they are merged by key.
HISTORIES = tuple(table.name for table in contract.TABLES.values() if table.history_key)
# Landing tables of events; of each key the newest version counts. They are merged by key and touch
# no dates: a renewal is told under the day on which its term began, a year ago.
EVENTS = (
    "funnel_event",
    "inquiry_event",
    "ticket",
    "ticket_event",
    "survey",
    "touch",
    "campaign_cost",
    "order_line",
    "payment",
    "refund",
    "subscription",
    "roster",
    "agent_state",
    "business_calendar",
)
# Those whose state at the time of a dial is kept with it (fct_dial_contexts), and their key there.
DIAL_STATES = {
    "agent": "agent_id",
    "lead": "lead_id",
    "channel": "channel_id",
    "campaign": "campaign_id",
}
SQL_TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "timestamp": "timestamptz",
    "date": "date",
}


def write_dates(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[LandingFile],
    day: date,
    *,
    is_full: bool,
) -> list[str]:
    """Add the dates and months that these files touch; return all dates now touched."""
    connection.execute("create or replace temp table found (event_date date, event_month date)")
    connection.execute("insert into found values (?, date_trunc('month', ?::date))", [day, day])
    for table, (core, key, key_sql) in SOURCES.items():
        paths = [str(file.path) for file in files if file.table == table]
        if not paths:
            continue
        rows = f"({_scan(paths)})"
        connection.execute(
            f"insert into found select distinct coalesce(event_date, load_date), event_month "  # noqa: S608
            f"from {rows}"
        )
        if is_full:
            continue
        # A re-sent row may have been kept under another date, which then loses it.
        months = "kept.dial_month" if table == "call" else "null"
        connection.execute(
            f"insert into found select distinct kept.scope_date, {months} "  # noqa: S608
            f"from intermediate.{core} as kept semi join "
            f"(select {key_sql} as {key} from {rows}) as sent using ({key})"
        )
    if not is_full:
        _find_restated(connection, files)
    connection.execute(
        "insert into raw.touched_dates select distinct event_date from found "
        "where event_date not in (select event_date from raw.touched_dates)"
    )
    _write_months(connection, is_full=is_full)
    found = connection.execute("select event_date from raw.touched_dates order by all").fetchall()
    return [str(item) for (item,) in found]


def _find_restated(connection: duckdb.DuckDBPyConnection, files: Sequence[LandingFile]) -> None:
    """Add the dates whose dials get another state of their agent, lead, channel or campaign.

    Those are the dates from a new state on, and all dates of a thing of which this is the first
    state: it counts for what came before, too.
    """
    for table, key in DIAL_STATES.items():
        paths = [str(file.path) for file in files if file.table == table]
        if not paths:
            continue
        states = f"intermediate.int_{contract.TABLES[table].things}__states"
        connection.execute(
            f"""insert into found
            with sent as (
                select {key}, min(coalesce(extracted_at, ingested_at)) as since_at
                from ({_scan(paths)}) group by all
            ),
            judged as (
                select sent.*, timezone(company.timezone, sent.since_at)::date as since_date,
                    not exists (
                        select 1 from {states} as known
                        where known.{key} = sent.{key} and known.since_at < sent.since_at
                    ) as is_first
                from sent cross join raw.company as company
            )
            select distinct kept.scope_date, null::date
            from intermediate.int_dials__newest_kept as kept
            inner join judged using ({key})
            where judged.is_first or kept.scope_date >= judged.since_date"""  # noqa: S608
        )


def _write_months(connection: duckdb.DuckDBPyConnection, *, is_full: bool) -> None:
    # Rows dated by month are rebuilt with the date they are kept under, so are their months.
    kept = (
        ""
        if is_full
        else "union select dial_month from intermediate.int_dials__newest_kept "
        "where dial_date is null and dial_month is not null "
        "and scope_date in (select event_date from raw.touched_dates)"
    )
    connection.execute(
        "insert into raw.touched_months select month from ("  # noqa: S608
        "select date_trunc('month', event_date)::date as month from raw.touched_dates "
        "union select event_month from found where event_month is not null "
        f"{kept}) where month not in (select event_month from raw.touched_months)"
    )


def may_hold(file: LandingFile, dates: Sequence[str]) -> bool:
    """Return whether a file may hold rows kept under one of the (sorted) dates."""
    position = bisect_left(dates, file.first)
    dated = bool(file.first) and position < len(dates) and dates[position] <= file.last
    return dated or file.load_date in dates


def write_view(
    connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[LandingFile]
) -> None:
    """Lay the view of one landing table over these files; a column that they lack is null."""
    columns = contract.TABLES[table].all_columns
    things = contract.TABLES[table].things
    layout = ", ".join(f"null::{SQL_TYPES[column.kind]} as {column.name}" for column in columns)
    empty = f"select {layout}, null::date as load_date where false"
    paths = [str(file.path) for file in files]
    rows = f" union all by name {_scan(paths)}" if paths else ""
    connection.execute(f"create or replace view raw.{things} as {empty}{rows}")


def _scan(paths: Sequence[str]) -> str:
    quoted = ", ".join("'" + path.replace("'", "''") + "'" for path in paths)
    return (
        f"select * from read_parquet([{quoted}], union_by_name = true, "  # noqa: S608
        "hive_partitioning = true, hive_types = {'load_date': date})"
    )
