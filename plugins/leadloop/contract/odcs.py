"""The contract in the words of the Open Data Contract Standard (Bitol, 3.1), for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from leadloop.contract import TABLES

if TYPE_CHECKING:
    from leadloop.contract import Column, Table

_TYPES: Final = {
    "text": ("string", "varchar"),
    "integer": ("integer", "bigint"),
    "number": ("number", "double"),
    "boolean": ("boolean", "boolean"),
    "timestamp": ("timestamp", "timestamptz"),
    "date": ("date", "date"),
}
_CLASSES: Final = {"none": "public", "agent": "internal"}


def describe_contract(version: str) -> dict[str, Any]:
    """Return the whole contract as one document of the standard, ready for YAML or JSON."""
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": "leadloop-landing",
        "name": "leadloop landing",
        "version": version,
        "status": "active",
        "description": {
            "purpose": "What a dialler, a CRM or a desk can tell leadloop, and in which form.",
            "usage": "Write a map (docs/importing.md) that fills these columns.",
            "limitations": "Only `call` is needed. What an absent table would answer is "
            "not available, never 0.",
        },
        "schema": [_describe_table(table) for table in TABLES.values()],
    }


def _describe_table(table: Table) -> dict[str, Any]:
    extra = {
        "historyKey": ", ".join(table.history_key),
        "since": table.since or ("extracted_at" if table.history_key else None),
        "eventColumn": table.event_column,
    }
    return {
        "name": table.name,
        "physicalName": table.name,
        "logicalType": "object",
        "physicalType": "parquet",
        "description": table.description,
        "properties": [_describe_column(table, column) for column in table.all_columns],
        "customProperties": [
            {"property": name, "value": value} for name, value in extra.items() if value
        ],
    }


def _describe_column(table: Table, column: Column) -> dict[str, Any]:
    logical, physical = _TYPES[column.kind]
    found: dict[str, Any] = {
        "name": column.name,
        "description": column.description,
        "logicalType": logical,
        "physicalType": physical,
        "required": column.required,
        "classification": _CLASSES.get(column.pii, "confidential"),
    }
    if column.name in table.key:
        found |= {"primaryKey": True, "primaryKeyPosition": table.key.index(column.name) + 1}
    if column.enum:
        allowed = {"validValues": list(column.enum)}
        found["quality"] = [
            {"type": "library", "metric": "invalidValues", "arguments": allowed, "mustBe": 0}
        ]
    extra = {"unit": column.unit, "pii": None if column.pii == "none" else column.pii}
    if any(extra.values()):
        found["customProperties"] = [
            {"property": name, "value": value} for name, value in extra.items() if value
        ]
    return found
