"""The tables of a world's truth, put beside the published marts under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.warehouse import read_rows

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("turns", "talks", "leads", "customers", "agents")


def open_truth(marts: Any, folder: Path) -> None:
    """Let a connection read `truth/` as true_turns, true_talks and so on."""
    import pyarrow.parquet as pq

    for name in TABLES:
        marts.register(f"true_{name}", pq.read_table(folder / f"{name}.parquet"))


def read_counts(marts: Any, sql: str, parameters: Any = None) -> dict[str, int]:
    """Return the counts of a query of one row; a sum of nothing is 0."""
    (row,) = read_rows(marts, sql, parameters)
    return {name: int(value or 0) for name, value in row.items()}
