"""Why a number that was published has changed: one word, and the counts that it comes from.

Rows of the files that this publication brought say it for their days; where none does, what left
the marts, the definition and the metric's maturity do. The warehouse is only asked where a number
has changed. Neighbours: `points` (finds what changed), `leadloop.touched` (which rows are pending).
"""

from __future__ import annotations

from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import contract, opstore, published, warehouse
from leadloop.metric_entries import AT_CLOSE
from leadloop.metric_versions import hash_text
from leadloop.periods import days_of
from leadloop.privacy.erased import erasures
from leadloop.touched import EVENTS, SOURCES

if TYPE_CHECKING:
    import duckdb

    from leadloop.metric_catalog import Catalog
    from leadloop.settings import Settings

ROWS = ("withdrawn_rows", "corrected_rows", "late_rows")
_CYCLES = {"week": "weekly", "month": "monthly"}
# Rows that came with this publication beside those of the same key that were there before.
_SENT = """
with pending as (select distinct batch_id from raw.pending_batches where table_name = '{table}'),
versions as (
    select {key} as key, coalesce(event_date, load_date) as day, is_deleted, row_hash,
        batch_id in (select batch_id from pending) as is_sent
    from raw.{things}
),
sent as (select distinct * exclude (is_sent) from versions where is_sent),
before as (
    select key, min(day) as day, list(distinct row_hash) as hashes
    from versions where not is_sent group by all
),
judged as (
    select sent.day, before.day as day_before, sent.key,
        case
            when sent.is_deleted and before.key is not null then 'withdrawn_rows'
            when sent.is_deleted then null
            when before.key is null then 'late_rows'
            when not list_contains(before.hashes, sent.row_hash) then 'corrected_rows'
        end as cause
    from sent left join before using (key)
)
select day::varchar as day, cause, count(distinct key) as row_count
from (
    select day, cause, key from judged
    union select day_before, cause, key from judged where day_before is not null
)
where cause is not null and day is not null group by all
"""
# Of events the newest version alone is known by now: whether one was sent before cannot be told.
_SENT_EVENTS = """
select event_date::varchar as day,
    case when is_deleted then 'withdrawn_rows' else 'late_rows' end as cause,
    count(*) as row_count
from raw.{things}
where event_date is not null
    and batch_id in (select batch_id from raw.pending_batches where table_name = '{table}')
group by all
"""


class Causes:
    """The causes of one publication; what they rest on is read when the first one is asked for."""

    def __init__(self, settings: Settings, snapshot_id: str) -> None:
        """Keep where to look."""
        self._settings = settings
        self._snapshot = snapshot_id

    def explain(self, old: dict[str, Any], new: dict[str, Any], catalog: Catalog) -> dict[str, Any]:
        """Return the row of a restatement: old, new, cause and what it comes from."""
        counts: Counter[str] = Counter()
        days = [new["period"]]
        if new["grain"] in _CYCLES:
            days = days_of(_CYCLES[new["grain"]], new["period"])  # type: ignore[arg-type]
        for day in days:
            counts.update(self._rows.get(day, Counter()))
        maturity = catalog.definition(new["metric"]).meta.get("maturity")
        detail = {"rows": dict(counts), "old_version": old["version"], "version": new["version"]}
        identity = "|".join(new[part] for part in ("metric", "grain", "period", "dims"))
        values = {f"{age}_{part}": row[part] for age, row in (("old", old), ("new", new))
                  for part in ("k", "n", "value", "as_of", "snapshot_id")}  # fmt: skip
        return {
            "restatement_id": hash_text(f"{identity}|{self._snapshot}"),
            **{part: new[part] for part in ("metric", "grain", "period", "dims")},
            **values,
            "cause": self._name(counts, old, new, is_followed=maturity != AT_CLOSE),
            "detail": detail,
            "restated_at": opstore.now(),
        }

    def _name(
        self, counts: Counter[str], old: dict[str, Any], new: dict[str, Any], *, is_followed: bool
    ) -> str:
        if old["version"] != new["version"]:
            return "definition_changed"
        if self._has_removed_files:
            return "erased" if self._is_erased_since(old["snapshot_id"]) else "withdrawn_rows"
        if counts:
            return max(ROWS, key=lambda cause: counts[cause])
        return "matured" if is_followed else "rebuilt"

    @cached_property
    def _rows(self) -> dict[str, Counter[str]]:
        """The rows that this publication brought, by day and cause."""
        found: dict[str, Counter[str]] = {}
        with warehouse.open_warehouse(self._settings.home, marts=False) as connection:
            for sql in _list_queries(connection):
                for row in warehouse.read_rows(connection, sql):
                    of_day = found.setdefault(row["day"], Counter())
                    of_day[row["cause"]] += row["row_count"]
        return found

    @cached_property
    def _has_removed_files(self) -> bool:
        table = published.published_files
        query = sa.select(table.c.file).where(
            table.c.snapshot_id == self._snapshot, table.c.is_present.is_(False)
        )
        return bool(opstore.read(self._settings, query.limit(1)))

    def _is_erased_since(self, snapshot_id: str) -> bool:
        table = published.publications
        before = opstore.find(self._settings, table, snapshot_id)
        query = sa.select(erasures.c.erasure_id)
        if before is not None:
            query = query.where(erasures.c.finished_at >= before["published_at"])
        return bool(opstore.read(self._settings, query.limit(1)))


def _list_queries(connection: duckdb.DuckDBPyConnection) -> list[str]:
    known = {
        row["view_name"]
        for row in warehouse.read_rows(
            connection, "select view_name from duckdb_views() where schema_name = 'raw'"
        )
    }
    queries = []
    for table in (*SOURCES, *EVENTS):
        things = contract.TABLES[table].things
        if things in known:
            key = SOURCES[table][2] if table in SOURCES else ""
            form = _SENT if table in SOURCES else _SENT_EVENTS
            queries.append(form.format(table=table, things=things, key=key))
    return queries
