"""What advertising and data cost, what the number checker found, what was sent to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.company import COLD_LIST
from leadloop.simulate.effects import TOUCHES
from leadloop.simulate.exports.forms import (
    customer_ids,
    export_time,
    lead_ids,
    lead_phones,
    local_times,
)
from leadloop.simulate.leads import EMPTY_NUMBER, SUSPENDED_NUMBER

if TYPE_CHECKING:
    from leadloop.simulate.effects import Action
    from leadloop.simulate.exports.forms import Inbox
    from leadloop.simulate.world import Played, World

TYPES = {
    "referral": "转介绍", "inbound": "进线", "paid_social": "信息流", "cold_list": "陌生名单",
    "paid_search": "搜索广告", "organic": "自然流量", "partner": "代理商", "other": "其他",
}  # fmt: skip
CHECKED_SHARE, RIGHT_SHARE = 0.4, 0.93
# The vendor's codes: 0 空号, 1 实号, 2 停机, 4 沉默号, 5 风险号.
CODE_OF = np.array([1, 0, 2])


def write_spend(world: World, played: Played, inbox: Inbox) -> None:
    """Write the day's costs, checks and touches; channels and campaigns on the first day."""
    day = played.day.date
    if played.day.number == 0:
        _write_names(world, day, inbox)
    inbox.write_table("ads/costs", day, _write_costs(world, played))
    inbox.write_table("numbers/checks", day, _check_numbers(world, played))
    inbox.write_table("touches/touches", day, _write_touches(world, played))


def _write_names(world: World, day: str, inbox: Inbox) -> None:
    channels, campaigns = world.company.channels, world.company.campaigns
    inbox.write_table("ads/channels", day, {
        "渠道编号": [item.channel_id for item in channels] + ["customer_base"],
        "渠道名称": [item.name for item in channels] + ["老客户"],
        "渠道类型": [TYPES[item.type] for item in channels] + ["其他"],
        "更新时间": export_time(day, 5),
    })  # fmt: skip
    inbox.write_table("ads/campaigns", day, {
        "活动编号": [item.campaign_id for item in campaigns],
        "活动名称": [item.name for item in campaigns],
        "用途": ["营销"] * 4 + ["服务"] * (len(campaigns) - 4),
        "更新时间": export_time(day, 5),
    })  # fmt: skip


def _write_costs(world: World, played: Played) -> dict[str, Any]:
    """Return what each channel's advertisements or data cost on the day."""
    channels, generator = world.company.channels, played.make("money")
    rows = np.concatenate([played.fresh, _find_bought(world, played)])
    count = np.bincount(world.leads.rows["channel"][rows], minlength=len(channels))
    price = np.array([item.lead_cost for item in channels])
    amount = np.round(count * price * generator.lognormal(0.0, 0.12, count.size), 2)
    clicks = (count * generator.uniform(8, 15, count.size)).astype(np.int64)
    return {
        "日期": played.day.date,
        "活动编号": np.array([f"{item.channel_id}_media" for item in channels]),
        "渠道编号": np.array([item.channel_id for item in channels]),
        "费用类型": np.where(np.arange(count.size) == COLD_LIST, "数据", "媒体"),
        "金额": np.char.mod("%.2f", amount),
        "币种": "CNY",
        "展现量": clicks * 40,
        "点击量": clicks,
        "计费线索数": count,
        "是否预估": "否",
        "导出时间": export_time(played.day.date, 25),
    }


def _find_bought(world: World, played: Played) -> Any:
    """Return the lists' leads that were loaded on the day."""
    dials = played.dials
    new = dials.row[(dials.customer == 0) & (dials.attempt == 1)]
    lead = world.leads.rows[new]
    return new[(lead["created"] == played.day.number) & (lead["channel"] == COLD_LIST)]


def _check_numbers(world: World, played: Played) -> dict[str, Any]:
    """Return what a vendor found of some of the numbers that were bought; it errs now and then."""
    rows, generator = _find_bought(world, played), played.make("checks")
    rows = rows[generator.random(rows.size) < CHECKED_SHARE]
    lead = world.leads.rows[rows]
    right = CODE_OF[lead["number"]]
    dead = np.isin(lead["number"], (EMPTY_NUMBER, SUSPENDED_NUMBER))
    wrong = np.where(dead, 1, generator.choice([0, 4, 5], size=rows.size))
    errs = generator.random(rows.size) >= np.where(dead, RIGHT_SHARE, 0.985)
    return {
        "手机号": lead_phones(rows, lead["same_as"]),
        "检测时间": local_times(played.day.date, np.full(rows.size, 8 * 3600 + 1200)),
        "检测结果": np.where(errs, wrong, right),
        "服务商": "号码检测",
        "导出时间": export_time(played.day.date, 25),
    }


def _write_touches(world: World, played: Played) -> dict[str, Any]:
    """Return what the actions of the day sent to whom; whoever is held out got nothing."""
    parts = [
        part
        for action in world.script.actions
        if action.is_on(played.day.number, world.script.days) and action.type in TOUCHES
        and (part := _touch(world, played, action)) is not None
    ]  # fmt: skip
    if not parts:
        return {"触达编号": []}
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _touch(world: World, played: Played, action: Action) -> dict[str, Any] | None:
    day = played.day.date
    if action.unit == "lead":
        rows = np.unique(played.dials.row[played.dials.customer == 0])
        units = rows + 1
        if action.channel is not None:
            place = world.company.find_channel(action.channel)
            units = units[world.leads.rows["channel"][rows] == place]
        chosen = units[action.choose(units)]
        leads, customers = lead_ids(chosen - 1), np.full(chosen.size, "")
    elif action.unit == "customer":
        units = np.unique(played.dials.customer[played.dials.customer > 0])
        chosen = units[action.choose(units)]
        leads, customers = np.full(chosen.size, ""), customer_ids(chosen)
    else:
        return None
    stamp = day.replace("-", "")
    return {
        "触达编号": np.char.add(f"{action.name}-{stamp}-", np.char.mod("%06d", chosen)),
        "触达类型": np.full(chosen.size, TOUCHES[action.type]),
        "线索编号": leads,
        "客户编号": customers,
        "活动编号": np.full(chosen.size, action.name),
        "触达时间": local_times(day, np.full(chosen.size, 8 * 3600 + 1800)),
        "是否送达": np.full(chosen.size, "是"),
        "费用": np.full(chosen.size, "0.05"),
        "导出时间": np.full(chosen.size, export_time(day, 25)),
    }
