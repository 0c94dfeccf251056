"""# Monthly cycle

The month's summary and its decision record: build the month's mart, publish, decide. It runs
once, when all days of the month are closed; a day that never came is closed by
`close_periods` at the deadline. The partition key is 2026-01.

**If it fails:** the log says what failed, what it means and what to do. Mend it and clear
the failed task, or run the month again: every step replaces its own rows.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import dag, task

from leadloop.cycles import DAG_DEFAULTS, WRITER, run_step
from leadloop.settings import load_settings
from leadloop_airflow import schedule_months

COMPANY = load_settings().company


@dag(
    schedule=schedule_months(COMPANY),
    doc_md=__doc__,
    tags=["cycle:monthly", "impact:2"],
    **DAG_DEFAULTS,
)
def monthly_cycle() -> None:
    @task(**WRITER)
    def build_monthly(**context: Any) -> dict[str, Any]:
        from leadloop.transform import build_layer

        return run_step(context, lambda settings, key: build_layer(settings, "monthly", key))

    @task(**WRITER)
    def publish(**context: Any) -> dict[str, Any]:
        from leadloop.publish.marts import publish_day

        return run_step(context, lambda settings, key: publish_day(settings, key, cycle="monthly"))

    @task
    def decide(**context: Any) -> dict[str, Any]:
        from leadloop.decisions import decide_period

        return run_step(context, lambda settings, key: decide_period(settings, "monthly", key))

    build_monthly() >> publish() >> decide()


monthly_cycle()
