"""The tables of a world's truth, put beside the published marts under names of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

TABLES = ("turns", "talks", "leads", "customers", "agents")


def open_truth(marts: Any, folder: Path) -> None:
    """Let a connection read `truth/` as true_turns, true_talks and so on."""
    import pyarrow.parquet as pq

    for name in TABLES:
        marts.register(f"true_{name}", pq.read_table(folder / f"{name}.parquet"))
