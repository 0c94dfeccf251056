"""What a version was made of: its files, settings, scores, definitions, and hashes of its day.

Kept so that `leadloop as-of DAY` can build the same version again and say whether it is the same.
Neighbours: `fingerprints` (hashes), `points` (its numbers), `leadloop.published` (the tables).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore, published, scope, warehouse
from leadloop.metric_versions import Lineage
from leadloop.publish.fingerprints import hash_day
from leadloop.publish.points import keep_points, make_publication

if TYPE_CHECKING:
    import duckdb

    from leadloop.settings import Settings


def keep_publication(settings: Settings, content: dict[str, Any]) -> dict[str, int]:
    """Write down what the version just published was made of, and its numbers; return counts.

    Before its scope is closed: a run that dies here is run again and finds the same files pending.
    """
    is_daily = content["cycle"] == "daily"
    with warehouse.open_warehouse(settings.home, marts=False) as connection:
        connection.execute(scope.LAYOUT)
        files = _read_column(
            connection,
            "select file from raw.built_batches union select file from raw.pending_batches",
        )
        touched = _read_column(
            connection, "select event_date::varchar as day from raw.touched_dates"
        )
        language = _read_language(connection)
    publication = make_publication(settings, content, sorted(touched) if is_daily else [])
    hashes = hash_day(publication.marts, content["day"]) if is_daily else {}
    row = {
        "snapshot_id": content["version"],
        "cycle": content["cycle"],
        "day": content["day"],
        "published_at": opstore.now(),
        "company": settings.company.model_dump(mode="json"),
        "language": language,
        "definitions": _hash_definitions(settings),
        "hashes": hashes,
    }
    with opstore.transaction(settings) as store:
        opstore.replace(store, published.publications, [row])
        count = _write_files(store, content["version"], files) if is_daily else 0
    return {"files": count, **keep_points(settings, publication)}


def _read_column(connection: duckdb.DuckDBPyConnection, sql: str) -> set[str]:
    return {str(value) for row in warehouse.read_rows(connection, sql) for value in row.values()}


def _read_language(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Return the language version in force and whom its lists listen to."""
    versions = warehouse.read_rows(connection, "select language_version from raw.language")
    speakers = warehouse.read_rows(
        connection, "select kind, speaker_role from raw.list_speakers order by all"
    )
    return {
        "version": versions[0]["language_version"] if versions else None,
        "speakers": [list(row.values()) for row in speakers],
    }


def _hash_definitions(settings: Settings) -> str:
    target = settings.home.dbt / "target"
    return Lineage.read(target).hash_all() if (target / "manifest.json").exists() else ""


def _write_files(store: sa.Connection, snapshot_id: str, files: set[str]) -> int:
    """Write which files came and which left; return how many."""
    before = set(published.list_files(store))
    changes = [(name, True) for name in sorted(files - before)]
    changes += [(name, False) for name in sorted(before - files)]
    if changes:
        store.execute(
            sa.insert(published.published_files),
            [
                {"file": name, "snapshot_id": snapshot_id, "is_present": is_present}
                for name, is_present in changes
            ],
        )
    return len(changes)
