"""The ledger as marts: alerts, actions and effects beside the numbers that they speak of.

The operations store is copied through Arrow into schema `operations` of the warehouse, dbt builds
what is tagged `operations` from it, and a new version is published. Neighbours: `leadloop.ledger`
(the tables), `publish.marts` (versions), dbt_project/models/marts/loop (the marts).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import ledger, opstore, pointer, published, warehouse
from leadloop.publish.marts import lock_marts, make_version, refuse_ungated

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from leadloop.settings import Settings

SCHEMA = "operations"
# What was sent to whom stays where it is needed: a mart is read by more people than a message.
LEFT_OUT = {"payload", "body", "target"}
_ROWS_AT_ONCE = 50_000


def publish_day(settings: Settings, day: str) -> dict[str, Any]:
    """Return the version published with the ledger in it, and the rows copied of each table.

    Running it again publishes the same rows. What is pending for the day stays pending: only the
    day's own `publish` closes its scope.
    """
    from leadloop import transform

    with opstore.record_step(settings, "daily", day, "publish_operations") as detail:
        # First, so that a build stopped by its gates costs nothing here.
        refuse_ungated(settings, "daily", day)
        copied = copy_ledger(settings)
        built = transform.build_layer(settings, SCHEMA, day)
        with lock_marts(settings.home):
            refuse_ungated(settings, "daily", day)
            content = make_version(settings, "daily", day)
            removed = pointer.remove_old_versions(
                settings.home, settings.company.retention.marts_versions
            )
        detail.update(
            version=content["version"], copied=copied, models=built["models"], removed=removed
        )
    return dict(detail)


def copy_ledger(settings: Settings) -> dict[str, int]:
    """Replace schema `operations` by what the store holds now; return the rows of each table."""
    with opstore.transaction(settings) as store:
        # From the last link of the chain to the first: a row that another process adds meanwhile
        # may be missing, but none that is copied points to one that is not.
        names = [table.name for table in (*reversed(ledger.TABLES), published.metric_restatements)]
        tables = {name: read_table(store, select_rows(name)) for name in names}
    with warehouse.open_warehouse(settings.home, marts=False) as connection:
        connection.execute(f"begin; create schema if not exists {SCHEMA}")
        for name, rows in tables.items():
            _write_table(connection, name, rows)
        connection.execute("commit")
    return {name: rows.num_rows for name, rows in tables.items()}


def select_rows(name: str) -> sa.Select[Any]:
    """Return the query of what is copied of a table of the ledger.

    Proofs and assignments are a row for each person and each action: they are copied as counts,
    which keeps the cost of a day flat as they pile up, and the people in the store.
    """
    if name == "proofs":
        proofs = ledger.proofs.c
        kinds = (proofs.action_id, proofs.stage, proofs.verdict, proofs.rule_id, proofs.source)
        count = sa.func.count().label("proof_count")
        return sa.select(*kinds, count).group_by(*kinds)
    if name == "assignments":
        drawn = ledger.assignments.c
        count = sa.func.count().label("unit_count")
        return sa.select(drawn.experiment, drawn.arm, count).group_by(drawn.experiment, drawn.arm)
    if name == published.metric_restatements.name:
        # Of each number the total alone: its parts have changed with it.
        restated = published.metric_restatements.c
        kept = [column for column in restated if column.name != "detail"]
        return sa.select(*kept).where(restated.dims == published.TOTAL)
    table = ledger.actions.metadata.tables[name]
    columns: list[sa.ColumnElement[Any]] = [c for c in table.columns if c.name not in LEFT_OUT]
    if name == "actions":
        columns.append(table.c.payload["experiment"].as_string().label("experiment"))
    return sa.select(*columns)


def read_table(store: sa.Connection, query: sa.Select[Any]) -> pa.Table:
    """Return the rows of a query as Arrow, JSON as its text, times in UTC."""
    import pyarrow as pa

    columns = list(query.selected_columns)
    schema = pa.schema([(column.name, _arrow_type(column)) for column in columns])
    typed = query.with_only_columns(
        *(_as_text(c) if isinstance(c.type, sa.JSON) else c for c in columns)
    )
    batches = []
    for rows in store.execute(typed).partitions(_ROWS_AT_ONCE):
        values = [list(column) for column in zip(*rows, strict=True)]
        arrays = [
            pa.array(column, field.type) for column, field in zip(values, schema, strict=True)
        ]
        batches.append(pa.record_batch(arrays, schema=schema))
    return pa.Table.from_batches(batches, schema=schema)


def _as_text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    # Not through SQLAlchemy's own reading, which would make objects of it and text again.
    return sa.cast(sa.type_coerce(column, sa.Text), sa.Text)


def _arrow_type(column: sa.ColumnElement[Any]) -> pa.DataType:
    import pyarrow as pa

    if isinstance(column.type, sa.DateTime):
        # SQLite forgets the zone of what is always written in UTC; Arrow reads both alike.
        return pa.timestamp("us", tz="UTC")
    if isinstance(column.type, sa.Integer):
        return pa.int64()
    return pa.float64() if isinstance(column.type, sa.Float) else pa.string()


def _write_table(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    connection.register("copied_rows", rows)
    connection.execute(
        f"create or replace table {SCHEMA}.{name} as select * from copied_rows"  # noqa: S608
    )
    connection.unregister("copied_rows")
