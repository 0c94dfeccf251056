"""What the tests of the models share: rows written straight into landing, and builds of them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from leadloop import contract, ledger, opstore, published, transform, warehouse
from leadloop.publish.marts import publish_day
from leadloop.publish.operations import copy_ledger
from leadloop.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

SHANGHAI = timedelta(hours=8)
# The column that tells a row's table; rows without one are calls.
_TABLE_OF = {
    "seq": "utterance",
    "tag": "lead_tag",
    "placed_at": "order",
    "team_id": "agent",
    "created_at": "lead",
    "list_id": "dnc",
    "checked_at": "number_status",
}


@dataclass
class Landing:
    """Writes landing files as the door would, and builds what they hold."""

    settings: Settings
    # A copy of the warehouse with every table and no row, as a company's first day leaves it.
    empty: Path | None = None
    first_rows: dict[str, list[tuple[Any, ...]]] = field(default_factory=dict)
    # What a test module is about: its models are built and what they are made from; all, if empty.
    models: tuple[str, ...] = ()

    def call(self, key: str, at: datetime | None, **changes: Any) -> dict[str, Any]:
        """Return one outbound call started at a UTC moment, or dated otherwise by `changes`."""
        local = (at + SHANGHAI).date() if at else None
        row = {
            "call_id": key,
            "direction": "outbound",
            "attempt_no": 1,
            "originated_at": at,
            "outcome": "no_answer",
            "outcome_raw": "NOANSWER",
            "tells_won": True,
            "tells_human": True,
        }
        return row | self._technical(key, at, local) | changes

    def utterance(self, call: str, seq: int, at: datetime | None, **changes: Any) -> dict[str, Any]:
        """Return one turn of a transcript."""
        local = (at + SHANGHAI).date() if at else None
        version = changes.get("version", 1)
        row = {
            "call_id": call,
            "version": version,
            "seq": seq,
            "speaker_role": "agent" if seq % 2 else "customer",
            "text_masked": "您好",
            "spoken_at": at,
        }
        return row | self._technical(f"{call}/{version}/{seq}", at, local) | changes

    def order(self, key: str, at: datetime | None, **changes: Any) -> dict[str, Any]:
        """Return one order placed at a UTC moment, or dated otherwise by `changes`."""
        local = (at + SHANGHAI).date() if at else None
        row = {"order_id": key, "customer_id": "K1", "placed_at": at, "amount": 365.0}
        return row | self._technical(key, at, local) | {"source_system": "orders"} | changes

    def state(self, key: str, exported: datetime, **columns: Any) -> dict[str, Any]:
        """Return one state of a thing of the CRM or desk, as it was at an export."""
        row = self._technical(key, None, None) | {"source_system": "crm"} | columns
        stamp = f"{key} {sorted(columns.items())}"
        return row | {"extracted_at": exported, "ingested_at": exported, "row_hash": stamp}

    def event(self, key: str, at: datetime | None, **columns: Any) -> dict[str, Any]:
        """Return one row of a table of events that happened at a UTC moment."""
        local = (at + SHANGHAI).date() if at else None
        row = self._technical(key, at, local) | {"source_system": "crm"}
        return row | {"row_hash": f"{key} {sorted(columns.items())}"} | columns

    def land(
        self, load_date: str, batch: str, rows: list[dict[str, Any]], table: str | None = None
    ) -> Path:
        """Write one file of a load; rows of one table, which their columns tell if it is None."""
        table = table or next(
            (name for column, name in _TABLE_OF.items() if column in rows[0]), contract.CALL.name
        )
        for line, row in enumerate(rows, start=1):
            row |= {"batch_id": batch, "source_line": line}
        dates = sorted(str(row["event_date"]) for row in rows if row["event_date"])
        first, last = (dates[0], dates[-1]) if dates else ("", "")
        home = self.settings.home
        path = warehouse.landing_path(home, (table, load_date, first, last, batch))
        path.parent.mkdir(parents=True, exist_ok=True)
        schema = contract.arrow_schema(contract.TABLES[table])
        full = [{name: row.get(name) for name in schema.names} for row in rows]
        pq.write_table(pa.Table.from_pylist(full, schema=schema), path)
        return path

    def build(self, day: str, *, full: bool = False, publish: bool = True) -> dict[str, Any]:
        """Build core and marts for a day; return what the core reported."""
        outcome = self.layer("core", day, full=full)
        self.layer("marts", day, full=full)
        if publish:
            transform.mark_built(self.settings, day)
        return outcome

    def cycle(self, day: str) -> dict[str, Any]:
        """Build a day, let its gate pass and publish it."""
        self.build(day, publish=False)
        with opstore.record_step(self.settings, "daily", day, "gate_marts"):
            pass
        return publish_day(self.settings, day)

    def layer(self, layer: str, day: str, *, full: bool = False) -> dict[str, Any]:
        """Build one layer, as far as the module's models need it."""
        return transform.build_layer(self.settings, layer, day, full=full, only=self.models)

    def read(self, sql: str) -> list[dict[str, Any]]:
        """Return rows of the marts (as marts_build.name) or of the warehouse (by schema)."""
        with warehouse.open_warehouse(self.settings.home) as connection:
            return warehouse.read_rows(connection, sql)

    def content(self) -> dict[str, list[tuple[Any, ...]]]:
        """Return all rows of all marts and of the core, in the order of their values.

        Tables that are as the company's first day left them are left out: where only a module's
        MODELS are built, others are not.
        """
        with warehouse.open_warehouse(self.settings.home) as connection:
            tables = connection.execute(
                "select database_name || '.' || schema_name || '.' || table_name "
                "from duckdb_tables() where database_name = 'marts_build' "
                "or schema_name = 'intermediate' order by all"
            ).fetchall()
            rows = {
                name: connection.execute(f"from {name} order by all").fetchall()
                for (name,) in tables
            }
        return {
            name: found for name, found in rows.items() if found != self.first_rows.get(name, [])
        }

    def rebuild(self, day: str) -> dict[str, list[tuple[Any, ...]]]:
        """Return the content after losing the warehouse and rebuilding it from landing."""
        shutil.rmtree(self.settings.home.warehouse.parent)
        self.build(day, full=True)
        return self.content()

    def wipe(self) -> None:
        """Forget all rows; what dbt has parsed and built empty stays: the next test is quick."""
        home = self.settings.home
        for folder in (home.landing, home.warehouse.parent, home.marts):
            shutil.rmtree(folder, ignore_errors=True)
        if self.empty:
            shutil.copytree(self.empty, home.warehouse.parent)
        erased = (opstore.load_gates, opstore.step_outcomes, *ledger.TABLES, *published.TABLES)
        with opstore.transaction(self.settings) as connection:
            for table in erased:
                # No test here judges an action: proofs, which cannot be erased, stay empty.
                if table is not ledger.proofs:
                    connection.execute(table.delete())

    @staticmethod
    def _technical(key: str, at: datetime | None, local: date | None) -> dict[str, Any]:
        exported = (at or datetime(2026, 1, 1, tzinfo=UTC)) + timedelta(days=1)
        return {
            "tenant_id": "demo",
            "source_system": "dialler",
            "source_pk": key,
            "event_at": at,
            "event_date": local,
            "event_month": local.replace(day=1) if local else None,
            "date_precision": "second" if local else "none",
            "extracted_at": exported,
            "ingested_at": exported + timedelta(hours=1),
            "row_hash": f"{key}-1",
            "is_deleted": False,
            "source_file": "calls.csv",
        }


