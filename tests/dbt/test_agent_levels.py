"""Stars of a made company are those it made better, and in one of equals there is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from scipy import stats

from leadloop import transform
from leadloop.simulate.calendar import list_days
from leadloop.simulate.dials import WON
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.world import Script, World

# A made company is played and built: `make test-long`.
pytestmark = pytest.mark.long
FIRST, DAYS, LAST_WEEK = "2026-03-02", 42, "2026-04-06"


def play(landing, *, alike: bool):
    """Land the contacts of six weeks as a dialler tells them; return the agents' true skill."""
    world = World.build(Script(7, choose_scale("small", 1500), FIRST, DAYS, (), null=alike))
    people, calls = world.company.people, []
    for day in list_days(FIRST, DAYS):
        dials = world.play(day).dials
        at = datetime.fromisoformat(day.date).replace(hour=2, tzinfo=UTC)
        for place in dials.is_human.nonzero()[0].tolist():
            calls.append(
                landing.call(
                    f"{day.date}/{place}",
                    at,
                    answered_at=at,
                    talk_s=60,
                    agent_id=str(people.agent_id[dials.agent[place]]),
                    campaign_id=str(dials.campaign[place]),
                    channel_id=str(world.leads.rows["channel"][dials.row[place]]),
                    attempt_no=int(dials.attempt[place]),
                    outcome="human_won" if dials.status[place] == WON else "human_refused",
                )
            )
    last = (datetime.fromisoformat(FIRST) + timedelta(days=DAYS - 1)).date().isoformat()
    landing.land(last, "calls", calls)
    for layer, day in (("core", last), ("marts", last), ("weekly", LAST_WEEK)):
        transform.build_layer(landing.settings, layer, day)
    rows = landing.read("select * from marts_build.rpt_agent_levels")
    skill = dict(zip(people.agent_id.tolist(), people.skill.tolist(), strict=True))
    return {row["agent_id"]: row for row in rows}, skill


def test_the_order_of_agents_is_that_of_their_skill_and_stars_are_above_the_middle(landing):
    levels, skill = play(landing, alike=False)
    judged = [agent for agent, row in levels.items() if row["verdict"] != "too_few"]
    assert len(judged) >= 15
    order = stats.spearmanr(
        [skill[agent] for agent in judged], [levels[agent]["odds_ratio"] for agent in judged]
    )
    assert order.statistic > 0.75
    middle = sorted(skill[agent] for agent in judged)[len(judged) // 2]
    stars = {agent for agent, row in levels.items() if row["verdict"] == "star"}
    behind = {agent for agent, row in levels.items() if row["verdict"] == "behind"}
    assert max(skill, key=lambda agent: skill[agent]) in stars
    assert all(skill[agent] > middle for agent in stars)
    assert all(skill[agent] < middle for agent in behind)


def test_among_equals_nobody_is_a_star(landing):
    levels, skill = play(landing, alike=True)
    assert set(skill.values()) == {0}
    assert len(levels) == len(skill)
    assert {row["verdict"] for row in levels.values()} <= {"usual", "too_few"}
    assert all(0.8 < row["odds_ratio"] < 1.25 for row in levels.values() if row["odds_ratio"])
