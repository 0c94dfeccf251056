"""# Daily cycle

Yesterday's calls from the inbox to published numbers and to what follows from them:
collect, gate, clean, gate, read the words, score, gate, build marts, gate, publish,
decide, act, publish what was decided, report. The param `since` makes a run a backfill.

**If it fails:** the log says what failed, what it means and what to do. Mend it and clear
the failed task, or run the day again: every step replaces its own rows, so a second run
changes nothing. Earlier marts stay readable all the while.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from airflow.sdk import Param, chain, dag, task

from leadloop.cycles import DAG_DEFAULTS, WRITER, make_step, run_step
from leadloop.settings import load_settings
from leadloop_airflow import DAILY_MARTS, schedule_days

COMPANY = load_settings().company


@dag(
    schedule=schedule_days(COMPANY),
    params={"since": Param(None, type=["null", "string"], format="date")},
    doc_md=__doc__,
    tags=["cycle:daily", "impact:1"],
    **DAG_DEFAULTS,
)
def daily_cycle() -> None:
    write = partial(make_step, **WRITER)

    def gate(name: str) -> Any:
        return write(f"gate_{name}", "leadloop.quality.gate:run_gate", name, since=True)

    def build(layer: str) -> Any:
        return write(f"build_{layer}", "leadloop.transform:build_layer", layer)

    @task(inlets=[DAILY_MARTS], outlets=[DAILY_MARTS])
    def close_day(**context: Any) -> dict[str, Any]:
        from leadloop import closing

        return run_step(context, lambda _settings, day: closing.close_day(context, day))

    chain(
        make_step("collect", "leadloop.ingest.collect:collect_day", since=True),
        gate("landing"),
        build("core"),
        gate("core"),
        write("language", "leadloop.language.scoring:annotate_day"),
        write("score", "leadloop.scoring.churn:score_day"),
        gate("scores"),
        build("marts"),
        gate("marts"),
        published := write("publish", "leadloop.publish.marts:publish_day"),
        make_step("decide", "leadloop.rules.decide:decide_day"),
        make_step("act", "leadloop.acting:act_day"),
        write("publish_operations", "leadloop.publish.operations:publish_day"),
        make_step("report", "leadloop.publish.report:report_day"),
    )
    # A week waits for the day's marts alone, not for what is decided on them.
    published >> close_day()


daily_cycle()
