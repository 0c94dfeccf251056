"""# Approval

One run for each proposal that waits for a person (param `action_id`): it asks on Airflow's page
*Required Actions* and waits without a worker; what is approved is carried out at once. The board
and `leadloop actions approve|reject` decide on the same proposal: the first decision holds, and
this run is then closed by itself. `act` of the daily cycle starts the runs; no cycle waits for one.

**If it fails:** the proposal stays as it is. Decide with `leadloop actions approve|reject ID`, or
clear the failed task; nothing is sent twice.
"""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, dag, task

from leadloop.cycles import DAG_DEFAULTS, run_step
from leadloop_airflow import AskApprover


@dag(
    schedule=None,
    params={"action_id": Param("", type="string", title="动作 · action")},
    doc_md=__doc__,
    tags=["cycle:approval", "impact:1"],
    # Proposals do not wait for each other.
    **{**DAG_DEFAULTS, "max_active_runs": 500},
)
def approval() -> None:
    @task
    def carry_out(params: dict[str, Any] | None = None, **context: Any) -> dict[str, Any]:
        from leadloop import acting

        action_id = (params or {})["action_id"]
        return run_step(
            context,
            lambda settings, _day: acting.carry_out(settings, action_id),
            f"carry_out {action_id}",
        )

    ask = AskApprover(task_id="ask_approver", subject="{{ params.action_id }}")
    ask >> carry_out()


approval()
