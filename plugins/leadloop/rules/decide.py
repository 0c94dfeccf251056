"""The day's decisions: rules over published marts become alerts, causes, proposals, messages.

Everything that follows from one rule is written in one transaction under keys made of the rule,
the place and the time: a run that is killed or repeated leaves the same rows. A broken rule file
is told in the outcome and never silences the others.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.action_types import PayloadError
from leadloop.intervals import Z95, wilson_interval
from leadloop.metrics import open_metrics
from leadloop.rules.causes import Change, explain
from leadloop.rules.evaluate import evaluate
from leadloop.rules.loader import list_files, read_rules
from leadloop.rules.messages import find_quiet_end, load_words, make_messages
from leadloop.rules.proposals import Case, make_action
from leadloop.rules.readings import Span, close_of, find_misfits, load_readings
from leadloop.warehouse import MissingTableError, WarehouseError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadloop.metrics import Metrics
    from leadloop.rules.chances import Kind
    from leadloop.rules.episodes import Episode
    from leadloop.rules.messages import Words
    from leadloop.rules.schema import Rule
    from leadloop.settings import Settings

# State is made again from this much past. An alert older than that keeps the id it has.
HISTORY_DAYS = 180
REMEDY = "See docs/actions.md for what the action takes"
LIVE = ("open", "acknowledged", "held")


@dataclass(frozen=True, slots=True)
class Moment:
    """Where and when is decided: the business day, the wall clock, the words people use."""

    settings: Settings
    day: str
    now: datetime
    words: Words


def decide_day(settings: Settings, day: str, now: datetime | None = None) -> dict[str, Any]:
    """Evaluate all rules for a day; return counts and what could not be evaluated."""
    rules, mistakes = read_rules(list_files(settings))
    counts: dict[str, Any] = {
        "rules": 0,
        "alerts": 0,
        "resolved": 0,
        "proposed": 0,
        "messages": 0,
        "mistakes": [str(mistake) for mistake in mistakes],
        "no_data": [],
    }
    if not rules:
        return counts
    moment = Moment(settings, day, now or opstore.now(), load_words(settings))
    try:
        with open_metrics(settings) as metrics:
            for file in rules:
                if file.rule.expires and file.rule.expires < date.fromisoformat(day):
                    continue
                if misfits := find_misfits(file, metrics.catalog):
                    counts["mistakes"] += [str(misfit) for misfit in misfits]
                    continue
                try:
                    _add(counts, decide_rule(moment, metrics, file.rule), file.rule.id)
                except PayloadError as error:
                    counts["mistakes"].append(str(file.mistake(("do",), str(error), REMEDY)))
    except WarehouseError as error:
        counts["mistakes"].append(str(error))
    return counts


def decide_rule(moment: Moment, metrics: Metrics, rule: Rule) -> dict[str, int] | None:
    """Write what one rule finds on the day; return counts, None where there are no data at all."""
    company = moment.settings.company
    last = date.fromisoformat(moment.day)
    span = Span(last - timedelta(days=HISTORY_DAYS - 1), last, company.week_start)
    try:
        readings = load_readings(metrics, rule, span)
    except MissingTableError:
        readings = []
    if not readings:
        return None
    definition = metrics.catalog.definition(rule.metric)
    episodes = [
        episode
        for episode in evaluate(rule, definition.kind, readings, span).episodes
        if episode.cleared is None or close_of(rule, episode.last) >= last
    ]
    value = company.metric_values.get(rule.metric)
    changes = [explain(metrics, rule, episode, value) for episode in episodes]
    counts = {"alerts": 0, "resolved": 0, "proposed": 0, "messages": 0}
    alerts = _match(moment, rule, episodes)
    actions = {
        alert_id: _propose(moment, metrics, Case(alert_id, rule, episode, moment.day))
        for alert_id, episode in zip(alerts, episodes, strict=True)
    }
    with opstore.transaction(moment.settings) as connection:
        for alert_id, episode, change in zip(alerts, episodes, changes, strict=True):
            row = make_alert(moment, rule, definition.kind, (alert_id, episode, change))
            is_new = opstore.insert_new(connection, ledger.alerts, row)
            if not is_new:
                _renew(connection, row)
            counts["alerts"] += is_new
            for action in actions[alert_id]:
                counts["proposed"] += opstore.insert_new(connection, ledger.actions, action)
            if is_new:
                held = find_quiet_end(rule, moment.settings, moment.now)
                shown = {**row, "unit": definition.unit, "currency": company.currency}
                for message in make_messages(rule, shown, moment.words, (moment.now, held)):
                    counts["messages"] += opstore.insert_new(connection, ledger.outbox, message)
        counts["resolved"] += _resolve(connection, moment, rule, alerts)
        _release(connection, moment, rule)
    return counts


def _propose(moment: Moment, metrics: Metrics, case: Case) -> list[dict[str, Any]]:
    """Return the actions of an alert that is still open; a silence has none."""
    if case.episode.cleared is not None or case.episode.kind != "value":
        return []
    made = [
        make_action(moment.settings, metrics, case, step) for step in case.rule.do if step.action
    ]
    return [action for action in made if action is not None]


def make_alert(
    moment: Moment, rule: Rule, kind: Kind, found: tuple[str, Episode, Change]
) -> dict[str, Any]:
    """Return the alert's row: the sums of its windows of the last seven days, and its cause."""
    alert_id, episode, change = found
    first = episode.windows[-1].reading.day - timedelta(days=6)
    recent = [item for item in episode.windows if item.reading.day >= first]
    k, n = sum(item.reading.k for item in recent), sum(item.reading.n for item in recent)
    is_quiet = find_quiet_end(rule, moment.settings, moment.now) is not None
    is_over = episode.cleared is not None
    value, low, high = _estimate(kind, k, n, [item.reading for item in recent])
    return {
        "alert_id": alert_id,
        "rule_id": rule.id,
        "rule_hash": hash_rule(rule),
        "mode": rule.mode,
        "severity": rule.severity,
        "metric": rule.metric,
        "dimensions": dict(episode.instance),
        "grain": rule.grain,
        "period": episode.last,
        "k": round(k),
        "n": n,
        "value": value,
        "low": low,
        "high": high,
        "threshold": _mean(item.threshold for item in recent) or 0.0,
        "expected": _mean(item.expected for item in recent) or change.usual,
        "money": change.money,
        "state": "resolved" if is_over else "held" if is_quiet else "open",
        "cause": list(change.causes),
        "first_seen_at": moment.now,
        "last_seen_at": moment.now,
        "resolved_at": moment.now if is_over else None,
        "owner": rule.owner,
    }


