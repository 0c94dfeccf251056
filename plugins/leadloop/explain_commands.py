"""`leadloop explain`: what a number or an alert means, and the rows that it was counted from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from leadloop.console import Json, say, show_table, write_json
from leadloop.errors import UsageError
from leadloop.explain import Explained, ask_for_alert, find_alert, open_explained
from leadloop.metrics import load_catalog
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from leadloop.explain import Explanation
    from leadloop.metric_catalog import Options
    from leadloop.metric_values import MetricValue

app = typer.Typer()


@app.command()
def explain(
    subject: Annotated[str, typer.Argument(help="A metric, or the id of an alert.")],
    by: Annotated[list[str] | None, typer.Option(help="Split by a dimension; repeat it.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Only where, such as channel=referral; repeat it.")
    ] = None,
    start: Annotated[str | None, typer.Option(help="First day.")] = None,
    end: Annotated[str | None, typer.Option(help="Last day.")] = None,
    rows: Annotated[int, typer.Option(min=0, help="Rows behind the number to show.")] = 0,
    csv: Annotated[
        Path | None, typer.Option(help="Write every row behind the number to this file.")
    ] = None,
    json_file: Json = None,
) -> None:
    """Show what a number means, how it was counted, and the rows behind it."""
    settings = load_settings()
    name, options = subject, _read_options(by, where, start, end)
    alert = None
    if subject not in load_catalog(settings).names and (alert := find_alert(settings, subject)):
        name, asked = ask_for_alert(alert)
        options = {**asked, "by": tuple(by or ())}
    with open_explained(settings, name, options) as explained:
        found = explained.explain(rows)
        if json_file != "-":
            if alert:
                _show_alert(alert)
            _show(found)
        if csv:
            _export(explained, csv, quiet=json_file == "-")
    write_json(json_file, {**found.as_dict(), "alert": alert})


def _read_options(
    by: list[str] | None, where: list[str] | None, start: str | None, end: str | None
) -> Options:
    conditions: dict[str, Any] = {}
    for text in where or []:
        name, sign, value = text.partition("=")
        if not sign:
            message = f"--where {text!r} is no condition; wanted one such as channel=referral."
            raise UsageError(message)
        conditions[name] = value
    return {"by": tuple(by or ()), "where": conditions, "start": start, "end": end}


def _show_alert(alert: dict[str, Any]) -> None:
    seen = f"{alert['k']} of {alert['n']} = {alert['value']}; limit {alert['threshold']}"
    say(f"[bold]alert {alert['alert_id']}[/] rule {escape(alert['rule_id'])}, {alert['state']}")
    say(escape(f"  {alert['period']} {alert['dimensions']}: {seen}"))
    for cause in alert["cause"]:
        say(escape(f"  cause: {cause.get('kind')} {cause.get('place')} share {cause.get('share')}"))
    say("")


def _show(found: Explanation) -> None:
    entry = found.definition.meta
    say(f"[bold]{found.definition.name}[/] {entry['label_zh']} · {found.definition.label}")
    for title, field in _SHOWN:
        texts = (entry.get(field), entry.get(f"{field}_zh"))
        said = " · ".join(str(text) for text in texts if text not in (None, "", []))
        say(escape(f"  {title:<11} {said or '-'}"))
    say(f"\n[bold]SQL[/]\n{escape(found.sql)}\n")
    names = list(found.values[0].dimensions) if found.values else []
    headers = [*names, "k", "n", "value", "low", "high", "state"]
    show_table("", headers, [_line(value, names) for value in found.values])
    if found.rows_sql is None:
        say("\nThe rows behind it cannot be shown: the metric does not say where they are.")
        return
    say(f"\n[bold]Rows behind it[/]\n{escape(found.rows_sql)}\n")
    if found.rows:
        show_table("", list(found.rows[0]), [list(row.values()) for row in found.rows])
    else:
        say("--rows 20 shows the first ones, --csv FILE writes all, one line a conversation.")


_SHOWN = (
    ("what", "description"),
    ("formula", "formula"),
    ("unit", "unit"),
    ("grain", "grain"),
    ("window", "window"),
    ("maturity", "maturity"),
    ("no number", "null_meaning"),
    ("caveats", "caveats"),
    ("up is good", "up_is_good"),
    ("owner", "owner"),
    ("serves", "capability"),
    ("standard", "standard"),
)


def _line(value: MetricValue, names: list[str]) -> list[object]:
    numbers = (value.k, value.n, value.value, value.low, value.high)
    shown = [round(number, 4) if isinstance(number, float) else number for number in numbers]
    return [*(value.dimensions[name] for name in names), *shown, value.state]


def _export(explained: Explained, path: Path, *, quiet: bool) -> None:
    count = explained.write_csv(path)
    if not quiet:
        say(f"{path}: {count:,} rows")
