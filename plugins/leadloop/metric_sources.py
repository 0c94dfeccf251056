"""Where a metric is counted: its mart, its day, the columns of its dimensions, the sum it is.

Read from dbt's semantic manifest, without MetricFlow: what `explain` follows down to rows, and what
`metric_versions` hashes. Neighbour: `metric_catalog`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Source:
    """The mart and measure of a metric that is one sum; `time` is the column of its date."""

    model: str
    database: str
    mart: str
    time: str
    grain: str
    dimensions: dict[str, str]
    measure: dict[str, str]


def find_sources(manifest: Any) -> dict[str, Source]:
    """Return the source of every metric that is the sum of one measure."""
    measures = read_measures(manifest)
    sources = {}
    for model in manifest.semantic_models:
        defaults = model.defaults.agg_time_dimension if model.defaults else None
        times = {item.name: item for item in model.dimensions if item.type.value == "time"}
        time = times.get(defaults or "") or next(iter(times.values()), None)
        others = [item for item in model.dimensions if item.name not in times]
        for measure in model.measures:
            sources[measure.name] = Source(
                model=model.name,
                database=model.node_relation.database or "marts_build",
                mart=model.node_relation.alias,
                time=(time.expr or time.name) if time else "",
                grain=time.type_params.time_granularity.value if time else "",
                dimensions={item.name: item.expr or item.name for item in others},
                measure=measures[measure.name],
            )
    return {
        metric.name: sources[metric.type_params.measure.name]
        for metric in manifest.metrics
        if metric.type_params.measure and metric.type_params.measure.name in sources
    }


def read_measures(manifest: Any) -> dict[str, dict[str, str]]:
    """Return what every measure sums up, and how it is described."""
    return {
        measure.name: {
            "name": measure.name,
            "aggregation": measure.agg.value,
            "expression": measure.expr or measure.name,
            "description": measure.description or "",
        }
        for model in manifest.semantic_models
        for measure in model.measures
    }
