"""# Maintenance

Every night: delete what company.yml's `retention` no longer keeps, clean Airflow's run
history, back up what cannot be computed again (operations store, configuration, the list
of what landed).

**If it fails:** no number is touched. The log names the step; the next night tries again.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from leadloop.cycles import DAG_DEFAULTS, run_step
from leadloop.settings import load_settings

COMPANY = load_settings().company


@dag(
    schedule=CronTriggerTimetable("30 4 * * *", timezone=COMPANY.timezone),
    doc_md=__doc__,
    tags=["cycle:maintenance", "impact:3"],
    **DAG_DEFAULTS,
)
def maintenance() -> None:
    @task
    def back_up(**context: Any) -> dict[str, Any]:
        from leadloop.maintenance import back_up as work

        return run_step(context, lambda settings, _day: work(settings))

    @task
    def apply_retention(**context: Any) -> dict[str, Any]:
        from leadloop.maintenance import apply_retention as work

        return run_step(context, lambda settings, _day: work(settings))

    @task
    def clean_metadata(**context: Any) -> dict[str, Any]:
        from leadloop.maintenance import clean_metadata as work

        return run_step(context, lambda settings, _day: work(settings))

    back_up() >> apply_retention() >> clean_metadata()


maintenance()
