"""`make demo`: a made company, its history, real cycles, findings in words, and where to go on.

The dates are fixed, so the demo gives the same numbers on any day and any machine: ninety days
that end on Friday 29 May 2026. Three troubles are planted (`examples/worlds/demo.yml`); the
findings are computed like those of any company and either see them or do not.
"""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

from leadloop.console import fail, say
from leadloop.demo_story import describe_story
from leadloop.errors import UsageError

if TYPE_CHECKING:
    from leadloop.periods import Cycle
    from leadloop.settings import Home, Settings
    from leadloop.simulate.make import Summary

FIRST_DAY = "2026-03-01"
DAYS = 90
HISTORY_UNTIL = "2026-05-27"
LIVE_DAYS = ("2026-05-28", "2026-05-29")
WEEK = "2026-05-18"
MONTH = "2026-04"
SEED = 7
FAULTS = Path("examples", "worlds", "demo.yml")
# What runs, in order: cycle, period, and the first day of a backfill.
STAGES: tuple[tuple[str, tuple[tuple[Cycle, str, str | None], ...]], ...] = (
    (
        "[bold]2/5[/] 批量装入三个月历史 · three months of history in bulk",
        (("daily", HISTORY_UNTIL, FIRST_DAY),),
    ),
    (
        "[bold]3/5[/] 最近两天，真实的日循环 · the last two days as daily cycles",
        tuple(("daily", day, None) for day in LIVE_DAYS),
    ),
    (
        "[bold]4/5[/] 一周、一月，真实的循环 · a week and a month as their cycles",
        (("weekly", WEEK, None), ("monthly", MONTH, None)),
    ),
)
MARKER = "demo.json"
HISTORY_FOLDERS = ("inbox", "landing", "marts", "warehouse")


def run_demo(settings: Settings) -> int:
    """Run the whole demo in the home; return the exit code (0, or that of the run that failed).

    A second run changes nothing. A home that holds other data is refused.
    """
    from leadloop.cycles import run_cycle

    claim_home(settings.home)
    started = time.monotonic()
    say("[bold]1/5[/] 生成一家演示公司 · a made company")
    say(describe_company(write_inbox(settings)))
    for title, runs in STAGES:
        say(title)
        for cycle, period, since in runs:
            if code := run_cycle(settings, cycle, period, since=since):
                fail("The demo stops here; the lines above say why. Run it again to go on.")
                return code
    say("[bold]5/5[/] 看到了什么 · findings")
    for line in [*describe_findings(settings), *describe_story(settings)]:
        say(line)
    say(describe_end(settings, time.monotonic() - started))
    return 0


def claim_home(home: Home) -> None:
    """Mark an empty home as the demo's; raise UsageError if it holds something else."""
    marker = home.root / MARKER
    if marker.exists():
        return
    held = [name for name in HISTORY_FOLDERS if _holds_files(home, name)]
    if held:
        message = (
            f"{home.root} holds data that are not the demo's ({', '.join(held)}); the demo never "
            "mixes with them. Set LEADLOOP_HOME to another folder, such as ./var-demo."
        )
        raise UsageError(message)
    home.root.mkdir(parents=True, exist_ok=True)
    content = {"first_day": FIRST_DAY, "days": DAYS, "seed": SEED, "faults": FAULTS.name}
    marker.write_text(json.dumps(content) + "\n", encoding="utf-8")


def write_inbox(settings: Settings) -> Summary:
    """Write the made company's exports where its systems would drop them, what is true beside."""
    from leadloop.simulate.faults import read_faults
    from leadloop.simulate.make import write_company

    faults = read_faults(settings.project / FAULTS)
    return write_company(
        settings.home.root, first_day=FIRST_DAY, days=DAYS, seed=SEED, faults=faults
    )


def describe_company(summary: Summary) -> str:
    """Return one line on what was written, dirt included."""
    return (
        f"  {summary.dials:,} dials, {summary.answered:,} answered, {summary.leads:,} leads, "
        f"{summary.won:,} deals, {summary.transcripts:,} transcripts, "
        f"{summary.customers:,} customers, {summary.orders:,} orders, {summary.tickets:,} tickets, "
        f"{summary.first_day} to {summary.last_day}; dirt: "
        f"{summary.resent} re-sent, {summary.late} late, {summary.corrected} corrected, "
        f"{summary.unknown} unknown codes, {summary.broken} broken lines"
    )


def describe_findings(settings: Settings) -> list[str]:
    """Return the findings on the demo's days, the company's language first."""
    from rich.markup import escape

    from leadloop.findings import Window, find_all
    from leadloop.labels import load_names
    from leadloop.metrics import open_metrics

    window = Window(first=FIRST_DAY, last=LIVE_DAYS[-1], names=load_names(settings))
    with open_metrics(settings) as metrics:
        findings = find_all(metrics, window)
    lines = []
    for number, finding in enumerate(findings, 1):
        first, second = finding.zh, finding.en
        if settings.company.language == "en":
            first, second = second, first
        lines += [f"  {number}. {escape(first)}", f"     [dim]{escape(second)}[/]"]
    return lines


def describe_end(settings: Settings, seconds: float) -> str:
    """Return where everything is and what to type next."""
    home = settings.home
    return (
        f"\n[bold]完成 · done[/] in {seconds:.0f} s\n"
        f"  报告 · report  {home.out / 'report.html'}\n"
        f"  数据 · marts   {home.marts / 'current.duckdb'}\n"
        "  看板 · board   leadloop board\n"
        "  接下来，用你自己的数据 · now your data:\n"
        "  leadloop import calls.csv --map config/maps/generic_cn_cdr.yml --dry-run"
    )


def _holds_files(home: Home, name: str) -> bool:
    folder = home.root / name
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))
