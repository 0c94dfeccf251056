"""What a run is about: which landing files it opens and which dates it rebuilds.

`prepare` writes the scope into schema `raw` of the warehouse, where the models read it;
`mark_built` closes it once the marts are published. Until then dates only add up, so that a
killed or stopped run is finished by the next one. Neighbours: `touched` (which dates and files),
`transform` (the models that run in this scope).
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from leadloop import contract, opstore, warehouse
from leadloop.errors import UsageError
from leadloop.funnel import load_funnel, write_funnel
from leadloop.touched import EVENTS, HISTORIES, SOURCES, may_hold, write_dates, write_view

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import duckdb

    from leadloop.settings import Settings
    from leadloop.warehouse import LandingFile

CORE_TABLES = (
    "int_dials__newest_kept",
    "int_dials__landed_counted",
    "int_transcripts__newest_kept",
    "int_orders__newest_kept",
    "int_leads__dial_days",
    "int_numbers__evidence",
    "int_numbers__states",
    *(f"int_{contract.TABLES[name].things}__states" for name in HISTORIES),
    *(f"int_{contract.TABLES[name].things}__newest_kept" for name in EVENTS),
)
LAYOUT = """
create schema if not exists raw;
create table if not exists raw.built_batches
    (batch_id varchar, table_name varchar, load_date date, file varchar, built_at timestamptz);
create table if not exists raw.pending_batches
    (table_name varchar, batch_id varchar, load_date date, file varchar);
create table if not exists raw.touched_dates (event_date date);
create table if not exists raw.touched_months (event_month date);
create table if not exists raw.reported_periods (cycle varchar, period_start_date date);
create table if not exists raw.run (day date, is_full boolean, is_published boolean);
create table if not exists raw.churn_scores
    (score_date date, customer_id varchar, is_rule_flagged boolean, is_naive_flagged boolean,
    reasons varchar, talk_count integer, previous_talk_count integer, rival_count integer,
    fall_chance double, probability double, model_version varchar);
create table if not exists raw.churn_models (model_version varchar);
create table if not exists raw.text_scores
    (text_hash varchar, side varchar, language_version varchar, scored_date date, intent varchar,
    intent_score double, is_abstained boolean, sentiment_score double,
    hits struct(kind varchar, label varchar, term varchar, severity integer, is_negated boolean,
    span_begin integer, span_end integer, list_version varchar)[]);
create table if not exists raw.past_text_scores as from raw.text_scores limit 0;
create table if not exists raw.language (language_version varchar);
create table if not exists raw.list_speakers (kind varchar, speaker_role varchar);
"""


def prepare(settings: Settings, day: str, *, full: bool = False) -> dict[str, Any]:
    """Return the size of the day's scope after writing it for the models.

    A full scope is taken too when the core is missing, or when it holds rows of files that no
    longer count (a load held after it was built, a file rewritten by an erasure).
    """
    start = parse_day(day)
    files = _list_files(settings)
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("begin")
        connection.execute(LAYOUT)
        _write_company(connection, settings)
        write_funnel(connection, load_funnel(settings))
        is_open = _is_open(connection)
        is_full = full or _needs_full(connection, settings, files)
        pending = _write_pending(connection, settings, files)
        if not is_open:
            connection.execute("delete from raw.touched_dates; delete from raw.touched_months")
        basis = [file for _, file in files] if is_full else pending
        dates = write_dates(connection, basis, start, is_full=is_full)
        for table in SOURCES:
            of_table = [file for _, file in files if file.table == table]
            chosen = of_table if is_full else [f for f in of_table if may_hold(f, dates)]
            write_view(connection, table, chosen)
        for table in (*HISTORIES, *EVENTS):
            write_view(connection, table, [file for file in basis if file.table == table])
        connection.execute("delete from raw.run")
        connection.execute("insert into raw.run values (?, ?, false)", [start, is_full])
        connection.execute("commit")
    return {
        "pending_files": len(pending),
        "has_history": is_full or any(file.table in HISTORIES for file in pending),
        "has_events": is_full or any(file.table in EVENTS for file in pending),
        "touched_dates": len(dates),
        "first_date": min(dates),
        "last_date": max(dates),
        "is_full": is_full,
    }


def mark_built(settings: Settings, day: str) -> None:
    """Note that the pending files are in published marts; the next scope starts afresh."""
    parse_day(day)
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("begin")
        connection.execute(LAYOUT)
        connection.execute(
            "insert into raw.built_batches select batch_id, table_name, load_date, file, ? "
            "from raw.pending_batches as pending where not exists "
            "(select 1 from raw.built_batches as built where built.file = pending.file)",
            [opstore.now()],
        )
        connection.execute("update raw.run set is_published = true")
        connection.execute("commit")


def is_full(settings: Settings) -> bool:
    """Return whether the scope in force is a full rebuild."""
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute(LAYOUT)
        rows = warehouse.read_rows(connection, "select is_full, is_published from raw.run")
    return any(row["is_full"] and not row["is_published"] for row in rows)


def report_period(settings: Settings, cycle: str, period: str) -> None:
    """Note a week (its first day) or month (YYYY-MM) as reported; the summaries reach up to it."""
    start = parse_day(f"{period}-01" if cycle == "monthly" else period)
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("begin")
        connection.execute(LAYOUT)
        connection.execute(
            "delete from raw.reported_periods where cycle = ? and period_start_date = ?",
            [cycle, start],
        )
        connection.execute("insert into raw.reported_periods values (?, ?)", [cycle, start])
        connection.execute("commit")


def parse_day(text: str) -> date:
    """Return the day of an ISO text; raise UsageError naming the form wanted."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"{text!r} is not a day; wanted YYYY-MM-DD such as 2026-01-31."
        raise UsageError(message) from error


