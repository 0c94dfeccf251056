"""A small world for the gates: clean landed rows, a way to plant a fault, a way to judge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadloop import contract, warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.settings import Settings

DAY = "2026-03-05"


def make_call(number: int, day: str = DAY, **changes: Any) -> dict[str, Any]:
    """One clean landed call, at 10:00 in Shanghai, answered after 10 s, 50 s long."""
    start = datetime.fromisoformat(day).replace(hour=2, tzinfo=UTC)
    row = {
        "call_id": f"c-{day}-{number}",
        "direction": "outbound",
        "originated_at": start,
        "answered_at": start + timedelta(seconds=10),
        "ended_at": start + timedelta(seconds=60),
        "ring_s": 10,
        "talk_s": 50,
        "outcome": "human_refused",
        "outcome_raw": "ANSWERED_REFUSED",
        "tells_won": True,
        "tells_human": True,
        "event_at": start,
    }
    return {**row, **_technical(row["call_id"], number, day), **changes}


def make_turn(number: int, day: str = DAY, **changes: Any) -> dict[str, Any]:
    """One clean landed turn of a transcript."""
    start = datetime.fromisoformat(day).replace(hour=2, tzinfo=UTC)
    row = {
        "call_id": f"c-{day}-1",
        "version": 1,
        "seq": number,
        "speaker_role": "agent",
        "begin_ms": number * 1000,
        "end_ms": number * 1000 + 900,
        "text_masked": "您好，请问方便吗",
        "spoken_at": start,
        "event_at": start,
    }
    return {**row, **_technical(f"c-{day}-1/1/{number}", number, day), **changes}


def make_order(number: int, day: str = DAY, **changes: Any) -> dict[str, Any]:
    """One clean landed order, placed at 10:00 in Shanghai."""
    start = datetime.fromisoformat(day).replace(hour=2, tzinfo=UTC)
    row = {
        "order_id": f"o-{day}-{number}",
        "customer_id": "K1",
        "placed_at": start,
        "amount": 365.0,
        "gross_margin": 160.0,
        "event_at": start,
    }
    return {**row, **_technical(row["order_id"], number, day), **changes}


def make_lead(number: int, day: str = DAY, **changes: Any) -> dict[str, Any]:
    """One clean landed state of a lead, which has no time of its own."""
    row = {"lead_id": f"L{number}", **_technical(f"L{number}", number, day)}
    undated = {"event_date": None, "event_month": None, "date_precision": "none"}
    return {**row, **undated, **changes}


def _technical(key: str, number: int, day: str) -> dict[str, Any]:
    return {
        "tenant_id": "demo",
        "source_system": "dialler",
        "source_pk": key,
        "event_date": date.fromisoformat(day),
        "event_month": date.fromisoformat(day).replace(day=1),
        "date_precision": "second",
        "extracted_at": datetime.fromisoformat(day).replace(hour=20, tzinfo=UTC),
        "ingested_at": datetime.fromisoformat(day).replace(hour=21, tzinfo=UTC),
        "batch_id": "b1",
        "row_hash": f"h-{key}",
        "is_deleted": False,
        "source_file": "calls.csv",
        "source_line": number,
    }


def land(
    settings: Settings,
    rows: list[dict[str, Any]],
    *,
    table: str = "call",
    day: str = DAY,
    batch: str = "b1",
) -> None:
    """Write rows as one landing file of a load."""
    schema = contract.arrow_schema(contract.TABLES[table])
    columns = {name: [row.get(name) for row in rows] for name in schema.names}
    path = warehouse.landing_path(settings.home, (table, day, day, day, batch))
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns, schema=schema), path)


@pytest.fixture
def landing(settings: Settings) -> Callable[..., None]:
    """Land rows: `landing(rows, table="call", day=DAY, batch="b1")`."""

    def write(rows: list[dict[str, Any]], **places: Any) -> None:
        land(settings, rows, **places)

    return write


@pytest.fixture(name="make_call")
def _make_call() -> Callable[..., dict[str, Any]]:
    return make_call


@pytest.fixture(name="make_turn")
def _make_turn() -> Callable[..., dict[str, Any]]:
    return make_turn


@pytest.fixture(name="make_order")
def _make_order() -> Callable[..., dict[str, Any]]:
    return make_order


@pytest.fixture(name="make_lead")
def _make_lead() -> Callable[..., dict[str, Any]]:
    return make_lead


CORE = """
create schema raw;
create schema intermediate;
create table raw.touched_dates as select date '2026-03-05' as event_date;
create table intermediate.int_dials__flagged as
select
    'dialler:' || number as dial_id,
    'dialler' as source_system,
    date '2026-03-05' as scope_date,
    date '2026-03-05' as dial_date,
    date '2026-03-01' as dial_month,
    'second' as date_precision,
    'human_refused' as outcome,
    50 as talk_seconds,
    60 as handling_seconds,
    true as is_dial,
    true as is_answered,
    true as is_connected,
    false as is_machine,
    null::boolean as is_offered,
    null::boolean as is_served,
    number <= 10 as is_short_talk,
    number <= 10 as is_short_talk_inclusive
