"""Agents' days from landing to marts: night shifts, late states, plans, business hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

MODELS = ("fct_agent_days",)
MONDAY = datetime(2026, 1, 5, tzinfo=UTC)  # 08:00 in Shanghai


def state(landing, agent: str, begin: float, end: float | None, name: str) -> dict[str, Any]:
    """Return a state between two hours after eight in the morning of Monday, Shanghai time."""
    at = MONDAY + timedelta(hours=begin)
    until = None if end is None else MONDAY + timedelta(hours=end)
    columns = {"agent_id": agent, "started_at": at, "ended_at": until, "state": name}
    return landing.event(f"{agent}/{begin}", at, **columns)


def shift(landing, agent: str, begin: float, end: float) -> dict[str, Any]:
    at = MONDAY + timedelta(hours=begin)
    columns = {"agent_id": agent, "shift_start": at, "shift_end": MONDAY + timedelta(hours=end)}
    return landing.event(f"{agent}/{begin}", at, **columns)


def read_hours(landing) -> dict[tuple[str, str], float]:
    rows = landing.read(
        "select work_date::varchar as day, agent_id, logged_in_seconds / 3600 as hours "
        "from marts_build.fct_agent_days where logged_in_seconds is not null"
    )
    return {(row["agent_id"], row["day"]): row["hours"] for row in rows}


def test_a_night_shift_counts_on_both_days_and_late_states_mend_only_theirs(landing):
    calls = [landing.call("a", MONDAY.replace(hour=2), agent_id="A1")]
    landing.land("2026-01-05", "calls", calls)
    # From 22:00 to 02:00 in Shanghai, and a day's work.
    first = [state(landing, "night", 14, 18, "ready"), state(landing, "day", 1, 9, "talking")]
    landing.land("2026-01-05", "states", first, "agent_state")
    landing.land("2026-01-05", "roster", [shift(landing, "away", 1, 10)], "roster")
    landing.build("2026-01-05")
    assert read_hours(landing) == {
        ("night", "2026-01-05"): 2,
        ("night", "2026-01-06"): 2,
        ("day", "2026-01-05"): 8,
    }
    # Two days on comes a call that was made on Monday evening until midnight and an hour on.
    late = [state(landing, "night", 15, 17, "talking"), state(landing, "day", 9, 10, "acw")]
    landing.land("2026-01-08", "late", late, "agent_state")
    landing.build("2026-01-08")
    assert read_hours(landing)["day", "2026-01-05"] == 9
    talked = landing.read(
        "select work_date::varchar as day, talking_seconds / 3600 as talked, ready_seconds / 3600 "
        "as ready from marts_build.fct_agent_days where agent_id = 'night' order by day"
    )
    assert talked == [
        {"day": "2026-01-05", "talked": 1, "ready": 1},
        {"day": "2026-01-06", "talked": 1, "ready": 1},
    ]
    before = landing.content()
    assert landing.rebuild("2026-01-08") == before


def test_agents_are_held_against_their_shifts_and_the_opening_hours(landing):
    landing.land("2026-01-05", "calls", [landing.call("a", MONDAY, agent_id="A1")])
    # Ready from 08:00 to 12:00, a break of an hour, busy from 13:00 to 20:00.
    states = [
        state(landing, "A1", 0, 4, "ready"),
        state(landing, "A1", 4, 5, "break"),
        state(landing, "A1", 5, 12, "talking"),
    ]
    landing.land("2026-01-05", "states", states, "agent_state")
    # Planned from 09:00 to 18:00; A2 did not come.
    shifts = [shift(landing, "A1", 1, 10), shift(landing, "A2", 1, 10)]
    landing.land("2026-01-05", "roster", shifts, "roster")
    landing.build("2026-01-05")
    days = landing.read(
        "select agent_id, is_staffed, logged_in_seconds / 3600 as logged_in, "
        "open_logged_in_seconds / 3600 as open, adherent_seconds / 3600 as kept, "
        "scheduled_seconds / 3600 as planned from marts_build.fct_agent_days order by agent_id"
    )
    assert days == [
        # The company is open from nine to six.
        {"agent_id": "A1", "is_staffed": True, "logged_in": 12, "open": 9, "kept": 8, "planned": 9},
        {
            "agent_id": "A2",
            "is_staffed": False,
            "logged_in": None,
            "open": None,
            "kept": 0,
            "planned": 9,
        },
    ]


def test_without_states_whoever_took_part_in_a_call_worked_that_day(landing):
    landing.land("2026-01-05", "calls", [landing.call("a", MONDAY, agent_id="A1")])
    landing.build("2026-01-05")
    [day] = landing.read(
        "select is_staffed, staffed_by, logged_in_seconds, occupancy_rate "
        "from marts_build.fct_agent_days"
    )
    assert day == {
        "is_staffed": True,
        "staffed_by": "calls",
        "logged_in_seconds": None,
        "occupancy_rate": None,
    }
