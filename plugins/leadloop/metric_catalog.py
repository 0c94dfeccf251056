"""What dbt's semantic manifest defines: metrics, their dimensions, and the SQL of a request.

MetricFlow turns a request into SQL here, in process; it never opens a database. `metrics` asks
for the SQL and runs it over published marts.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypedDict

from leadloop.errors import LeadloopError, UsageError
from leadloop.metric_entries import complete
from leadloop.metric_filters import Condition, render_condition, render_literal
from leadloop.metric_sources import Source, find_sources, read_measures
from leadloop.metric_values import Definition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

KINDS = ("count", "share", "mean")
TIME_GRAINS = {"day": "metric_time__day", "month": "metric_time__month"}


class MetricError(LeadloopError):
    """The semantic manifest or the published marts do not fit together."""


@dataclass(frozen=True, slots=True)
class Request:
    """One metric, by some dimensions, in some days, under conditions."""

    metric: str
    by: tuple[str, ...] = ()
    start: str | None = None
    end: str | None = None
    where: tuple[str, ...] = ()


class Days(TypedDict, total=False):
    """The days of a query, such as "2026-01-31", both included."""

    start: str | None
    end: str | None


class Options(Days, total=False):
    """What a query may choose beside its days.

    `by` takes dimension names such as channel, and day ("2026-01-31") or month ("2026-01").
    `where`: see `metric_filters.render_condition`.
    """

    by: Sequence[str]
    where: Mapping[str, Condition] | None


class Catalog:
    """The metrics and dimensions of one semantic manifest, and their SQL."""

    def __init__(self, manifest: Any) -> None:
        """Build MetricFlow's engine over a parsed manifest; it never opens a database itself."""
        from metricflow.engine.metricflow_engine import MetricFlowEngine
        from metricflow_semantics.model.semantic_manifest_lookup import SemanticManifestLookup

        self._engine = MetricFlowEngine(SemanticManifestLookup(manifest), _sql_client())
        self._definitions = _define(manifest)
        self._sources = find_sources(manifest)
        self._dimensions: dict[str, dict[str, str]] = {}
        self._sql: dict[Request, str] = {}
        # Neither the engine nor the caches are made for two threads at once.
        self._lock = threading.RLock()
        self.databases = {source.database for source in self._sources.values()}

    @property
    def names(self) -> list[str]:
        """The metrics that may be asked for."""
        return sorted(self._definitions)

    def definition(self, name: str) -> Definition:
        """Return what a metric means; raise UsageError with the known ones otherwise."""
        if name not in self._definitions:
            message = f"There is no metric {name!r}; known: {', '.join(self.names)}."
            raise UsageError(message)
        return self._definitions[name]

    def source(self, name: str) -> Source | None:
        """Return where a metric is counted; None where it is more than one sum over another."""
        return self.part_source(self.definition(name).parts[0])

    def part_source(self, part: str) -> Source | None:
        """Return where a part of a metric is counted."""
        return self._sources.get(part)

    def dimensions(self, name: str) -> list[str]:
        """Return the names by which a metric can be split, in itself or as a variant."""
        return sorted({known for metric in self._variants(name) for known in self._columns(metric)})

    def request(self, name: str, options: Options) -> Request:
        """Return a checked request: every name in it is known, every value a literal.

        A metric may be defined at several grains (by hour and by agent, say): the request takes
        the first variant that has all dimensions asked for.
        """
        by, where = tuple(options.get("by") or ()), options.get("where") or {}
        wanted = {*by, *where}
        for metric in self._variants(name):
            known = self._columns(metric)
            if wanted <= set(known):
                break
        else:
            message = (
                f"{name} cannot be split or filtered by {', '.join(sorted(wanted))}; "
                f"known: {', '.join(self.dimensions(name))}."
            )
            raise UsageError(message)
        if timed := wanted & set(TIME_GRAINS) & set(where):
            message = f"Filter days by start and end, not by {', '.join(sorted(timed))}."
            raise UsageError(message)
        conditions = [render_condition(known[key], value) for key, value in where.items()]
        start, end = _check_day(options.get("start")), _check_day(options.get("end"))
        return Request(metric, by, start, end, tuple(conditions))

    def sql(self, request: Request) -> str:
        """Return the SQL of a request; the same request is compiled once."""
        from metricflow.engine.metricflow_engine import MetricFlowQueryRequest

        with self._lock:
            if request not in self._sql:
                plan = MetricFlowQueryRequest.create(
                    metric_names=list(self.definition(request.metric).parts),
                    group_by_names=list(self.columns(request).values()),
                    where_constraints=[*request.where, *self._period(request)] or None,
                )
                self._sql[request] = self._engine.explain(plan).sql_statement.sql
            return self._sql[request]

    def _period(self, request: Request) -> list[str]:
        """Return the request's days as conditions.

        MetricFlow's own time constraint silently moves days before 2000 to 2000-01-01.
        """
        known = self._columns(request.metric).values()
        grain = "day" if TIME_GRAINS["day"] in known else "month"
        time = f"{{{{ TimeDimension('metric_time', '{grain}') }}}}"
        bounds = ((">=", request.start), ("<=", request.end))
        return [f"{time} {sign} {render_literal(day)}" for sign, day in bounds if day]

    def columns(self, request: Request) -> dict[str, str]:
        """Return the column of the result that holds each dimension of a request."""
        known = self._columns(request.metric)
        return {name: known[name] for name in request.by}

    def _variants(self, name: str) -> list[str]:
        self.definition(name)
        others = [x.name for x in self._definitions.values() if x.meta.get("variant_of") == name]
        return [name, *others]

    def _columns(self, metric: str) -> dict[str, str]:
        """Return the dimensions of one metric, by their short name."""
        with self._lock:
            if metric not in self._dimensions:
                parts = list(self.definition(metric).parts)
                found = self._engine.simple_dimensions_for_metrics(parts, ())
                nearest_last = sorted(found, key=lambda item: -len(item.entity_links))
                grains = {column: name for name, column in TIME_GRAINS.items()}
                self._dimensions[metric] = {
                    grains.get(item.dunder_name, item.name): item.dunder_name
                    for item in nearest_last
                    if item.type.value == "categorical" or item.dunder_name in grains
                }
            return self._dimensions[metric]


