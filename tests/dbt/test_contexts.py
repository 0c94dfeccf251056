"""What was true when a dial was made: teams, leads, merged ones, dead numbers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MODELS = ("fct_dial_contexts", "dim_do_not_call", "dim_numbers_history")
DAYS = {2: "2026-03-02", 3: "2026-03-03", 5: "2026-03-05", 9: "2026-03-09", 10: "2026-03-10"}


def at(day, hour=2):
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def agent(landing, exported, team):
    return landing.state("A1", exported, agent_id="A1", team_id=team)


def dial(landing, day, **changes):
    return landing.call(f"c{day}", at(day), agent_id="A1", lead_id="L1", **changes)


def read_teams(landing):
    rows = landing.read(
        "select dial_date, team_id from marts_build.fct_dial_contexts order by dial_date"
    )
    return {str(row["dial_date"]): row["team_id"] for row in rows}


def land_dials(landing, days):
    for day in days:
        landing.land(DAYS[day], f"calls{day}", [dial(landing, day)])


def test_a_dial_belongs_to_the_team_that_its_agent_was_in(landing):
    land_dials(landing, (2, 3, 5, 9))
    landing.land(DAYS[3], "a1", [agent(landing, at(3, 1), "north")])
    landing.land(DAYS[5], "a2", [agent(landing, at(5, 3), "south")])
    landing.build(DAYS[9])
    # On the fifth the dial was made an hour before the agent was seen in the other team.
    assert read_teams(landing) == {
        "2026-03-02": "north", "2026-03-03": "north", "2026-03-05": "north", "2026-03-09": "south",
    }  # fmt: skip


def test_a_late_export_restates_the_dials_since_and_nothing_before(landing):
    landing.land(DAYS[2], "a1", [agent(landing, at(2, 1), "north")])
    land_dials(landing, (2, 3, 5, 9))
    landing.build(DAYS[9])
    assert set(read_teams(landing).values()) == {"north"}
    landing.land(DAYS[10], "a2", [agent(landing, at(5, 1), "south")])
    told = landing.build(DAYS[10])
    assert told["first_date"] == "2026-03-05"
    assert read_teams(landing) == {
        "2026-03-02": "north", "2026-03-03": "north", "2026-03-05": "south", "2026-03-09": "south",
    }  # fmt: skip
    after = landing.content()
    landing.build(DAYS[10], full=True)
    assert landing.content() == after


def test_the_first_state_of_an_agent_counts_for_the_dials_before_it(landing):
    land_dials(landing, (2, 3))
    landing.build(DAYS[3])
    assert read_teams(landing) == {"2026-03-02": None, "2026-03-03": None}
    landing.land(DAYS[9], "a1", [agent(landing, at(9), "north")])
    landing.build(DAYS[9])
    assert read_teams(landing) == {"2026-03-02": "north", "2026-03-03": "north"}
    after = landing.content()
    landing.build(DAYS[9], full=True)
    assert landing.content() == after


def test_a_lead_has_the_stage_and_channel_of_the_time_of_the_dial(landing):
    land_dials(landing, (2, 9))
    for day, stage, channel in ((2, "new", "douyin"), (5, "quoted", "referral")):
        state = {"lead_id": "L1", "created_at": at(2, 0), "stage": stage, "channel_id": channel}
        landing.land(DAYS[day], f"l{day}", [landing.state("L1", at(day, 1), **state)])
    landing.build(DAYS[9])
    rows = landing.read(
        "select lead_stage, lead_channel_id from marts_build.fct_dial_contexts order by dial_date"
    )
    assert [tuple(row.values()) for row in rows] == [("new", "douyin"), ("quoted", "referral")]


def test_a_number_dies_by_two_days_of_empty_tones_and_an_answer_brings_it_back(landing):
    outcomes = {2: "invalid_number", 3: "invalid_number", 9: "human_other"}
    for day, outcome in outcomes.items():
        row = dial(landing, day, phone_hash="p", outcome=outcome)
        landing.land(DAYS[day], f"calls{day}", [row])
        landing.build(DAYS[day])
    sql = (
        "select state, valid_from, valid_to, recheck_at "
        "from marts_build.dim_numbers_history order by state_number"
    )
    assert [tuple(row.values()) for row in landing.read(sql)] == [
        ("doubtful", at(2), at(3), None),
        ("invalid", at(3), at(9), at(3) + timedelta(days=30)),
        ("in_service", at(9), None, None),
    ]
    # The second tone was that of another number: the day is built anew, the state goes.
    moved = dial(landing, 3, phone_hash="q", outcome="invalid_number")
    moved |= {"row_hash": "moved", "extracted_at": at(10), "ingested_at": at(10)}
    landing.land(DAYS[10], "moved", [moved])
    landing.build(DAYS[10])
    after = landing.content()
    assert [row["state"] for row in landing.read(sql + ", phone_hash")] == [
        "doubtful", "doubtful", "in_service",
    ]  # fmt: skip
    landing.build(DAYS[10], full=True)
    assert landing.content() == after


def test_a_vendors_check_without_a_dial_makes_a_state(landing):
    land_dials(landing, (2,))
    landing.build(DAYS[2])
    check = landing.state("n1", at(3), phone_hash="z", checked_at=at(3), status="suspended")
    landing.land(DAYS[3], "n1", [check])
    landing.build(DAYS[3])
    rows = landing.read("select phone_hash, state, told_by from marts_build.dim_numbers_history")
    assert [tuple(row.values()) for row in rows] == [("z", "suspended", "vendor")]


def test_an_entry_of_a_list_is_known_to_the_gate(landing):
    land_dials(landing, (2,))
    entry = landing.state("d1", at(2), phone_hash="z", list_id="own", valid_from=at(2))
    landing.land(DAYS[2], "d1", [entry])
    landing.build(DAYS[2])
    rows = landing.read("select phone_hash, source, until_at from marts_build.dim_do_not_call")
    assert [tuple(row.values()) for row in rows] == [("z", "list own", None)]
