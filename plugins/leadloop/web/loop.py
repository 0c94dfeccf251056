"""The titles of alerts, and the one decision that the board takes: approve or reject an action.

Neighbour: `leadloop.ledger_view`, which reads what the board shows.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from leadloop import ledger, opstore
from leadloop.actions import ActionError
from leadloop.actions.act import acting_time, last_known_day
from leadloop.actions.approvals import Verdict, decide
from leadloop.errors import LeadloopError
from leadloop.ledger_view import read_actions, read_alerts
from leadloop.rules.loader import list_files, read_rules

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Settings

Decision = Literal["approve", "reject"]
STATES: dict[Decision, Verdict] = {"approve": "approved", "reject": "rejected"}


class RefusedError(LeadloopError):
    """The action takes no decision: somebody was first, it expired, or no gate has seen it."""


class UnknownActionError(LeadloopError):
    """There is no action of that id."""


def read_titled_alerts(settings: Settings) -> list[dict[str, Any]]:
    """Return the open alerts, each with the title of its rule."""
    alerts = read_alerts(settings)
    titles = read_titles(settings) if alerts else {}
    return [{**alert, "title": titles.get(alert["rule_id"])} for alert in alerts]


def read_titles(settings: Settings) -> dict[str, dict[str, str]]:
    """Return the titles of the rules by id; a broken rule file only loses its own."""
    return _read_titles(tuple((path, path.stat().st_mtime_ns) for path in list_files(settings)))


def read_dated_actions(settings: Settings) -> list[dict[str, Any]]:
    """Return the actions, those expired by now (the demo's now is in its data) closed."""
    return read_actions(settings, acting_time(settings, last_known_day(settings)))


def decide_action(settings: Settings, action_id: str, decision: Decision, by: str) -> str:
    """Approve or reject an action and return its state; of many who try, one wins.

    Whoever comes late learns who was first.
    """
    row = opstore.find(settings, ledger.actions, action_id)
    if row is None:
        message = f"There is no action {action_id!r}."
        raise UnknownActionError(message)
    try:
        outcome = decide(settings, action_id, STATES[decision], (by, "board"))
    except ActionError as error:
        raise RefusedError(str(error)) from error
    if not outcome.is_first:
        raise RefusedError(outcome.describe())
    return STATES[decision]


@lru_cache(maxsize=4)
def _read_titles(versions: tuple[tuple[Path, int], ...]) -> dict[str, dict[str, str]]:
    files, _mistakes = read_rules([path for path, _modified in versions])
    return {file.rule.id: file.rule.title.model_dump() for file in files}
