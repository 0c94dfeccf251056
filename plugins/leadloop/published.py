"""What was published when: numbers, their restatements, and the files and hashes of each version.

Tables of the operations store beside those of `ledger`; nothing in them is ever overwritten, so a
number published earlier can be told and built again. Neighbours: `publish.points` and
`publish.publications` (write them), `as_of` (builds a day again).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from leadloop.settings import Settings

# One row per number that was new or had changed when a version was published. `as_of` is the day of
# the cycle, `version` the definition's, `snapshot_id` the version of the marts: ids sort by time.
metric_points = sa.Table(
    "metric_points",
    opstore.metadata,
    sa.Column("grain", sa.String(8), primary_key=True),
    sa.Column("period", sa.String(10), primary_key=True),
    sa.Column("metric", sa.String(100), primary_key=True),
    sa.Column("dims", sa.String(300), primary_key=True),
    sa.Column("snapshot_id", sa.String(40), primary_key=True),
    sa.Column("version", sa.String(16), nullable=False),
    sa.Column("as_of", sa.String(10), nullable=False),
    sa.Column("k", sa.Float),
    sa.Column("n", sa.BigInteger),
    sa.Column("value", sa.Float),
    sa.Column("low", sa.Float),
    sa.Column("high", sa.Float),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("sql_hash", sa.String(16), nullable=False),
)

metric_restatements = sa.Table(
    "metric_restatements",
    opstore.metadata,
    sa.Column("restatement_id", sa.String(32), primary_key=True),
    sa.Column("metric", sa.String(100), nullable=False),
    sa.Column("grain", sa.String(8), nullable=False),
    sa.Column("period", sa.String(10), nullable=False),
    sa.Column("dims", sa.String(300), nullable=False),
    sa.Column("old_k", sa.Float),
    sa.Column("old_n", sa.BigInteger),
    sa.Column("old_value", sa.Float),
    sa.Column("new_k", sa.Float),
    sa.Column("new_n", sa.BigInteger),
    sa.Column("new_value", sa.Float),
    sa.Column("old_as_of", sa.String(10), nullable=False),
    sa.Column("new_as_of", sa.String(10), nullable=False),
    sa.Column("old_snapshot_id", sa.String(40), nullable=False),
    sa.Column("new_snapshot_id", sa.String(40), nullable=False),
    # late_rows | corrected_rows | withdrawn_rows | definition_changed | erased | matured | rebuilt
    sa.Column("cause", sa.String(20), nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("restated_at", sa.DateTime(timezone=True), nullable=False),
)

# What held when a version was published: all that `as_of` needs beside the files.
publications = sa.Table(
    "publications",
    opstore.metadata,
    sa.Column("snapshot_id", sa.String(40), primary_key=True),
    sa.Column("cycle", sa.String(10), nullable=False),
    sa.Column("day", sa.String(10), nullable=False, index=True),
    sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("company", sa.JSON, nullable=False),
    sa.Column("language", sa.JSON, nullable=False),
    # Of the models' code.
    sa.Column("definitions", sa.String(16), nullable=False),
    # By mart: the hash of its rows of the day.
    sa.Column("hashes", sa.JSON, nullable=False),
)

# A row where a landing file came into the published marts, or left them (a held load, an erasure).
published_files = sa.Table(
    "published_files",
    opstore.metadata,
    sa.Column("file", sa.String(400), primary_key=True),
    sa.Column("snapshot_id", sa.String(40), primary_key=True),
    sa.Column("is_present", sa.Boolean, nullable=False),
)

TABLES = (metric_points, metric_restatements, publications, published_files)
TOTAL = "{}"


def write_dims(dimensions: Mapping[str, Any]) -> str:
    """Return dimensions as the key of a point.

    >>> write_dims({"channel": "referral"}), write_dims({})
    ('{"channel": "referral"}', '{}')
    """
    return json.dumps(dict(dimensions), ensure_ascii=False, sort_keys=True, default=str)


def find_publication(settings: Settings, day: str) -> dict[str, Any]:
    """Return the last publication of a day's cycle; raise UsageError with the days known."""
    table = publications
    daily = sa.select(table).where(table.c.cycle == "daily")
    found = opstore.read(
        settings, daily.where(table.c.day == day).order_by(table.c.snapshot_id.desc()).limit(1)
    )
    if found:
        return found[0]
    (span,) = opstore.read(
        settings,
        sa.select(
            sa.func.min(table.c.day).label("first"), sa.func.max(table.c.day).label("last")
        ).where(table.c.cycle == "daily"),
    )
    known = f"{span['first']} to {span['last']}" if span["first"] else "none"
    message = f"Nothing was published for {day}; days of which publications are known: {known}."
    raise UsageError(message)


def list_files(store: Settings | sa.Connection, snapshot_id: str | None = None) -> list[str]:
    """Return the landing files in the marts of a publication; of the newest one if it is None."""
    table = published_files
    query = sa.select(table)
    if snapshot_id is not None:
        query = query.where(table.c.snapshot_id <= snapshot_id)
    rows = opstore.read(store, query.order_by(table.c.snapshot_id))
    present = {row["file"]: row["is_present"] for row in rows}
    return sorted(name for name, is_present in present.items() if is_present)


def read_newest(
    store: Settings | sa.Connection,
    grain: str,
    periods: Sequence[str],
    *,
    before: str | None = None,
    metrics: Iterable[str] | None = None,
) -> dict[tuple[str, str, str], dict[str, Any]]:
    """Return the newest point of each (metric, period, dims) in these periods.

    With `before`, a snapshot: what was known when it had not been published yet.
    """
    table = metric_points
    query = sa.select(table).where(table.c.grain == grain)
    if before is not None:
        query = query.where(table.c.snapshot_id < before)
    if metrics is not None:
        query = query.where(table.c.metric.in_(list(metrics)))
    newest: dict[tuple[str, str, str], dict[str, Any]] = {}
    for start in range(0, len(periods), 500):
        some = query.where(table.c.period.in_(periods[start : start + 500]))
        for row in opstore.read(store, some.order_by(table.c.snapshot_id)):
            newest[(row["metric"], row["period"], row["dims"])] = row
    return newest


def read_as_of(
    settings: Settings, day: str, names: Sequence[str], *, grain: str = "day"
) -> list[dict[str, Any]]:
    """Return the numbers of metrics as they stood once a day had been published.

    What weeks and months published before the next day's cycle counts, too.
    """
    snapshot = find_publication(settings, day)["snapshot_id"]
    table = publications
    later = sa.select(sa.func.min(table.c.snapshot_id).label("next")).where(
        table.c.cycle == "daily", table.c.snapshot_id > snapshot
    )
    (row,) = opstore.read(settings, later)
    periods = opstore.read(
        settings,
        sa.select(metric_points.c.period)
        .where(metric_points.c.grain == grain, metric_points.c.metric.in_(list(names)))
        .distinct(),
    )
    known = sorted(item["period"] for item in periods)
    newest = read_newest(settings, grain, known, before=row["next"], metrics=names)
    return sorted(newest.values(), key=lambda item: (item["metric"], item["dims"], item["period"]))