from range(1, 101) as numbers (number);
create table intermediate.int_dials__newest_kept as
select dial_id, source_system, scope_date from intermediate.int_dials__flagged;
create table intermediate.int_dials__landed_counted as
select date '2026-03-05' as scope_date, 'dialler' as source_system, 100::bigint as landed_count;
create table intermediate.int_transcripts__newest_kept as
select
    'dialler:' || number as transcript_id,
    'dialler' as source_system,
    date '2026-03-05' as scope_date,
    12 as utterance_count,
    6 as agent_utterance_count,
    5 as customer_utterance_count
from range(1, 4) as numbers (number);
create table raw.churn_models as select 'm1' as model_version;
create table raw.churn_scores as
select
    date '2026-03-05' as score_date,
    'K' || number as customer_id,
    number <= 5 as is_rule_flagged,
    0.2::double as fall_chance,
    0.1::double as probability,
    'm1' as model_version
from range(1, 101) as numbers (number);
"""
MARTS = """
create table marts_build.fct_dials as
select dial_id, dial_date, talk_seconds from intermediate.int_dials__flagged;
create table marts_build.fct_dials_hourly as
select
    date '2026-03-05' as dial_date,
    10 as dial_hour,
    'dialler' as source_system,
    'outbound' as direction,
    100::bigint as row_count,
    100::bigint as dial_count,
    100::bigint as connect_base_count,
    40::bigint as connected_count,
    10::bigint as offered_count,
    8::bigint as served_count,
    40::bigint as talk_count,
    10::bigint as short_talk_count,
    40::bigint as conversion_base_count,
    2::bigint as won_count,
    5000::bigint as talk_seconds,
    0.4::double as connect_rate,
    0.8::double as served_rate,
    0.25::double as short_talk_rate,
    0.05::double as conversion_rate;
create table marts_build.fct_agents_daily as
select date '2026-03-05' as dial_date, 100::bigint as row_count;
"""


@pytest.fixture
def core(settings: Settings) -> Callable[..., None]:
    """Make clean core tables and marts of one day, change the last row of one, or run SQL after."""

    def build(
        *,
        dial: dict[str, Any] | None = None,
        transcript: dict[str, Any] | None = None,
        hour: dict[str, Any] | None = None,
        then: str = "",
    ) -> None:
        with warehouse.open_warehouse(settings.home) as connection:
            connection.execute(CORE + MARTS)
            for table, condition, changes in (
                ("intermediate.int_dials__flagged", "dial_id = 'dialler:100'", dial),
                (
                    "intermediate.int_transcripts__newest_kept",
                    "transcript_id = 'dialler:3'",
                    transcript,
                ),
                ("marts_build.fct_dials_hourly", "true", hour),
            ):
                if changes:
                    values = ", ".join(f"{name} = ${name}" for name in changes)
                    connection.execute(f"update {table} set {values} where {condition}", changes)
            if then:
                connection.execute(then)

    return build
