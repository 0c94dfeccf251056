"""What may land: the tables of the door, their columns, types, units and classes of personal data.

One definition serves all: the maps of `ingest` produce these columns, the staging models and the
landing gate read them, `docs/contract.md` is generated from them.
Only `call` is needed; what an absent table would answer is "not available", never 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadloop.contract.calls import (
    CALL,
    CALL_TABLES,
    DIAL_MODES,
    DIRECTIONS,
    OUTCOMES,
    SPEAKERS,
    UTTERANCE,
)
from leadloop.contract.money import MONEY_TABLES, ORDER
from leadloop.contract.people import PEOPLE_TABLES
from leadloop.contract.service import SERVICE_TABLES
from leadloop.contract.shapes import PRECISIONS, TECHNICAL, Column, Kind, Pii, Precision, Table
from leadloop.contract.staff import STAFF_TABLES

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "CALL",
    "DIAL_MODES",
    "DIRECTIONS",
    "ORDER",
    "OUTCOMES",
    "PRECISIONS",
    "SPEAKERS",
    "TABLES",
    "TECHNICAL",
    "UTTERANCE",
    "Column",
    "Kind",
    "Pii",
    "Precision",
    "Table",
    "arrow_schema",
]

TABLES = {
    table.name: table
    for table in (*CALL_TABLES, *PEOPLE_TABLES, *MONEY_TABLES, *SERVICE_TABLES, *STAFF_TABLES)
}


def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a landing table; times are microseconds in UTC."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
    }
    return pa.schema([pa.field(column.name, types[column.kind]) for column in table.all_columns])
