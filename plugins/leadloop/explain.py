"""One number taken apart: definition, SQL, k of n, interval, and the rows behind it.

What is asked is a metric, by dimensions, in days, under conditions, or an alert, whose metric,
place and period are asked then. The rows come from the fact that the metric's `rows` names: `base`
says which rows are counted in n, `hit` which of them in k, `amount` what adds up to k instead, and
`of` what adds up to n where that is no number of rows (a ratio of two sums, a mart of counts).
Neighbours: `metrics` (the number), `explain_commands` (the command line).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.errors import UsageError
from leadloop.ledger_view import read_period
from leadloop.metric_catalog import TIME_GRAINS
from leadloop.metric_filters import render_condition, render_literal
from leadloop.metrics import Metrics, open_metrics

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from leadloop.metric_catalog import Catalog, Options
    from leadloop.metric_sources import Source
    from leadloop.metric_values import Definition, MetricValue
    from leadloop.settings import Settings

# How a person is reached is no part of how a number came about.
_LEFT_OUT = ("phone_hash", "phone_last4", "recording_uri")
# What of `rows` is added up, and the column it is shown in.
_SUMMED = (("amount", "amount"), ("of", "base_amount"))


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain` shows; `rows_sql` is None where a metric does not say where its rows are."""

    definition: Definition
    values: list[MetricValue]
    sql: str
    rows_sql: str | None
    rows: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        entry = {key: value for key, value in self.definition.meta.items() if value is not None}
        values = [{name: getattr(value, name) for name in value.__slots__} for value in self.values]
        return {
            "metric": self.definition.name,
            "entry": entry,
            "sql": self.sql,
            "values": values,
            "rows_sql": self.rows_sql,
            "rows": self.rows,
        }


@dataclass(frozen=True, slots=True)
class Explained:
    """A metric over open marts, ready to be shown or written out."""

    metrics: Metrics
    name: str
    options: Options

    def explain(self, rows: int = 0) -> Explanation:
        """Return the number with its definition, and up to so many rows behind it."""
        request = self.metrics.catalog.request(self.name, self.options)
        rows_sql = select_rows(self.metrics.catalog, self.name, self.options)
        found = self.metrics.rows(f"{rows_sql}\nlimit {rows:d}") if rows_sql and rows else []
        return Explanation(
            definition=self.metrics.catalog.definition(request.metric),
            values=self.metrics.query([self.name], **self.options),
            sql=self.metrics.sql(self.name, **self.options),
            rows_sql=rows_sql,
            rows=found,
        )

    def write_csv(self, path: Path) -> int:
        """Write one line for each row behind the number; return how many.

        Its first columns are those of the grouping: grouped by them, `is_counted` adds up to k
        and the lines to n; where there are `amount` and `base_amount`, these add up to k and n.
        """
        import csv

        from leadloop.spreadsheet import defuse

        sql = select_rows(self.metrics.catalog, self.name, self.options, whole=True)
        if sql is None:
            message = f"{self.name} does not say where its rows are (`rows` in its YAML)."
            raise UsageError(message)
        lines = self.metrics.stream(sql)
        written = -1
        # With a mark at its beginning, without which Excel takes Chinese for Latin.
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            for line in lines:
                writer.writerow([defuse(value) for value in line])
                written += 1
        return written


@contextmanager
def open_explained(settings: Settings, name: str, options: Options) -> Iterator[Explained]:
    """Give a metric over the published marts, to be explained."""
    with open_metrics(settings) as metrics:
        yield Explained(metrics, name, options)


def select_rows(
    catalog: Catalog, name: str, options: Options, *, whole: bool = False
) -> str | None:
    """Return the SQL of the rows behind a number; None where the metric does not say where.

    Columns: the dimensions asked for, the key, `is_counted` (whether the row is in k), `amount` and
    `base_amount` where sums are divided; with `whole` the row's other columns, without those that
    reach a person.
    """
    request = catalog.request(name, options)
    definition, source = catalog.definition(request.metric), catalog.source(request.metric)
    rows = definition.meta.get("rows")
    if not rows or source is None:
        return None
    columns = {**source.dimensions, **rows.get("columns", {})}
    keys = [rows["key"]] if isinstance(rows["key"], str) else list(rows["key"])
    chosen = [f"{_write_column(source, columns, item)} as {item}" for item in request.by]
    chosen += [key for key in keys if key not in request.by]
    chosen += [f"coalesce({rows.get('hit', 'true')}, false) as is_counted"]
    chosen += [f"{rows[item]} as {name}" for item, name in _SUMMED if item in rows]
    if whole:
        left = ", ".join(f"'{item}'" for item in (*keys, *request.by, *_LEFT_OUT))
        chosen.append(f"columns(name -> name not in ({left}))")
    conditions = [f"({text})" for text in (rows["base"], definition.meta.get("rows_where")) if text]
    for item, value in (options.get("where") or {}).items():
        place = f"{{{{ Dimension('{item}') }}}}"
        conditions.append(render_condition(item, value).replace(place, f"({columns[item]})"))
    conditions += [
        f"{source.time} {sign} {render_literal(day)}"
        for sign, day in ((">=", request.start), ("<=", request.end))
        if day
    ]
    order = ", ".join([source.time, *keys])
    listed = ",\n    ".join(chosen)
    where = "\n    and ".join(conditions)
    table = f"{source.database}.main.{rows['model']}"
    return f"select\n    {listed}\nfrom {table}\nwhere\n    {where}\norder by {order}"


def _write_column(source: Source, columns: dict[str, str], name: str) -> str:
    if name in TIME_GRAINS:
        form = "%Y-%m-%d" if name == "day" else "%Y-%m"
        return f"strftime({source.time}, '{form}')"
    return columns[name]


def find_alert(settings: Settings, alert_id: str) -> dict[str, Any] | None:
    """Return an alert by its id or the beginning of it, None where there is none."""
    if not opstore.has_store(settings):
        return None
    table = ledger.alerts
    found = opstore.read(settings, sa.select(table).where(table.c.alert_id.startswith(alert_id)))
    return found[0] if len(found) == 1 else None


def ask_for_alert(alert: dict[str, Any]) -> tuple[str, Options]:
    """Return the metric of an alert and the question that it answered."""
    first, last, hour = read_period(alert["grain"], alert["period"])
    where = {name: value for name, value in alert["dimensions"].items() if value is not None}
    if hour is not None:
        where["dial_hour"] = hour
    return alert["metric"], {"start": first, "end": last, "where": where}
