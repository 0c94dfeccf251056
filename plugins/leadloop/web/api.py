"""The board's API: one address for each panel, in JSON and as CSV, and the decisions.

Every route needs the guard of `app.create_app`; decisions need a decider on the same site.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, BackgroundTasks, Depends, HTTPException, Query, Request

from leadloop import acting
from leadloop.actions.approvals import close_in_airflow
from leadloop.actions.outbox import list_dead
from leadloop.keys import DEMO_TENANT
from leadloop.labels import load_names
from leadloop.pointer import read_pointer
from leadloop.publish.report_health import read_gates, read_loads, read_status
from leadloop.settings import Settings
from leadloop.web import loop, schemas
from leadloop.web.numbers import Numbers
from leadloop.web.viewers import Viewer, read_viewer, require_decider
from leadloop.web.words import load_board_words

YEARS = range(1970, 2200)
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": schemas.Problem, "description": "Not logged in."},
    422: {"model": schemas.Problem, "description": "The day is no day such as 2026-01-31."},
    503: {"model": schemas.Problem, "description": "A store or a setting cannot be read."},
}
LATE: dict[int | str, dict[str, Any]] = {
    403: {"model": schemas.Problem, "description": "May not decide, or asked from another site."},
    404: {"model": schemas.Problem, "description": "There is no such action."},
    409: {"model": schemas.Problem, "description": "Decided already, expired, or not gated yet."},
}
log = logging.getLogger(__name__)
router = APIRouter(prefix="/api", responses=REFUSALS)


@dataclass(frozen=True, slots=True)
class Board:
    """What the routes work on: settings and the numbers kept of published versions."""

    settings: Settings
    numbers: Numbers


def read_board(request: Request) -> Board:
    """Return the board that the application was made for."""
    board: Board = request.app.state.board
    return board


Here = Annotated[Board, Depends(read_board)]


def choose_day(
    board: Here,
    day: Annotated[str | None, Query(description="Day shown, such as 2026-01-31.")] = None,
) -> str:
    """Return the day asked for, else the last day of the published data, else today."""
    if day is None:
        pointer = read_pointer(board.settings.home)
        attempt = (pointer.get("last_attempt") or {}).get("day")
        today = str(datetime.now(board.settings.company.zone).date())
        found = pointer.get("data_until") or attempt or today
        return str(found) if len(str(found)) == len(today) else today
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        wanted = date.min
    if wanted.year not in YEARS:
        raise HTTPException(422, f"{day!r} is no day of ours; wanted one such as 2026-01-31.")
    return wanted.isoformat()


Day = Annotated[str, Depends(choose_day)]


@router.get("/shell")
def get_shell(
    board: Here, day: Day, viewer: Annotated[Viewer, Depends(read_viewer)]
) -> schemas.Shell:
    """Words, names of codes, company and who looks."""
    return schemas.Shell.model_validate(
        {
            "company": board.settings.company.model_dump(),
            "viewer": viewer.name,
            "may_decide": viewer.may_decide,
            "day": day,
            "words": load_board_words(),
            "names": load_names(board.settings),
        }
    )


@router.get("/status")
def get_status(board: Here, day: Day) -> schemas.Status:
    """Whether the day is published or stopped, and how far the data reach."""
    seen = read_status(board.settings, day)
    weekday = date.fromisoformat(day).isoweekday()
    today = datetime.now(board.settings.company.zone).date()
    # The demo's days are made, and stay where they are.
    is_made = board.settings.company.tenant_id == DEMO_TENANT
    behind = None if is_made else count_days_behind(seen["data_until"], today)
    given_up = len(list_dead(board.settings))
    return schemas.Status(day=day, weekday=weekday, days_behind=behind, given_up=given_up, **seen)


@router.get("/tiles")
def get_tiles(board: Here, day: Day) -> schemas.Tiles:
    """Five metrics of the day with interval, change and target."""
    numbers = board.numbers.read(day)
    if numbers is None:
        return schemas.Tiles(day=day, is_available=False)
    kept = {name: numbers[name] for name in ("tiles", "definitions", "unknown_targets")}
    return schemas.Tiles(day=day, is_available=True, **kept)


@router.get("/hours")
def get_hours(board: Here, day: Day) -> schemas.Hours:
    """The rate by hour and the band of the same weekdays before."""
    numbers = board.numbers.read(day)
    return schemas.Hours(
        day=day, is_available=numbers is not None, **(numbers["hours"] if numbers else {})
    )


@router.get("/channels")
def get_channels(board: Here, day: Day) -> schemas.Channels:
    """The channels with counts, rates and intervals."""
    numbers = board.numbers.read(day)
    return schemas.Channels(
        day=day, is_available=numbers is not None, **(numbers["channels"] if numbers else {})
    )


@router.get("/alerts")
def get_alerts(board: Here) -> schemas.Alerts:
    """The open alerts with cause and money, as they are now."""
    found = loop.read_titled_alerts(board.settings)
    currency = board.settings.company.currency
    return schemas.Alerts.model_validate({"currency": currency, "alerts": found})


@router.get("/actions")
def get_actions(board: Here, viewer: Annotated[Viewer, Depends(read_viewer)]) -> schemas.Actions:
    """The actions that wait for a decision, and those decided lately."""
    return schemas.Actions.model_validate(
        {
            "currency": board.settings.company.currency,
            "may_decide": viewer.may_decide,
            "actions": loop.read_dated_actions(board.settings),
        }
    )


@router.post("/actions/{action_id}/{decision}", responses=LATE)
def decide(
    board: Here,
    action_id: str,
    decision: Literal["approve", "reject"],
    viewer: Annotated[Viewer, Depends(require_decider)],
    later: BackgroundTasks,
) -> schemas.Decided:
    """Approve or reject a proposed action; of many who decide, the first one counts."""
    try:
        state = loop.decide_action(board.settings, action_id, decision, viewer.name)
    except loop.UnknownActionError as error:
        raise HTTPException(404, str(error)) from error
    except loop.RefusedError as error:
        raise HTTPException(409, str(error)) from error
    later.add_task(follow_up, board.settings, action_id, state)
    return schemas.Decided.model_validate(
        {"action_id": action_id, "state": state, "decided_by": viewer.name}
    )


def follow_up(settings: Settings, action_id: str, state: str) -> None:
    """Carry out what was approved, and answer the run of Airflow that waits for the same.

    What fails here is taken up by the delivery cycle: the decision itself stands.
    """
    try:
        if state == "approved":
            acting.carry_out(settings, action_id)
        close_in_airflow(settings)
    except Exception:
        log.exception("%s is %s but was not carried out yet.", action_id, state)


@router.get("/gates")
def get_gates(board: Here, day: Day) -> schemas.Gates:
    """What the quality gates judged, broken expectations first."""
    return schemas.Gates.model_validate({"day": day, "gates": read_gates(board.settings, day)})


@router.get("/loads")
def get_loads(board: Here, day: Day) -> schemas.Loads:
    """The files loaded for the day: every row is landed, duplicate or quarantined."""
    return schemas.Loads(day=day, **read_loads(board.settings, day))


def count_days_behind(data_until: str | None, today: date) -> int | None:
    """Return how many closed days the published data lack; today itself is not closed yet.

    >>> count_days_behind("2026-03-31", date(2026, 4, 3))
    2
    """
    if data_until is None:
        return None
    return max(0, (today - date.fromisoformat(data_until) - timedelta(days=1)).days)