def _list_files(settings: Settings) -> list[tuple[str, LandingFile]]:
    """Return (path below landing, file) of every landing file whose load is not held."""
    held = set(opstore.list_held_loads(settings))
    landing = settings.home.landing
    return [
        (str(file.path.relative_to(landing)), file)
        for table in contract.TABLES
        for file in warehouse.list_landing(settings.home, table)
        if file.load_date not in held
    ]


def _write_company(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    company = settings.company
    connection.execute(
        "create or replace table raw.company as select ?::varchar as tenant_id, "
        "?::varchar as timezone, ?::varchar as currency, ?::integer as short_talk_seconds, "
        "?::varchar as week_start, ?::integer as invalid_number_dials, "
        "?::integer as number_recheck_days",
        [
            company.tenant_id,
            company.timezone,
            company.currency,
            company.short_talk_seconds,
            company.week_start,
            company.number_validity.invalid_dials,
            company.number_validity.recheck_days,
        ],
    )


def _is_open(connection: duckdb.DuckDBPyConnection) -> bool:
    rows = connection.execute("select is_published from raw.run").fetchall()
    return bool(rows) and not rows[0][0]


def _needs_full(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Sequence[tuple[str, LandingFile]],
) -> bool:
    known = connection.execute(
        "select file from raw.built_batches union select file from raw.pending_batches"
    ).fetchall()
    gone = {name for (name,) in known} - {name for name, _ in files}
    if gone:
        connection.execute(
            "delete from raw.built_batches where file in (select unnest(?::varchar[]))",
            [sorted(gone)],
        )
    # A full scope stays full until it is published: a run killed half-way has rebuilt only a part.
    unfinished = connection.execute(
        "select 1 from raw.run where is_full and not is_published"
    ).fetchall()
    return bool(gone or unfinished) or not all(_has_core(connection, name) for name in CORE_TABLES)


def _has_core(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    found = connection.execute(
        "select 1 from duckdb_tables() where database_name = current_database() "
        "and schema_name = 'intermediate' and table_name = ?",
        [name],
    ).fetchall()
    return bool(found)


def _write_pending(
    connection: duckdb.DuckDBPyConnection,
    settings: Settings,
    files: Iterable[tuple[str, LandingFile]],
) -> list[LandingFile]:
    built = {
        name for (name,) in connection.execute("select file from raw.built_batches").fetchall()
    }
    pending = [(name, file) for name, file in files if name not in built]
    connection.execute("delete from raw.pending_batches")
    if pending:
        connection.executemany(
            "insert into raw.pending_batches values (?, ?, ?, ?)",
            [(file.table, file.batch_id, file.load_date, name) for name, file in pending],
        )
    return [file for _, file in pending]
