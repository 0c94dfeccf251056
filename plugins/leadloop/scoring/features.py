"""What a customer did up to a day, and whether there was any sign of life after it.

Reads the core of the warehouse (calls, orders) and what language found in it (rivals named).
A feature looks at events up to the snapshot alone; a label at events after gap and window.
Neighbours: `rule` (reasons), `training` (the model), `churn` (the step).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from leadloop import warehouse

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    import duckdb
    import pyarrow as pa

    from leadloop.scoring.plan import ChurnPlan

_SQL = Path(__file__).parent / "sql"
# A call in which both sides talked is two-way, whoever called.
_DIALS = """
create or replace temp table churn_dials as
select customer_id, call_id, dial_date, coalesce(is_handled, false) as is_talk
from intermediate.int_dials__flagged
where customer_id is not null and dial_date between ?::date and ?::date
"""
_ORDERS = """
create or replace temp table churn_orders as
select customer_id, order_date, order_amount::double as order_amount
from intermediate.int_orders__newest_kept
where customer_id is not null and not is_deleted and order_date between ?::date and ?::date
"""
_NO_MENTIONS = """
create or replace temp table churn_mentions as
select null::varchar as customer_id, null::date as dial_date where false
"""
# Dates of this run's scope are read from the words themselves, since the marts of them are built
# after the scores; all others from the annotations that were built with their day.
_MENTIONS = """
create or replace temp table churn_mentions as
with

touched_mentions as (

    select distinct
        utterances.call_id,
        utterances.seq,
        coalesce(utterances.event_date, utterances.load_date::date) as dial_date
    from raw.utterances as utterances
    inner join raw.text_scores as scores on md5(utterances.text_masked) = scores.text_hash
    where
        utterances.speaker_role = 'customer'
        and scores.side = 'customer'
        and scores.language_version in (select language_version from raw.language)
        and coalesce(utterances.event_date, utterances.load_date::date)
        in (select event_date from raw.touched_dates)
        -- Severity 1 is a rival without a name ("another company"): hearsay, not a mention.
        and len(list_filter(scores.hits, lambda hit: hit.kind = 'competitor' and hit.severity >= 2))
        > 0

),

mentions as (

    select * from touched_mentions
    {earlier}

),

callers as (

    select distinct call_id, customer_id
    from churn_dials

)

select callers.customer_id, mentions.dial_date
from mentions
inner join callers on mentions.call_id = callers.call_id
"""


def lay_events(connection: duckdb.DuckDBPyConnection, first: date, last: date) -> bool:
    """Lay calls, orders and mentions of these days aside; return whether mentions are known.

    Nothing after `last` is laid aside, so a day scored again sees what it saw the first time.
    """
    connection.execute(_DIALS, [first, last])
    connection.execute(_ORDERS, [first, last])
    if not _has_words(connection):
        connection.execute(_NO_MENTIONS)
        return False
    earlier = _EARLIER if _has_annotations(connection) else ""
    connection.execute(_MENTIONS.format(earlier=earlier))
    return True


_EARLIER = """
    union all
    select distinct call_id, seq, dial_date
    from marts_build.main.fct_annotations
    where
        kind = 'competitor'
        and severity >= 2
        and speaker_role = 'customer'
        and scope_date not in (select event_date from raw.touched_dates)
"""


def read_features(
    connection: duckdb.DuckDBPyConnection, plan: ChurnPlan, snapshots: Sequence[date]
) -> pa.Table:
    """Return one row per snapshot and customer active in the two windows up to it."""
    parameters = {"snapshots": list(snapshots), "window": plan.rule.window_days}
    return warehouse.read_arrow(connection, _read("features"), parameters)


def read_labels(
    connection: duckdb.DuckDBPyConnection, plan: ChurnPlan, features: pa.Table
) -> pa.Table:
    """Return whether each customer of each snapshot has left since, in the order of the features.

    Only to be asked of matured snapshots: one whose window is not over says "left" of everybody.
    """
    connection.register("given_snapshots", features.select(["snapshot_date", "customer_id"]))
    try:
        parameters = {"gap": plan.model.gap_days, "label": plan.model.label_days}
        return warehouse.read_arrow(connection, _read("labels"), parameters)
    finally:
        connection.unregister("given_snapshots")


def read_first_day(connection: duckdb.DuckDBPyConnection) -> date | None:
    """Return the first day of a call with a customer; None where no call names one."""
    rows = connection.execute("select min(dial_date) from churn_dials").fetchall()
    found: date | None = rows[0][0]
    return found


def _read(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text(encoding="utf-8")


def _has_words(connection: duckdb.DuckDBPyConnection) -> bool:
    scored = connection.execute("select count(*) from raw.text_scores").fetchall()[0][0]
    view = connection.execute(
        "select 1 from duckdb_views() where schema_name = 'raw' and view_name = 'utterances'"
    ).fetchall()
    return bool(scored and view)


def _has_annotations(connection: duckdb.DuckDBPyConnection) -> bool:
    return bool(
        connection.execute(
            "select 1 from duckdb_tables() "
            "where database_name = 'marts_build' and table_name = 'fct_annotations'"
        ).fetchall()
    )
