"""States follow one another: who was where when, whatever came late or twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

MODELS = ("dim_agents_history", "dim_dnc_entries_history", "dim_do_not_call", "dim_leads")


def at(day: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


START = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def teams(landing):
    """Return the states of agents as (agent, team, from, to, current)."""

    def read():
        rows = landing.read(
            "select agent_id, team_id, valid_from, valid_to, is_current "
            "from marts_build.dim_agents_history order by all"
        )
        return [tuple(row.values()) for row in rows]

    return read


def agent(landing, exported, team, **changes):
    row = {"agent_id": "A1", "team_id": team}
    return landing.state("A1", exported, **row, **changes)


def test_an_agent_who_changes_teams_was_in_each_for_its_time(landing, teams):
    landing.land("2026-03-02", "b1", [agent(landing, at(2), "north")])
    landing.land("2026-03-05", "b2", [agent(landing, at(5), "south")])
    landing.build("2026-03-05")
    before = [
        ("A1", "north", START, at(5), False),
        ("A1", "south", at(5), None, True),
    ]
    assert teams() == before
    landing.build("2026-03-05")
    assert teams() == before


def test_an_agent_who_comes_back_has_three_states(landing, teams):
    for day, team in ((2, "north"), (5, "south"), (9, "north")):
        row = agent(landing, at(day), team)
        landing.land(f"2026-03-{day:02}", f"b{day}", [row])
        landing.build(f"2026-03-{day:02}")
    assert [(team, since) for _, team, since, _, _ in teams()] == [
        ("north", START),
        ("north", at(9)),
        ("south", at(5)),
    ]


def test_a_state_that_changes_nothing_is_left_out(landing, teams):
    landing.land("2026-03-02", "b1", [agent(landing, at(2), "north")])
    landing.land("2026-03-03", "b2", [agent(landing, at(3), "north")])
    landing.build("2026-03-03")
    assert teams() == [("A1", "north", START, None, True)]


def test_a_late_export_parts_two_states_that_looked_like_one(landing, teams):
    for day in (2, 9):
        landing.land(f"2026-03-{day:02}", f"b{day}", [agent(landing, at(day), "north")])
    landing.build("2026-03-09")
    assert teams() == [("A1", "north", START, None, True)]
    landing.land("2026-03-10", "b3", [agent(landing, at(5), "south")])
    landing.build("2026-03-10")
    assert [(team, since) for _, team, since, _, _ in teams()] == [
        ("north", START),
        ("north", at(9)),
        ("south", at(5)),
    ]


def test_an_export_that_comes_late_takes_its_place_in_time(landing, teams):
    landing.land("2026-03-02", "b1", [agent(landing, at(2), "north")])
    landing.land("2026-03-09", "b2", [agent(landing, at(9), "west")])
    landing.build("2026-03-09")
    landing.land("2026-03-10", "b3", [agent(landing, at(5), "south")])
    landing.build("2026-03-10")
    assert teams() == [
        ("A1", "north", START, at(5), False),
        ("A1", "south", at(5), at(9), False),
        ("A1", "west", at(9), None, True),
    ]
    kept = landing.content()
    assert landing.rebuild("2026-03-10") == kept


def test_what_the_source_withdraws_is_no_longer_current(landing, teams):
    landing.land("2026-03-02", "b1", [agent(landing, at(2), "north")])
    gone = agent(landing, at(4), "north", is_deleted=True)
    landing.land("2026-03-04", "b2", [gone | {"row_hash": "gone"}])
    landing.build("2026-03-04")
    assert teams() == [
        ("A1", "north", START, at(4), False),
        ("A1", "north", at(4), None, False),
    ]


def test_an_entry_of_a_list_holds_from_its_own_start_to_its_own_end(landing):
    entry = {
        "list_id": "own",
        "phone_hash": "h1",
        "valid_from": at(3),
        "valid_to": at(20),
        "reason": "customer_request",
    }
    landing.land("2026-03-10", "b1", [landing.state("own/h1", at(10), **entry)])
    landing.build("2026-03-10")
    rows = landing.read(
        "select valid_from, valid_to, is_current, is_first_known "
        "from marts_build.dim_dnc_entries_history"
    )
    assert [tuple(row.values()) for row in rows] == [(at(3), at(20), False, True)]


def test_a_day_without_news_of_agents_does_not_build_their_models(landing, teams):
    landing.land("2026-03-02", "b1", [agent(landing, at(2), "north")])
    assert landing.build("2026-03-02")["has_history"]
    landing.land("2026-03-03", "b2", [landing.call("c1", at(3, 2))])
    outcome = landing.build("2026-03-03")
    assert not outcome["has_history"]
    assert "int_agents__states" not in outcome["per_model"]
    assert teams() == [("A1", "north", START, None, True)]
