"""# Delivery

Every five minutes: send what is due in the outbox (what quiet hours held, what failed before),
open the alerts that were held, carry out what was approved, ask for what waits for a person.
Where nothing is due nothing is done.

**If it fails:** nothing is lost and nothing is sent twice; the next run takes up what was left.
`leadloop doctor` shows what could not be delivered at all.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import CronTriggerTimetable, dag, task

from leadloop.cycles import DAG_DEFAULTS, run_step
from leadloop.settings import load_settings

COMPANY = load_settings().company


@dag(
    schedule=CronTriggerTimetable("*/5 * * * *", timezone=COMPANY.timezone),
    doc_md=__doc__,
    tags=["cycle:delivery", "impact:1"],
    **DAG_DEFAULTS,
)
def delivery() -> None:
    @task
    def deliver(**context: Any) -> dict[str, Any]:
        from leadloop import acting

        return run_step(context, lambda settings, _day: acting.deliver_due(settings))

    deliver()


delivery()
