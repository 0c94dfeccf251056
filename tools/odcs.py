"""Writes the landing tables as an Open Data Contract Standard document, for tools that read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from leadloop import __version__
from leadloop.contract import TABLES

if TYPE_CHECKING:
    from leadloop.contract import Column, Table

LOGICAL = {
    "text": "string",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "date": "date",
}
# Types of the Parquet files in landing/.
PHYSICAL = {
    "text": "string",
    "integer": "int64",
    "number": "double",
    "boolean": "boolean",
    "timestamp": "timestamp[us, UTC]",
    "date": "date32",
}


def render_odcs() -> str:
    """Return the contract as YAML (ODCS 3.1)."""
    content = {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "leadloop-landing",
        "name": "leadloop landing tables",
        "version": __version__,
        "status": "active",
        "domain": "telesales",
        "description": {
            "purpose": "What diallers, CRMs and desks deliver, as leadloop lands it. call alone is "
            "enough; of a table that is not there its metrics are not available, never 0.",
            "limitations": "Phones are keyed hashes, free text is masked. Times are UTC.",
        },
        "schema": [_describe_table(table) for table in TABLES.values()],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def _describe_table(table: Table) -> dict[str, Any]:
    told = {"eventColumn": table.event_column, "historyKey": ", ".join(table.history_key) or None}
    return {
        "name": table.name,
        "physicalName": f"landing/{table.name}",
        "physicalType": "parquet",
        "logicalType": "object",
        "description": table.description,
        "customProperties": _list_custom(told),
        "properties": [_describe_column(table, column) for column in table.all_columns],
    }


def _describe_column(table: Table, column: Column) -> dict[str, Any]:
    is_key = column.name in table.key
    found: dict[str, Any] = {
        "name": column.name,
        "logicalType": LOGICAL[column.kind],
        "physicalType": PHYSICAL[column.kind],
        "description": column.description,
        "required": column.required,
        "primaryKey": is_key,
    }
    if is_key:
        found["primaryKeyPosition"] = table.key.index(column.name) + 1
    if column.pii != "none":
        found["classification"] = "personal"
    if column.enum:
        found["quality"] = [
            {
                "type": "library",
                "metric": "invalidValues",
                "arguments": {"validValues": list(column.enum)},
                "mustBe": 0,
            }
        ]
    told = {"unit": column.unit, "personalData": None if column.pii == "none" else column.pii}
    if custom := _list_custom(told):
        found["customProperties"] = custom
    return found


def _list_custom(told: dict[str, str | None]) -> list[dict[str, str]]:
    return [{"property": name, "value": value} for name, value in told.items() if value]