def make_landing(root: Path) -> Landing:
    """Return the landing of the demo company (Asia/Shanghai, weeks from Monday, limit 10 s)."""
    return Landing(load_settings({"LEADLOOP_HOME": str(root)}))


@pytest.fixture(scope="session")
def shared_landing(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    """One home for all tests that land rows: its models are parsed once, its tables laid once."""
    landing = make_landing(tmp_path_factory.mktemp("shared") / "home")
    landing.build("2026-01-01")
    folder = landing.settings.home.warehouse.parent
    landing.first_rows = landing.content()
    landing.empty = shutil.copytree(folder, folder.with_name("empty"))
    return landing


@pytest.fixture
def landing(shared_landing: Landing, request: pytest.FixtureRequest) -> Iterator[Landing]:
    """An empty landing of the demo company; a module's MODELS are all that is built."""
    shared_landing.wipe()
    shared_landing.models = getattr(request.module, "MODELS", ())
    yield shared_landing
    shared_landing.models = ()


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Landing:
    """A home with one built day: the relations that dbt's unit tests read their columns from."""
    landing = make_landing(tmp_path_factory.mktemp("built") / "home")
    at = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)
    landing.land("2026-01-05", "calls", [landing.call("a", at), landing.call("b", at)])
    landing.land("2026-01-05", "words", [landing.utterance("a", 1, at)])
    landing.land("2026-01-05", "orders", [landing.order("o", at)])
    landing.build("2026-01-05")
    copy_ledger(landing.settings)
    transform.build_layer(landing.settings, "operations", "2026-01-05")
    transform.build_layer(landing.settings, "weekly", "2026-01-05")
    transform.build_layer(landing.settings, "monthly", "2026-01")
    return landing