@lru_cache(maxsize=4)
def read_catalog(path: Path, _modified: int) -> Catalog:
    """Return the catalog of a manifest, read once for each time it was modified."""
    from metricflow_semantics.model.dbt_manifest_parser import (
        parse_manifest_from_dbt_generated_manifest,
    )

    try:
        manifest = parse_manifest_from_dbt_generated_manifest(path.read_text(encoding="utf-8"))
    except ValueError as error:
        message = f"{path} is no semantic manifest of dbt ({error}); delete it and build again."
        raise MetricError(message) from error
    return Catalog(manifest)


def _sql_client() -> Any:
    from metricflow.protocols.sql_client import SqlEngine
    from metricflow.sql.render.duckdb_renderer import DuckDbSqlPlanRenderer

    class Client:
        """As much of a SQL client as explaining needs: the dialect."""

        sql_engine_type = SqlEngine.DUCKDB
        sql_plan_renderer = DuckDbSqlPlanRenderer()

    return Client()


def _define(manifest: Any) -> dict[str, Definition]:
    by_name = {metric.name: metric for metric in manifest.metrics}
    raw = {metric.name: _read_raw(metric) for metric in manifest.metrics}
    measures = {name: measure["description"] for name, measure in read_measures(manifest).items()}
    definitions = {}
    for metric in manifest.metrics:
        if raw[metric.name]["config"]["meta"].get("kind") not in KINDS:
            continue  # a part of another metric
        meta = complete(metric.name, raw, measures)
        definitions[metric.name] = Definition(
            name=metric.name,
            kind=meta["kind"],
            label=str(meta.get("label") or metric.name),
            unit=str(meta.get("unit", "")),
            description=metric.description or "",
            parts=_parts(metric, meta, by_name),
            meta=meta,
        )
    return definitions


def _read_raw(metric: Any) -> dict[str, Any]:
    """Return a metric in the form of its YAML."""
    meta = dict(metric.config.meta or {}) if metric.config else {}
    measure = metric.type_params.measure
    return {
        "label": metric.label,
        "description": metric.description,
        "type_params": {"measure": measure.name if measure else None},
        "config": {"meta": meta},
    }


def _parts(metric: Any, meta: Mapping[str, Any], by_name: Mapping[str, Any]) -> tuple[str, ...]:
    if meta["kind"] == "count":
        return (metric.name,)
    parameters = metric.type_params
    parts = [parameters.numerator.name, parameters.denominator.name]
    if meta["kind"] == "mean":
        parts.append(meta.get("square") or f"{metric.name}_square")
    if missing := [part for part in parts if part not in by_name]:
        message = f"{metric.name} needs the metric {missing[0]}, which dbt_project does not define."
        raise MetricError(message)
    return tuple(parts)


def _check_day(day: str | None) -> str | None:
    if day is None:
        return None
    try:
        return datetime.strptime(day, "%Y-%m-%d").date().isoformat()  # noqa: DTZ007
    except (TypeError, ValueError) as error:
        message = f"{day!r} is no day; wanted one such as 2026-01-31."
        raise UsageError(message) from error
