"""`leadloop rules ...`: see, check, test and backtest rules before anybody trusts them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from leadloop.console import Json, fail, say, show_table, write_json
from leadloop.errors import LeadloopError, UsageError
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from leadloop.metrics import Catalog, Metrics
    from leadloop.rules.backtest import Backtest
    from leadloop.rules.loader import RuleFile
    from leadloop.settings import Settings

app = typer.Typer(help="Rules: which numbers raise an alert, and what follows.")

Files = Annotated[
    list[Path] | None, typer.Argument(help="Rule files; all of config/rules if none.")
]


@app.command("list")
def list_rules(json_file: Json = None) -> None:
    """List the rules: what they look at, how they decide, whether they can be evaluated."""
    from leadloop.metrics import load_catalog
    from leadloop.rules.loader import list_files, read_rules

    settings = load_settings()
    found, mistakes = read_rules(list_files(settings))
    catalog = load_catalog(settings)
    rows = [_describe(file, catalog) for file in found]
    if json_file != "-":
        names = ("id", "metric", "by", "grain", "condition", "mode", "state")
        show_table("Rules", names, [[row[name] for name in names] for row in rows])
        for mistake in mistakes:
            fail(str(mistake))
    write_json(json_file, rows)


@app.command()
def check(files: Files = None) -> None:
    """Check rule files; every mistake is named with its line and what to write instead."""
    from leadloop.metrics import load_catalog
    from leadloop.rules.loader import list_files, read_rules
    from leadloop.rules.readings import find_misfits

    settings = load_settings()
    found, mistakes = read_rules(files or list_files(settings))
    if found:
        catalog = load_catalog(settings)
        mistakes += [mistake for file in found for mistake in find_misfits(file, catalog)]
    for mistake in sorted(mistakes, key=lambda item: (str(item.file), item.line)):
        fail(str(mistake))
    if mistakes:
        raise typer.Exit(UsageError.exit_code)
    say(f"{len(found)} rule(s): ok")


@app.command("test")
def run_tests(files: Files = None) -> None:
    """Run the tests that the rules carry: where they must fire, where they must stay quiet."""
    from leadloop.metrics import load_catalog
    from leadloop.rules.examples import run_example
    from leadloop.rules.loader import list_files, load_rules

    settings = load_settings()
    catalog = load_catalog(settings)
    count, failures = 0, []
    for file in load_rules(files or list_files(settings)):
        if file.rule.metric not in catalog.names:
            failures.append(str(_missing(file)))
            continue
        kind = catalog.definition(file.rule.metric).kind
        count += len(file.rule.tests)
        results = [run_example(file.rule, kind, example) for example in file.rule.tests]
        failures += [result for result in results if result]
    for failure in failures:
        fail(failure)
    if failures:
        raise typer.Exit(LeadloopError.exit_code)
    say(f"{count} test(s): ok")


@app.command()
def backtest(
    rule_id: Annotated[str | None, typer.Argument(help="Id of a rule.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="All rules.")] = False,
    days: Annotated[int, typer.Option(min=1, help="Days counted, up to the last published.")] = 90,
    json_file: Json = None,
) -> None:
    """Show what rules would have sent over the last days, beside their bare words (naive)."""
    from dataclasses import asdict

    from leadloop.metrics import open_metrics

    if (rule_id is None) == (not all_):
        message = "Give the id of one rule, or --all; `leadloop rules list` shows them."
        raise UsageError(message)
    settings = load_settings()
    with open_metrics(settings) as metrics:
        results = list(_backtest(settings, metrics, rule_id, days))
    if json_file != "-":
        headers = ("rule", "guarded", "naive", "windows", "skipped_for_sample", "milliseconds")
        rows = [[getattr(result, name) for name in headers] for result in results]
        show_table(f"Last {days} days", headers, rows)
        for result in results:
            for alert in result.alerts:
                say(f"  {result.rule}: {_tell(alert)}")
    write_json(json_file, [asdict(result) for result in results])


def _backtest(
    settings: Settings, metrics: Metrics, rule_id: str | None, days: int
) -> Iterator[Backtest]:
    from datetime import date, timedelta

    from leadloop.pointer import read_pointer
    from leadloop.rules import backtest as backtests
    from leadloop.rules.loader import list_files, load_rules
    from leadloop.rules.readings import Span, find_misfits

    files = load_rules(list_files(settings))
    known = [file.rule.id for file in files]
    if rule_id is not None and rule_id not in known:
        message = f"There is no rule {rule_id!r}; known: {', '.join(known)}."
        raise UsageError(message)
    last = date.fromisoformat(str(read_pointer(settings.home)["data_until"]))
    first = last - timedelta(days=days + backtests.PAST_DAYS - 1)
    span = Span(first, last, settings.company.week_start)
    for file in files:
        if rule_id in (None, file.rule.id):
            if misfits := find_misfits(file, metrics.catalog):
                fail("\n".join(str(misfit) for misfit in misfits))
                continue
            yield backtests.backtest(metrics, file.rule, span, days)


def _describe(file: RuleFile, catalog: Catalog) -> dict[str, Any]:
    from datetime import UTC, datetime

    from leadloop.rules.readings import find_misfits

    rule = file.rule
    state = "active"
    if rule.expires and rule.expires < datetime.now(UTC).date():
        state = f"expired on {rule.expires}"
    elif misfits := find_misfits(file, catalog):
        state = f"not available: {misfits[0].seen}"
    condition = getattr(rule.when, rule.when.kind)
    shown = condition if rule.when.limit is not None else _spell(condition.model_dump())
    return {
        "id": rule.id,
        "title": rule.title.zh,
        "metric": rule.metric,
        "by": ", ".join(rule.by) or "-",
        "grain": rule.grain,
        "condition": f"{rule.when.kind} {shown}",
        "for": rule.for_,
        "mode": rule.mode,
        "state": state,
        "owner": rule.owner,
        "severity": rule.severity,
        "file": str(file.path),
    }


def _spell(condition: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in condition.items())


def _missing(file: RuleFile) -> str:
    return f"{file.rule.id}: the catalogue has no metric {file.rule.metric!r}"


def _tell(alert: dict[str, Any]) -> str:
    place = ", ".join(f"{name}={value}" for name, value in alert["dimensions"].items()) or "all"
    ended = f"cleared {alert['cleared']}" if alert["cleared"] else "still open"
    seen = "no data" if alert["value"] is None else f"{alert['value']:.3f}"
    usual = "" if alert["expected"] is None else f", usually {alert['expected']:.3f}"
    after = "" if alert["after"] is None else f", {alert['after']:.3f} in the week after"
    return f"{place}: {alert['first']} to {alert['last']}, {seen}{usual}{after}; {ended}"
