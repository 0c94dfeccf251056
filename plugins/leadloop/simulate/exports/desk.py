"""What the agents' desk and its shift plan export: people, shifts, states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.company import QUEUES
from leadloop.simulate.exports.dialler import SET_UP_SECONDS, call_ids
from leadloop.simulate.exports.forms import day_text, export_time, local_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.exports.forms import Inbox
    from leadloop.simulate.world import Played, World

SHIFT = (8 * 3600 + 50 * 60, 20 * 3600 + 30 * 60)
LUNCH = (12 * 3600, 13 * 3600 + 50 * 60)
TEAM_NAMES = ("北区组", "南区组")


def write_desk(world: World, played: Played, inbox: Inbox) -> None:
    """Write the day's shifts and states; people and teams when somebody joins."""
    day = played.day
    tenure = world.company.people.tenure(day.number)
    if day.number == 0 or (tenure == 0).any():
        inbox.write_table("desk/agents", day.date, _describe_people(world, played))
    if day.number == 0:
        inbox.write_table("desk/teams", day.date, {
            "团队编号": list(QUEUES), "团队名称": list(TEAM_NAMES), "职场": "杭州",
            "更新时间": export_time(day.date, 5),
        })  # fmt: skip
    inbox.write_table("desk/roster", day.date, _plan_shifts(world, played))
    inbox.write_table("desk/states", day.date, _log_states(world, played))


def _describe_people(world: World, played: Played) -> dict[str, Any]:
    people, day = world.company.people, played.day
    here = np.flatnonzero(people.tenure(day.number) >= 0)
    return {
        "工号": people.agent_id[here],
        "团队编号": np.array(QUEUES)[people.queue[here]],
        "入职日期": day_text(day.date, people.hired[here] - day.number),
        "岗位": "电销专员",
        "职场": "杭州",
        "更新时间": export_time(day.date, 5),
    }


def _plan_shifts(world: World, played: Played) -> dict[str, Any]:
    people, day = world.company.people, played.day
    here = np.flatnonzero(played.staff > 0)
    return {
        "工号": people.agent_id[here],
        "班次开始时间": local_times(day.date, np.full(here.size, 9 * 3600)),
        "班次结束时间": local_times(day.date, np.full(here.size, 20 * 3600)),
        "计划休息时长": "02:00:00",
        "导出时间": export_time(day.date, 5),
    }


def _log_states(world: World, played: Played) -> dict[str, Any]:
    """Return who was in which state from when to when: ready, talking, after-call work, break.

    A dial that nobody answers leaves an agent ready; lunch is a break unless it is dialled.
    """
    dials, day = played.dials, played.day.date
    ids = call_ids(day, dials.row.size)
    place = np.flatnonzero(dials.is_human)
    picked = dials.start[place] + SET_UP_SECONDS + dials.ring[place]
    put_down = picked + dials.talk[place] + dials.hold[place]
    agent = np.concatenate([dials.agent[place]] * 2)
    begin = np.concatenate([picked, put_down])
    end = np.concatenate([put_down, put_down + dials.wrapup[place]])
    state = np.repeat(np.array(["通话", "话后"]), place.size)
    call = np.concatenate([ids[place]] * 2)
    order = np.lexsort((begin, agent))
    busy = (agent[order], begin[order], end[order], state[order], call[order])
    table = _fill_gaps(busy, np.flatnonzero(played.staff > 0))
    return {
        "工号": world.company.people.agent_id[table[0]],
        "状态": table[3],
        "开始时间": local_times(day, table[1]),
        "结束时间": local_times(day, table[2]),
        "通话编号": table[4],
        "导出时间": export_time(day, 8),
    }


def _fill_gaps(busy: tuple[Any, ...], staff: NDArray[np.int64]) -> tuple[Any, ...]:
    """Return busy states with what lies between them: ready, and a break over lunch."""
    agent, begin, end, state, call = busy
    fixed = np.concatenate([staff, staff, staff])
    marks = np.repeat([SHIFT[0], LUNCH[0], SHIFT[1]], staff.size)
    until = np.repeat([SHIFT[0], LUNCH[1], SHIFT[1]], staff.size)
    names = np.repeat(np.array(["签入", "小休", "离线"]), staff.size)
    agent = np.concatenate([agent, fixed])
    begin, end = np.concatenate([begin, marks]), np.concatenate([end, until])
    state = np.concatenate([state, names])
    call = np.concatenate([call, np.full(fixed.size, "")])
    order = np.lexsort((begin, agent))
    agent, begin, end, state, call = (part[order] for part in (agent, begin, end, state, call))
    # A talk that runs into lunch, or one taken before its end, shortens it.
    before = np.concatenate([[0], np.where(agent[1:] == agent[:-1], end[:-1], 0)])
    begin = np.where(state == "小休", np.maximum(begin, before), begin)
    same = np.concatenate([agent[1:] == agent[:-1], [False]])
    following = np.concatenate([begin[1:], [0]])
    end = np.where(same & (state == "小休"), np.minimum(end, np.maximum(following, begin)), end)
    gap = same & (following > end)
    keep = (state != "签入") & ((end > begin) | (state == "离线"))
    parts = []
    for column, ready in (
        (agent, agent), (begin, end), (end, following), (state, np.full(agent.size, "示闲")),
        (call, np.full(agent.size, "")),
    ):  # fmt: skip
        parts.append(np.concatenate([column[keep], ready[gap]]))
    order = np.lexsort((parts[1], parts[0]))
    return tuple(part[order] for part in parts)
