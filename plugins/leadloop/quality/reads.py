"""Reads: the rows that a suite looks at, by name.

A read is a query in `sql/`, named like the read. It gives rows with business columns and with
places (where a row is, for examples). Neighbours: `scope` (which loads and dates), `validation`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from leadloop.warehouse import read_arrow, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import duckdb
    import pyarrow as pa

# Rows judged at once: about 300 MB with a dozen columns. Bulk loads are judged in parts.
PART_ROWS = 200_000
_SQL = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Read:
    """One named read: the gate it serves, what it counts its rows by, its columns."""

    name: str
    gate: str
    counts: str
    places: tuple[str, ...]
    values: tuple[str, ...]
    parameters: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns: first those that say where a row is."""
        return self.places + tuple(name for name in self.values if name not in self.places)

    @property
    def sql(self) -> str:
        """The query of the read."""
        return (_SQL / f"{self.name}.sql").read_text(encoding="utf-8")


_LANDED = ("load_date", "source_file", "source_line", "source_system", "source_pk")
_TOUCHED = "scope_date in (select event_date from raw.touched_dates)"
_SCORED = "score_date in (select event_date from raw.touched_dates)"
READS = {
    read.name: read
    for read in (
        Read(
            name="landing_calls",
            gate="landing",
            counts="landed_call",
            places=_LANDED,
            values=(
                "row_hash", "call_id", "direction", "outcome", "date_precision", "talk_s",
                "ring_s", "queue_s", "ivr_s", "originated_at", "answered_at", "ended_at",
                "event_date", "event_date_in_zone", "days_ahead",
            ),
        ),
        Read(
            name="landing_utterances",
            gate="landing",
            counts="landed_utterance",
            places=_LANDED,
            values=(
                "row_hash", "call_id", "version", "seq", "speaker_role", "begin_ms", "end_ms",
                "text_length", "has_phone_number", "event_date", "event_date_in_zone",
            ),
        ),
        Read(
            name="landing_orders",
            gate="landing",
            counts="landed_order",
            places=_LANDED,
            values=(
                "row_hash", "order_id", "amount", "gross_margin", "event_date",
                "event_date_in_zone",
            ),
        ),
        Read(
            name="landing_tables",
            gate="landing",
            counts="landed_tables",
            places=_LANDED,
            values=("table_name", "row_hash", "exported_at", "missing_columns", "unknown_columns"),
        ),
        Read(
            name="landing_loads",
            gate="landing",
            counts="",
            places=("load_date",),
            values=("call_count", "other_share", "volume_ratio"),
            parameters=("minimum_rows", "minimum_weeks"),
        ),
        Read(
            name="core_dials",
            gate="core",
            counts=f"intermediate.int_dials__newest_kept where {_TOUCHED}",
            places=("scope_date", "source_system", "dial_id"),
            values=(
                "outcome", "has_its_date", "flag_conflict", "talk_seconds", "handling_seconds",
            ),
        ),
        Read(
            name="core_transcripts",
            gate="core",
            counts=f"intermediate.int_transcripts__newest_kept where {_TOUCHED}",
            places=("scope_date", "source_system", "transcript_id"),
            values=("utterance_count", "spoken_count"),
        ),
        Read(
            name="core_days",
            gate="core",
            counts="",
            places=("scope_date", "source_system"),
            values=("landed_count", "kept_count", "short_talk_share"),
            parameters=("minimum_rows",),
        ),
        Read(
            name="scores_churn",
            gate="scores",
            counts=f"raw.churn_scores where {_SCORED}",
            places=("score_date", "customer_id"),
            values=("probability", "fall_chance", "has_known_model"),
        ),
        Read(
            name="scores_days",
            gate="scores",
            counts="",
            places=("score_date",),
            values=("modelled_share", "flagged_share"),
            parameters=("minimum_customers",),
        ),
        Read(
            name="marts_hours",
            gate="marts",
            counts="",
            places=("dial_date", "dial_hour", "source_system", "direction"),
            values=(
                "row_count", "dial_count", "connect_base_count", "connected_count",
                "offered_count", "served_count", "talk_count", "short_talk_count",
                "conversion_base_count", "won_count", "connect_rate", "served_rate",
                "short_talk_rate", "conversion_rate",
            ),
        ),
        Read(
            name="marts_days",
            gate="marts",
            counts="",
            places=("dial_date",),
            values=(
                "core_count", "fact_count", "hourly_count", "agent_count", "talk_seconds",
                "hourly_talk_seconds", "days_ahead",
            ),
        ),
    )
}  # fmt: skip


def read_parts(
    connection: duckdb.DuckDBPyConnection,
    read: Read,
    columns: tuple[str, ...],
    parameters: Mapping[str, object],
) -> Iterator[pa.Table]:
    """Give the rows of a read in parts of about PART_ROWS, of the named columns alone.

    Rows with the same key fall into the same part: what is unique in each part is unique.
    """
    parts = _count_parts(connection, read)
    for part in range(parts):
        known = {**parameters, "bucket": part, "buckets": parts}
        used = {name: known[name] for name in re.findall(r"\$(\w+)", read.sql)}
        query = f"select {', '.join(columns)} from ({read.sql})"  # noqa: S608 - names of READS
        yield read_arrow(connection, query, used)


def _count_parts(connection: duckdb.DuckDBPyConnection, read: Read) -> int:
    if not read.counts:
        return 1
    query = f"select count(*) as row_count from {read.counts}"  # noqa: S608 - names of READS
    return max(1, -(-int(read_rows(connection, query)[0]["row_count"]) // PART_ROWS))
