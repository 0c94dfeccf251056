"""# Close periods

Every hour: weeks and months whose deadline has passed are closed with the days that are
there, if they have their minimum (`week_minimum_days`, `period_deadline_hours` in
company.yml). The days that never came are named in the period's decision record. The param
`as_of` judges by another moment, to close a period early.

**If it fails:** only periods that miss a day wait. Clear the task; the next hour tries again.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, Param, dag, task

from leadloop.cycles import DAG_DEFAULTS, run_step
from leadloop.settings import load_settings
from leadloop_airflow import DAILY_MARTS

COMPANY = load_settings().company
AS_OF = Param(
    None, type=["null", "string"], format="date-time", description="Judge by this moment."
)


@dag(
    schedule=CronTriggerTimetable("0 * * * *", timezone=COMPANY.timezone),
    params={"as_of": AS_OF},
    doc_md=__doc__,
    tags=["cycle:hourly", "impact:3"],
    **DAG_DEFAULTS,
)
def close_periods() -> None:
    # Both ends: it reads which days were told, and tells those that never came.
    @task(task_id="close_periods", inlets=[DAILY_MARTS], outlets=[DAILY_MARTS])
    def close(**context: Any) -> dict[str, Any]:
        from leadloop import closing

        return run_step(context, lambda settings, _day: closing.close_periods(context, settings))

    close()


close_periods()
