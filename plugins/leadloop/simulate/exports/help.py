"""What the service desk exports: calls in, tickets, surveys; what the site exports: inquiries."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.curves import draw_moments
from leadloop.simulate.exports.forms import (
    customer_ids,
    export_time,
    lead_ids,
    lead_phones,
    local_times,
    number_rows,
)
from leadloop.simulate.keyed import draw_units
from leadloop.simulate.leads import INTENT, WON
from leadloop.simulate.service import CATEGORIES, COMPLAINT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.exports.forms import Inbox
    from leadloop.simulate.world import Played, World

HOTLINE = "4000000000"
TOPICS = np.array(["售后政策", "价格", "试用", "功能"])
ASK_DRAW = 30
# Who is about to buy asks again within a day before; others seldom do.
KEEN_SHARE, IDLE_SHARE = 0.35, 0.012


def call_in_ids(world: World, played: Played) -> NDArray[np.str_]:
    """Return the id of the call of each ticket that began with one."""
    return np.char.add("job-", np.char.mod("%08d", played.tickets.number))


def write_help(world: World, played: Played, inbox: Inbox) -> None:
    """Write the day's files of the service desk and the site."""
    day = played.day.date
    lines = _write_calls(world, played)
    if lines:
        inbox.write("service/calls", day, lines, ending="jsonl")
    inbox.write_table("service/tickets", day, _write_tickets(played))
    inbox.write_table("service/surveys", day, _write_surveys(world, played))
    inbox.write_table("site/inquiries", day, _write_inquiries(world, played))


def _write_calls(world: World, played: Played) -> list[str]:
    tickets, lines = played.tickets, []
    midnight = int(np.datetime64(played.day.date, "s").astype(np.int64)) - 8 * 3600
    rows = world.customers.rows["row"][tickets.customer - 1].astype(np.int64)
    phones = lead_phones(rows, world.leads.rows["same_as"][rows]).tolist()
    ids = call_in_ids(world, played).tolist()
    people = world.company.people.agent_id
    for place in np.flatnonzero(tickets.called).tolist():
        start = midnight + int(tickets.opened[place])
        waited, talk = int(tickets.waited[place]), int(tickets.talk[place])
        lost = bool(tickets.gave_up[place])
        established = 0 if lost else (start + waited) * 1000
        lines.append(json.dumps({
            "ContactId": ids[place], "ContactType": "INBOUND",
            "ContactDisposition": "AbandonedInQueue" if lost else "Success",
            "AgentIds": "" if lost else str(people[tickets.agent[place]]),
            "SkillGroupIds": "service", "CallingNumber": phones[place], "CalledNumber": HOTLINE,
            "StartTime": start * 1000, "EstablishedTime": established,
            "ReleaseTime": (start + waited + (0 if lost else talk)) * 1000,
            "CallDuration": str(0 if lost else talk), "ReleaseInitiator": "customer",
            "SatisfactionSurveyOffered": bool(tickets.score[place] >= 0),
        }, ensure_ascii=False))  # fmt: skip
    return lines


def _write_tickets(played: Played) -> dict[str, Any]:
    """Return the tickets opened on the day, with what is known of them by its end and after.

    A ticket solved on a later day is written with that time at once: the export is a little late.
    """
    tickets, day = played.tickets, played.day.date
    none = np.full(tickets.number.size, "")
    solved = np.where(tickets.solved >= 0, local_times(day, tickets.solved), none)
    stamp = local_times(day, np.maximum(tickets.solved, 86_400) + 1800)
    return {
        "工单编号": ticket_ids(tickets.number),
        "客户编号": customer_ids(tickets.customer),
        "创建时间": local_times(day, tickets.opened),
        "首次响应时间": local_times(day, tickets.replied),
        "解决时间": solved,
        "工单分类": np.array(CATEGORIES)[tickets.category],
        "满意度评分": np.where(tickets.score > 0, tickets.score.astype(str), none),
        "优先级": np.where(tickets.category == COMPLAINT, "高", "普通"),
        "更新时间": stamp,
    }


def ticket_ids(number: NDArray[np.int64]) -> NDArray[np.str_]:
    """Return the id of each ticket."""
    return np.char.add("T", np.char.mod("%07d", number))


def _write_surveys(world: World, played: Played) -> dict[str, Any]:
    tickets, day = played.tickets, played.day.date
    asked = np.flatnonzero(tickets.score >= 0)
    score = tickets.score[asked]
    none = np.full(asked.size, "")
    offered = np.maximum(tickets.opened[asked] + tickets.waited[asked] + tickets.talk[asked], 0)
    calls = np.where(tickets.called[asked], call_in_ids(world, played)[asked], none)
    return {
        "评价编号": np.char.add("V", np.char.mod("%07d", tickets.number[asked])),
        "通话编号": calls,
        "工单编号": ticket_ids(tickets.number[asked]),
        "客户编号": customer_ids(tickets.customer[asked]),
        "评价类型": "满意度",
        "邀评时间": local_times(day, offered),
        "评价时间": np.where(score > 0, local_times(day, offered + 120), none),
        "评分": np.where(score > 0, score.astype(str), none),
        "满分": "5",
        "导出时间": export_time(day, 20),
    }


def _write_inquiries(world: World, played: Played) -> dict[str, Any]:
    """Return questions on the site: of leads about to decide, of others now and then."""
    day, generator = played.day, played.make("inquiries")
    rows = _find_askers(world, played)
    times = np.concatenate([rows, rows])
    keen = np.concatenate([np.full(rows.size, 0), np.full(rows.size, 1)])
    second = draw_moments(times.size, generator)
    asked = played.tickets.customer[~played.tickets.called]
    count = times.size + asked.size
    topic = TOPICS[np.minimum(generator.integers(0, 4, times.size), 3 - 3 * (keen == 1))]
    sources = np.array(["在线咨询", "微信", "官网"])[generator.integers(0, 3, count)]
    return {
        "咨询编号": number_rows("Q", day.date, count),
        "线索编号": np.concatenate([lead_ids(times), np.full(asked.size, "")]),
        "客户编号": np.concatenate([np.full(times.size, ""), customer_ids(asked)]),
        "咨询渠道": sources,
        "咨询主题": np.concatenate(
            [topic, np.array(CATEGORIES)[played.tickets.category[~played.tickets.called]]]
        ),
        "咨询时间": local_times(
            day.date, np.concatenate([second, played.tickets.opened[~played.tickets.called]])
        ),
        "导出时间": export_time(day.date, 20),
    }


def _find_askers(world: World, played: Played) -> NDArray[np.int64]:
    """Return leads that ask twice on the day: who decides tomorrow, and a few who do not."""
    lead, number = world.leads.rows, played.day.number
    before = max(0, world.leads.count - 60 * world.script.scale.dials)
    recent = lead[before:]
    open_ = (recent["stage"] >= INTENT) & (recent["stage"] < WON) & (recent["created"] < number)
    left = recent["created"] + np.floor(recent["decides"]) - number
    rows = np.arange(before, world.leads.count)
    units = draw_units(world.script.seed, ASK_DRAW, rows, number)
    share = np.where(left == 1, KEEN_SHARE, IDLE_SHARE)
    return np.asarray(rows[open_ & (units < share)])
