"""What pages show of the ledger: open alerts with their causes, and actions with their states.

Rows as they are, with the names, intervals and SQL that people need to judge them. Neighbours:
`ledger` (the tables), `publish.report` and the board (which show this).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.action_types import TYPES
from leadloop.errors import LeadloopError
from leadloop.intervals import wilson_interval
from leadloop.metrics import load_catalog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from leadloop.metric_catalog import Catalog, Options
    from leadloop.settings import Settings

OPEN = ("open", "acknowledged", "held")
SEVERITIES = ("critical", "warning", "info")
DECIDED_DAYS = 7
MOST_DECIDED = 10


def read_alerts(settings: Settings) -> list[dict[str, Any]]:
    """Return the open alerts, the gravest and costliest first."""
    table = ledger.alerts
    rows = opstore.read(settings, sa.select(table).where(table.c.state.in_(OPEN)))
    if not rows:
        return []
    catalog = _find_catalog(settings)
    proposals = _list_actions(settings, [row["alert_id"] for row in rows])
    rows.sort(key=_gravity)
    return [
        {
            **_describe_alert(row, catalog),
            "title": None,
            "action_ids": proposals.get(row["alert_id"], []),
        }
        for row in rows
    ]


def read_actions(settings: Settings, moment: datetime | None = None) -> list[dict[str, Any]]:
    """Return what waits for a decision, the most urgent first, then what was decided lately.

    With a moment, proposals that have expired by then wait no longer.
    """
    table = ledger.actions
    since = opstore.now() - timedelta(days=DECIDED_DAYS)
    waiting = sa.select(table).where(table.c.state == "proposed")
    decided = sa.select(table).where(table.c.state != "proposed", table.c.proposed_at >= since)
    latest = decided.order_by(table.c.proposed_at.desc(), table.c.action_id).limit(MOST_DECIDED)
    rows = sorted(opstore.read(settings, waiting), key=_urgency)
    rows += opstore.read(settings, latest)
    return [
        {**row, "is_open": is_open(row, moment), "label": _name_type(row["type"])} for row in rows
    ]


def is_open(action: Mapping[str, Any], moment: datetime | None = None) -> bool:
    """Return whether an action still waits for a decision."""
    expires = action["expires_at"]
    is_over = moment is not None and expires is not None and expires <= moment
    return action["state"] == "proposed" and not is_over


def _find_catalog(settings: Settings) -> Catalog | None:
    """Return the catalogue if one was made: a page must not wait for dbt to make it."""
    is_made = (settings.home.dbt / "target" / "semantic_manifest.json").exists()
    return load_catalog(settings) if is_made else None


def _name_type(name: str) -> dict[str, str] | None:
    known = TYPES.get(name)
    return {"zh": known.zh, "en": known.en} if known else None


def _describe_alert(row: dict[str, Any], catalog: Catalog | None) -> dict[str, Any]:
    metric = row["metric"]
    known = catalog is not None and metric in catalog.names
    definition = catalog.definition(metric) if catalog and known else None
    english = definition.label if definition else metric
    chinese = definition.meta.get("label_zh", english) if definition else metric
    return {
        **row,
        "kind": definition.kind if definition else "share",
        "label": {"zh": chinese, "en": english},
        "formula": definition.formula if definition else metric,
        "causes": [_describe_cause(cause) for cause in row["cause"]],
        "sql": _find_sql(row, catalog) if catalog and known else None,
    }


def _describe_cause(cause: dict[str, Any]) -> dict[str, Any]:
    """Return a cause with the shares before and now and their intervals."""
    evidence = cause.get("evidence") or {}
    return {
        "kind": str(cause.get("kind", "")),
        "place": cause.get("place") or {},
        "share": cause.get("share"),
        "money": cause.get("money"),
        "before": _share(evidence.get("k0"), evidence.get("n0")),
        "after": _share(evidence.get("k1"), evidence.get("n1")),
    }


def _share(k: float | None, n: float | None) -> dict[str, Any] | None:
    if k is None or not n or not 0 <= k <= n:
        return None
    low, high = wilson_interval(k, n)
    return {"k": k, "n": int(n), "value": k / n, "low": low, "high": high}


def _find_sql(row: dict[str, Any], catalog: Catalog) -> str | None:
    """Return the SQL of the metric at the alert's place and time, where it can be asked so."""
    where = {name: value for name, value in row["dimensions"].items() if value is not None}
    first, last, hour = read_period(row["grain"], row["period"])
    if hour is not None:
        where["dial_hour"] = hour
    options: Options = {"start": first, "end": last, "where": where}
    try:
        return catalog.sql(catalog.request(row["metric"], options))
    except LeadloopError:
        return None


def read_period(grain: str, period: str) -> tuple[str, str, int | None]:
    """Return the first and last day of an alert's period, and its hour if it is one hour.

    >>> read_period("hour", "2026-03-31T15")
    ('2026-03-31', '2026-03-31', 15)
    >>> read_period("week", "2026-03-23")
    ('2026-03-23', '2026-03-29', None)
    >>> read_period("month", "2026-02")
    ('2026-02-01', '2026-02-28', None)
    """
    day, _, hour = period.partition("T")
    if grain == "month":
        first = date.fromisoformat(f"{day[:7]}-01")
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        return first.isoformat(), last.isoformat(), None
    if grain == "week":
        return day, (date.fromisoformat(day) + timedelta(days=6)).isoformat(), None
    return day, day, int(hour) if hour else None


def _list_actions(settings: Settings, alert_ids: list[str]) -> dict[str, list[str]]:
    table = ledger.actions
    query = sa.select(table.c.alert_id, table.c.action_id).where(table.c.alert_id.in_(alert_ids))
    found: dict[str, list[str]] = {}
    for row in opstore.read(settings, query.order_by(table.c.proposed_at, table.c.action_id)):
        found.setdefault(row["alert_id"], []).append(row["action_id"])
    return found


def _gravity(row: Mapping[str, Any]) -> tuple[int, float, str]:
    known = row["severity"] in SEVERITIES
    place = SEVERITIES.index(row["severity"]) if known else len(SEVERITIES)
    return place, -abs(row["money"] or 0.0), row["alert_id"]


def _urgency(row: Mapping[str, Any]) -> tuple[bool, str, str]:
    expires = row["expires_at"]
    return expires is None, expires.isoformat() if expires else "", row["action_id"]
