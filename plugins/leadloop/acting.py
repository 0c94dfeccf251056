"""The act step of a day: gate what is proposed, send what is approved, measure what is due.

The one place that knows `rules`, `actions` and `effects`. A day's `act` does it all; `deliver_due`
does every few minutes what cannot wait for the next day.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from leadloop.settings import Settings


def act_day(settings: Settings, day: str) -> dict[str, Any]:
    """Take every action as far as it may go on a day; return small counts of what happened.

    A second run changes nothing, and where there is nothing to do nothing is done. It never
    waits for a person: a proposal that needs one is asked for in a run of its own.
    """
    from leadloop.actions.act import handle_actions
    from leadloop.actions.approvals import ask_in_airflow, close_in_airflow
    from leadloop.effects.measure import measure_due

    result: dict[str, Any] = dict(handle_actions(settings, day))
    if asked := ask_in_airflow(settings):
        result["asked"] = asked
    if closed := close_in_airflow(settings):
        result["closed"] = closed
    if effects := measure_due(settings, day):
        result["effects"] = effects
    return result


def deliver_due(settings: Settings) -> dict[str, Any]:
    """Send what has become due since the last day's `act`; return small counts, {} if nothing.

    Alerts that quiet hours held are opened, decided proposals are carried out, open ones asked for.
    """
    from leadloop.actions.act import last_known_day
    from leadloop.rules.decide import release_held

    released = release_held(settings)
    result = act_day(settings, last_known_day(settings))
    return {"released": released, **result} if released else result


def carry_out(settings: Settings, action_id: str) -> dict[str, Any]:
    """Send one approved action now, and say what its effect can be; return its state."""
    from leadloop.actions import act
    from leadloop.effects.measure import measure_due

    result = act.carry_out(settings, action_id)
    measure_due(settings, act.last_known_day(settings))
    return result