def hash_rule(rule: Rule) -> str:
    """Return a hash that changes with the rule's meaning."""
    content = rule.model_dump(mode="json", by_alias=True, exclude={"tests", "why", "title"})
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]


def identify(rule: Rule, episode: Episode) -> str:
    """Return the alert's id: the same rule, place and first window give the same one."""
    parts = [rule.id, episode.kind, dict(episode.instance), episode.first]
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _match(moment: Moment, rule: Rule, episodes: list[Episode]) -> list[str]:
    """Return the id of each episode; one that is open in the ledger already keeps its own.

    Late data or a past that begins later may move an alert's first window: it is still the same.
    """
    known = opstore.read(moment.settings, _select_live(rule))
    ids = []
    for episode in episodes:
        place = dict(episode.instance)
        same = [
            row["alert_id"]
            for row in known
            if row["dimensions"] == place
            and row["value"] is not None
            and episode.kind == "value"
            and rule.mode == "guarded"
            and episode.first <= row["period"] <= episode.last
        ]
        ids.append(same[0] if same else identify(rule, episode))
    return ids


def _select_live(rule: Rule) -> sa.Select[Any]:
    table = ledger.alerts
    return sa.select(table).where(table.c.rule_id == rule.id, table.c.state.in_(LIVE))


def _renew(connection: sa.Connection, row: dict[str, Any]) -> None:
    """Bring a known alert up to date; a day run again never takes back what a later one knew."""
    known = opstore.find(connection, ledger.alerts, row["alert_id"])
    if known is None or known["period"] > row["period"]:
        return
    kept = {"alert_id", "first_seen_at", "state", "resolved_at"}
    changed = {name: value for name, value in row.items() if name not in kept}
    if known["state"] == "resolved" and known["period"] < row["period"]:
        changed |= {"state": row["state"], "resolved_at": row["resolved_at"]}
    elif known["state"] != "resolved" and row["state"] == "resolved":
        changed |= {"state": "resolved", "resolved_at": row["resolved_at"]}
    expect = {"state": known["state"], "period": known["period"]}
    opstore.compare_and_set(connection, ledger.alerts, row["alert_id"], expect, changed)


def _resolve(connection: sa.Connection, moment: Moment, rule: Rule, found: list[str]) -> int:
    """Close the rule's live alerts that the day no longer shows; later days' are left alone."""
    resolved = 0
    for row in opstore.read(connection, _select_live(rule)):
        if row["alert_id"] in found or row["period"][:10] > moment.day:
            continue
        changed = {"state": "resolved", "resolved_at": moment.now}
        expect = {"state": row["state"]}
        resolved += opstore.compare_and_set(
            connection, ledger.alerts, row["alert_id"], expect, changed
        )
    return resolved


def release_held(settings: Settings, now: datetime | None = None) -> int:
    """Open the alerts whose quiet hours are over by now; return how many."""
    held = sa.select(ledger.alerts).where(ledger.alerts.c.state == "held")
    waiting = {row["rule_id"] for row in opstore.read(settings, held)}
    if not waiting:
        return 0
    moment = Moment(settings, "", now or opstore.now(), load_words(settings))
    files, _mistakes = read_rules(list_files(settings))
    with opstore.transaction(settings) as connection:
        return sum(
            _release(connection, moment, file.rule) for file in files if file.rule.id in waiting
        )


def _release(connection: sa.Connection, moment: Moment, rule: Rule) -> int:
    """Open alerts that were held, once the quiet hours are over; return how many."""
    if find_quiet_end(rule, moment.settings, moment.now) is not None:
        return 0
    held, opened = {"state": "held"}, {"state": "open"}
    return sum(
        opstore.compare_and_set(connection, ledger.alerts, row["alert_id"], held, opened)
        for row in opstore.read(connection, _select_live(rule))
        if row["state"] == "held"
    )


def _estimate(
    kind: Kind, k: float, n: int, readings: list[Any]
) -> tuple[float | None, float | None, float | None]:
    if not n:
        return None, None, None
    if kind == "count":
        return k / len(readings), None, None
    if kind == "share":
        return k / n, *wilson_interval(k, n)
    error = sum((item.n * (item.error or 0.0)) ** 2 for item in readings) ** 0.5 / n
    return k / n, k / n - Z95 * error, k / n + Z95 * error


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _add(counts: dict[str, Any], found: dict[str, int] | None, rule_id: str) -> None:
    if found is None:
        counts["no_data"].append(rule_id)
        return
    counts["rules"] += 1
    for name, number in found.items():
        counts[name] += number
