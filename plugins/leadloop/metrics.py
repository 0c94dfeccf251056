"""The one way to a metric: by name, with how many (k), of how many (n), and how sure.

dbt's semantic models say what a metric means; `metric_catalog` turns a request into SQL and the
published marts answer it. Requests ask for the parts of a metric alone (numerator, denominator,
square); `metric_values.judge` divides and says how sure it is. Report, board, rules and demo all
ask this module; none of them computes a metric.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Unpack

from leadloop.metric_catalog import (
    TIME_GRAINS,
    Catalog,
    Days,
    MetricError,
    Options,
    read_catalog,
)
from leadloop.metric_values import MetricValue, judge
from leadloop.warehouse import current_marts, open_memory, read_rows, stream_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import duckdb

    from leadloop.settings import Settings

__all__ = [
    "Catalog",
    "Days",
    "MetricError",
    "MetricValue",
    "Metrics",
    "Options",
    "load_catalog",
    "open_metrics",
    "query",
]


def query(
    settings: Settings,
    names: Sequence[str],
    *,
    marts: Path | None = None,
    **options: Unpack[Options],
) -> list[MetricValue]:
    """Return the metrics, one value for each combination of the dimensions in `by`."""
    with open_metrics(settings, marts) as metrics:
        return metrics.query(names, **options)


@contextmanager
def open_metrics(settings: Settings, marts: Path | None = None) -> Iterator[Metrics]:
    """Give metrics over one version of the marts (the current one): all numbers fit together."""
    file = marts or current_marts(settings.home)
    catalog = load_catalog(settings)
    with open_memory() as connection:
        place = str(file).replace("'", "''")
        for database in sorted(catalog.databases):
            connection.execute(f"attach '{place}' as \"{database}\" (read_only)")
        yield Metrics(catalog, connection)


def load_catalog(settings: Settings) -> Catalog:
    """Return what dbt's semantic manifest defines; it is made where it is missing."""
    path = settings.home.dbt / "target" / "semantic_manifest.json"
    if not path.exists():
        from leadloop.transform import parse

        path = parse(settings)
    return read_catalog(path, path.stat().st_mtime_ns)


class Metrics:
    """Metrics over one open version of the marts."""

    def __init__(self, catalog: Catalog, connection: duckdb.DuckDBPyConnection) -> None:
        """Keep the catalog and a connection that has the marts attached."""
        self.catalog = catalog
        self._connection = connection

    def query(self, names: Sequence[str], **options: Unpack[Options]) -> list[MetricValue]:
        """Return the metrics as the module's `query` does."""
        values = []
        for name in names:
            request = self.catalog.request(name, options)
            definition = self.catalog.definition(request.metric)
            columns = self.catalog.columns(request)
            found = [
                judge(definition, {key: _plain(key, row[col]) for key, col in columns.items()}, row)
                for row in read_rows(self._connection, self.catalog.sql(request))
            ]
            values += [replace(value, metric=name) for value in sorted(found, key=_place)]
        return values

    def sql(self, name: str, **options: Unpack[Options]) -> str:
        """Return the SQL that answers a query of one metric, for people to check."""
        return self.catalog.sql(self.catalog.request(name, options))

    def stream(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Give the names of a query's columns, then its rows, of the same version of the marts."""
        return stream_rows(self._connection, sql)

    def rows(self, sql: str, parameters: Sequence[Any] | None = None) -> list[dict[str, Any]]:
        """Return rows of the same version of the marts that are no metric, such as names."""
        return read_rows(self._connection, sql, parameters)


def _plain(name: str, value: Any) -> Any:
    if name in TIME_GRAINS and value is not None:
        return value.strftime("%Y-%m-%d" if name == "day" else "%Y-%m")
    return value


def _place(value: MetricValue) -> list[tuple[bool, Any]]:
    """Return a sort key: by the dimensions in turn, those without a value last."""
    return [(item is None, item) for item in value.dimensions.values()]
