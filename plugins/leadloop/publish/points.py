"""The numbers of a version that was just published, kept point by point, restatements logged.

Written for the days that the cycle touched, for days whose numbers still follow what happens later,
and for weeks and months that were published before and hold such a day; in total and by channel.
A point is written where the number is new or has changed: the newest one up to a version is what
that version showed. Neighbours: `causes` (why a number changed), `leadloop.published` (the tables).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore, published
from leadloop.errors import UsageError
from leadloop.ledger_view import read_period
from leadloop.metric_entries import AT_CLOSE
from leadloop.metric_values import judge
from leadloop.metric_versions import Lineage, find_versions, hash_text
from leadloop.metrics import Metrics, load_catalog, open_metrics
from leadloop.periods import days_between, key_of, parse_day
from leadloop.publish.causes import Causes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from leadloop.metric_values import MetricValue
    from leadloop.settings import Settings

# Days whose numbers are looked at again while they may still follow what happens later.
FOLLOWED_DAYS = 90
GRAINS = {"daily": "day", "weekly": "week", "monthly": "month"}
# In total, and by the one dimension that every scene is steered by.
SPLITS: tuple[tuple[str, ...], ...] = ((), ("channel",))

Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Publication:
    """The version whose numbers are kept, and the days that its cycle touched."""

    snapshot_id: str
    cycle: str
    day: str
    marts: Path
    tables: frozenset[str]
    touched: tuple[str, ...] = ()


def keep_points(settings: Settings, publication: Publication) -> dict[str, int]:
    """Return how many points were written, and how many of them restate an earlier one."""
    if not (settings.home.dbt / "target" / "semantic_manifest.json").exists():
        return {"points": 0, "restated": 0}  # marts that dbt did not build have no definitions
    versions = find_versions(load_catalog(settings), Lineage.read(settings.home.dbt / "target"))
    counts = {"points": 0, "restated": 0}
    with open_metrics(settings, publication.marts) as metrics:
        causes = Causes(settings, publication.snapshot_id)
        for grain, periods in _list_periods(settings, publication).items():
            names = _list_metrics(metrics, publication)
            points = _evaluate(metrics, names, publication, (grain, periods))
            known = published.read_newest(settings, grain, periods, metrics=names)
            written = _compare(known, points, versions, publication)
            restated = [
                (known[key], row) for key, row in written.items() if _is_restated(known, row)
            ]
            rows = [causes.explain(old, new, metrics.catalog) for old, new in restated]
            _write(settings, list(written.values()), rows)
            counts["points"] += len(written)
            counts["restated"] += len(rows)
    return counts


def _list_periods(settings: Settings, publication: Publication) -> dict[str, list[str]]:
    """Return the periods to look at, by grain."""
    if publication.cycle != "daily":
        return {GRAINS[publication.cycle]: [publication.day]}
    last = parse_day(publication.day)
    followed = days_between(last - timedelta(days=FOLLOWED_DAYS - 1), last)
    periods = {"day": sorted({*publication.touched, *followed})}
    for cycle in ("weekly", "monthly"):
        grain = GRAINS[cycle]
        company = settings.company
        held = {key_of(cycle, parse_day(day), company) for day in publication.touched}
        table = published.metric_points
        query = sa.select(table.c.period).where(table.c.grain == grain).distinct()
        known = {row["period"] for row in opstore.read(settings, query)}
        periods[grain] = sorted(held & known)
    return periods


def _list_metrics(metrics: Metrics, publication: Publication) -> list[str]:
    """Return the metrics whose marts have been built."""
    sources = {name: metrics.catalog.source(name) for name in metrics.catalog.names}
    return [
        name for name, source in sources.items() if source and source.mart in publication.tables
    ]


def _evaluate(
    metrics: Metrics, names: Sequence[str], publication: Publication, time: tuple[str, list[str]]
) -> dict[Key, dict[str, Any]]:
    """Return the numbers of these periods by (metric, period, dims)."""
    grain, periods = time
    points = {}
    touched = set(publication.touched)
    for name in names:
        is_followed = metrics.catalog.definition(name).meta.get("maturity") != AT_CLOSE
        wanted = [p for p in periods if grain != "day" or is_followed or p in touched]
        for split in SPLITS:
            for period, value, sql in _ask(metrics, name, (grain, wanted), split):
                dims = published.write_dims(value.dimensions)
                points[(name, period, dims)] = _make_point(publication, grain, period, value, sql)
    return points


def _ask(
    metrics: Metrics, name: str, time: tuple[str, Sequence[str]], split: tuple[str, ...]
) -> Iterator[tuple[str, MetricValue, str]]:
    """Give period, value and SQL of a metric in these periods, split once."""
    grain, periods = time
    catalog = metrics.catalog
    definition = catalog.definition(name)
    by = ("day", *split) if grain == "day" else split
    try:
        request = catalog.request(name, {"by": by})
    except UsageError:
        return
    if request.metric != name or not periods:
        return  # another metric has these dimensions; it is asked by its own name
    if grain == "day":
        sql = catalog.sql(request)
        columns = catalog.columns(request)
        day = columns.pop("day")
        listed = ", ".join(f"date '{item}'" for item in periods)
        found = metrics.rows(f"select * from ({sql}) where {day} in ({listed})")  # noqa: S608
        for row in found:
            dimensions = {key: row[column] for key, column in columns.items()}
            yield f"{row[day]:%Y-%m-%d}", judge(definition, dimensions, row), sql
        return
    for period in periods:
        first, last, _ = read_period(grain, period)
        sql = metrics.sql(name, by=split, start=first, end=last)
        neutral = sql.replace(first, ":first").replace(last, ":last")
        for value in metrics.query([name], by=split, start=first, end=last):
            yield period, value, neutral


def _make_point(
    publication: Publication, grain: str, period: str, value: MetricValue, sql: str
) -> dict[str, Any]:
    return {
        "grain": grain,
        "period": period,
        "metric": value.metric,
        "dims": published.write_dims(value.dimensions),
        "snapshot_id": publication.snapshot_id,
        "as_of": publication.day,
        "k": value.k,
        "n": value.n,
        "value": value.value,
        "low": value.low,
        "high": value.high,
        "state": value.state,
        "sql_hash": hash_text(sql),
    }


def _compare(
    known: dict[Key, dict[str, Any]],
    points: dict[Key, dict[str, Any]],
    versions: dict[str, str],
    publication: Publication,
) -> dict[Key, dict[str, Any]]:
    """Return the points that have to be written: new, changed, and gone ones."""
    written = {}
    for key, point in points.items():
        row = {**point, "version": versions[point["metric"]]}
        old = known.get(key)
        is_news = row["n"] is not None if old is None else not _is_same(old, row)
        if is_news or (old is not None and old["version"] != row["version"]):
            written[key] = row
    for key in _list_gone(known, points, publication):
        nothing = dict.fromkeys(("k", "n", "value", "low", "high"))
        gone = {**known[key], **nothing, "state": "not available"}
        gone |= {"snapshot_id": publication.snapshot_id, "as_of": publication.day}
        written[key] = gone | {"version": versions[key[0]]}
    return written


def _list_gone(
    known: dict[Key, dict[str, Any]], points: Iterable[Key], publication: Publication
) -> list[Key]:
    """Return the points that had a number in a touched period and have no row any more."""
    seen = set(points)
    touched = set(publication.touched)
    return [
        key
        for key, old in known.items()
        if key not in seen
        and old["n"] is not None
        and (old["grain"] != "day" or old["period"] in touched)
    ]


def _is_restated(known: dict[Key, dict[str, Any]], row: dict[str, Any]) -> bool:
    old = known.get((row["metric"], row["period"], row["dims"]))
    return old is not None and not _is_same(old, row)


def _is_same(old: dict[str, Any], new: dict[str, Any]) -> bool:
    if (old["n"], old["k"] is None) != (new["n"], new["k"] is None):
        return False
    # A sum of floats depends on the order of its rows in its last digits.
    return old["k"] is None or math.isclose(old["k"], new["k"], rel_tol=1e-9, abs_tol=1e-9)


def _write(
    settings: Settings, points: list[dict[str, Any]], restatements: list[dict[str, Any]]
) -> None:
    with opstore.transaction(settings) as store:
        # A run that was killed here is run again: what it wrote for this version is replaced.
        if points:
            store.execute(sa.insert(published.metric_points), points)
        if restatements:
            store.execute(sa.insert(published.metric_restatements), restatements)


def make_publication(
    settings: Settings, content: dict[str, Any], touched: Sequence[str]
) -> Publication:
    """Return the publication of a pointer's content."""
    return Publication(
        snapshot_id=content["version"],
        cycle=content["cycle"],
        day=content["day"],
        marts=settings.home.marts / content["file"],
        tables=frozenset(content["tables"]),
        touched=tuple(touched),
    )
