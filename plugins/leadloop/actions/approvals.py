"""Who decides on a proposal: command line, board and Airflow resolve the same row, once.

The row decides by compare-and-set; a task of Airflow that waits for the same answer is closed
through its API where that is within reach. Nothing here waits for anybody.
"""

from __future__ import annotations

import urllib.parse
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.error import HTTPError

import sqlalchemy as sa

from leadloop import opstore
from leadloop.action_types import find_type
from leadloop.actions import ActionError
from leadloop.actions.act import acting_time, last_known_day
from leadloop.airflow_api import call_api, get_token
from leadloop.ledger import actions, approvals
from leadloop.services import read_service

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadloop.settings import Settings

DAG = "approval"
TASK = "ask_approver"
OPTIONS = {"approved": "Approve", "rejected": "Reject"}
API_SERVER = "airflow-api-server"
Verdict = Literal["approved", "rejected"]
Via = Literal["cli", "api", "board", "airflow"]
_PREFIX = "approval__"


class Outcome(NamedTuple):
    """What a decision came to: whether it was the first, and the row as it is now."""

    is_first: bool
    action: dict[str, Any]

    def describe(self) -> str:
        """Return in one sentence what holds, whoever decided."""
        row = self.action
        if self.is_first:
            return f"{row['action_id']} is {row['state']}."
        when = f" on {row['decided_at']:%Y-%m-%d %H:%M} UTC" if row["decided_at"] else ""
        who = f" by {row['decided_by']}{when}" if row["decided_by"] else ""
        return f"{row['action_id']} was decided before{who}: it is {row['state']}."


def decide(settings: Settings, action_id: str, verdict: Verdict, by: tuple[str, Via]) -> Outcome:
    """Approve or reject a proposal that is still open, as `by` (a person, and how they said it).

    The first decision holds; a later one changes nothing and learns who was first.
    """
    person, via = by
    row = find_action(settings, action_id)
    if verdict == "approved" and row["state"] == "proposed" and not row["gate"]:
        message = f"{row['action_id']} has not passed the gate yet; the day's act step does that."
        raise ActionError(message)
    _refuse_late(settings, row)
    _refuse_others(settings, row, person)
    moment = opstore.now()
    change = {"state": verdict, "decided_at": moment, "decided_by": person}
    with opstore.transaction(settings) as connection:
        is_first = opstore.compare_and_set(
            connection, actions, row["action_id"], {"state": "proposed"}, change
        )
        if is_first:
            entry = {
                "action_id": row["action_id"],
                "decision": verdict,
                "decided_by": person,
                "decided_via": via,
                "decided_at": moment,
            }
            opstore.append(connection, approvals, [entry])
    return Outcome(is_first, find_action(settings, row["action_id"]))


def _refuse_late(settings: Settings, row: Mapping[str, Any]) -> None:
    moment = acting_time(settings, last_known_day(settings))
    expires = row["expires_at"]
    if row["state"] == "proposed" and expires is not None and expires <= moment:
        message = f"{row['action_id']} expired at {expires:%Y-%m-%d %H:%M} UTC."
        raise ActionError(message)


def _refuse_others(settings: Settings, row: Mapping[str, Any], person: str) -> None:
    """Refuse who is not of the proposal's role, where the company says who is."""
    wanted = settings.company.roles.get(row["approver"] or "")
    if row["state"] == "proposed" and wanted is not None and person not in wanted:
        message = (
            f"{row['action_id']} is decided by {row['approver']} "
            f"({', '.join(wanted) or 'nobody'}), not by {person}; `roles` in company.yml says who "
            "that is."
        )
        raise ActionError(message)


def find_action(settings: Settings, action_id: str) -> dict[str, Any]:
    """Return the action of an id, or of the beginning of an id that fits no other."""
    if found := opstore.find(settings, actions, action_id):
        return found
    query = sa.select(actions).where(actions.c.action_id.startswith(action_id, autoescape=True))
    rows = opstore.read(settings, query.limit(2)) if action_id else []
    if len(rows) == 1:
        return rows[0]
    seen = "fits several actions" if rows else "is no action"
    message = f"{action_id!r} {seen}; `leadloop actions list` shows the ids."
    raise ActionError(message)


def describe_proposal(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the subject and the text (Markdown) by which somebody decides."""
    kind = find_type(row["type"])
    gate = row["gate"]
    lines = [
        f"**{kind.zh} · {kind.en}** ({row['target_type']} {row['target_id']})",
        "",
        f"门禁 · gate: {gate.get('sentence', '-')}",
    ]
    lines += [f"- {item['count']} x {item['reason']}" for item in gate.get("by_reason", ())]
    lines += ["", f"内容 · payload: `{row['payload']}`", f"告警 · alert: {row['alert_id'] or '-'}"]
    return f"{kind.zh} · {kind.en}: {row['target_id']}", "\n".join(lines)


def ask_in_airflow(settings: Settings) -> int:
    """Start a run that waits for an answer for each open proposal; return how many are new.

    Does nothing where no Airflow of this home answers: the command line decides as well.
    """
    open_rows = sa.select(actions).where(actions.c.state == "proposed", actions.c.mode == "approve")
    waiting = [row for row in opstore.read(settings, open_rows) if row["gate"]]
    if not waiting or not is_reachable(settings):
        return 0
    try:
        token = get_token(settings)
        return sum(_start_run(settings, row["action_id"], token) for row in waiting)
    except (OSError, HTTPException, ValueError):
        return 0


def close_in_airflow(settings: Settings) -> int:
    """Answer the waiting tasks of proposals that were decided elsewhere; return how many."""
    if not is_reachable(settings):
        return 0
    try:
        token = get_token(settings)
        path = f"/api/v2/dags/{DAG}/dagRuns/~/hitlDetails?response_received=false&limit=100"
        waiting = call_api(settings, "GET", path, token=token)["hitl_details"]
    except (OSError, HTTPException, ValueError):
        return 0
    closed = 0
    for item in waiting:
        run_id = item["task_instance"]["dag_run_id"]
        row = opstore.find(settings, actions, run_id.removeprefix(_PREFIX))
        if row is not None and row["state"] != "proposed":
            closed += _answer(settings, row, token)
    return closed


def is_reachable(settings: Settings) -> bool:
    """Return whether there is an Airflow to ask: a team's, or the one that `leadloop up` runs."""
    if settings.airflow_url:
        return True
    service = read_service(settings.home, API_SERVER)
    return service is not None and service.is_running()


def _start_run(settings: Settings, action_id: str, token: str) -> int:
    run = {
        "dag_run_id": _PREFIX + action_id,
        "logical_date": None,
        "conf": {"action_id": action_id},
    }
    try:
        call_api(settings, "POST", f"/api/v2/dags/{DAG}/dagRuns", run, token)
    except HTTPError as error:
        # The run is there already, or the DAG has not been read yet: the next day asks again.
        if error.code in (404, 409):
            return 0
        raise
    return 1


def _answer(settings: Settings, row: Mapping[str, Any], token: str) -> int:
    run_id = urllib.parse.quote(_PREFIX + row["action_id"], safe="")
    is_refused = row["state"] in ("rejected", "expired", "denied", "failed")
    option = OPTIONS["rejected" if is_refused else "approved"]
    path = f"/api/v2/dags/{DAG}/dagRuns/{run_id}/taskInstances/{TASK}/-1/hitlDetails"
    try:
        call_api(settings, "PATCH", path, {"chosen_options": [option], "params_input": {}}, token)
    except (OSError, HTTPException, ValueError):
        return 0
    return 1
