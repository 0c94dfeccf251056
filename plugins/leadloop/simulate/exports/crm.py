"""What the CRM exports a day: leads that changed, their tags, stages, consents, refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop.simulate.company import CITIES, COLD_LIST, INDUSTRIES
from leadloop.simulate.dials import DNC, INTERESTED, WON
from leadloop.simulate.exports.dialler import call_ids
from leadloop.simulate.exports.forms import (
    customer_ids,
    day_text,
    export_time,
    lead_ids,
    lead_phones,
    local_times,
    number_rows,
)
from leadloop.simulate.leads import LOST, QUOTED
from leadloop.simulate.leads import WON as DEAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from leadloop.simulate.exports.forms import Inbox
    from leadloop.simulate.world import Played, World

STAGES = np.array(["新建", "已外呼", "已接通", "意向", "已报价", "成交", "丢单", "无效"])
STATUSES = np.array(
    ["新线索", "跟进中", "跟进中", "跟进中", "跟进中", "已转化", "已关闭", "已关闭"]
)
REASONS = np.array(
    ["", "价格", "缺乏试用保障", "数据安全", "用别家", "做不了主", "没需求", "缺功能", "售后",
     "不感兴趣", "错号", "要求勿扰"]
)  # fmt: skip
PAINS = np.array(
    [
        "价格敏感",
        "试用顾虑",
        "数据安全顾虑",
        "在用别家",
        "需决策人",
        "需求不明",
        "功能疑问",
        "售后痛点",
    ]
)
MERGED_AFTER_DAYS = 3
NOTED_SHARE, CONSENT_SHARE = 0.88, 0.93


def write_crm(world: World, played: Played, inbox: Inbox) -> None:
    """Write the day's files of the CRM; the old system exports GB18030."""
    day = played.day.date
    changed = _find_changed(world, played)
    inbox.write_table("crm/leads", day, _describe(world, played, changed), encoding="gb18030")
    inbox.write_table("crm/tags", day, _tag(world, played))
    inbox.write_table("crm/stages", day, _tell_stages(world, played))
    inbox.write_table("crm/consents", day, _ask_consent(world, played))
    inbox.write_table("crm/dnc", day, _refuse(world, played))
    inbox.write_table("crm/customers", day, _describe_customers(world, played))


def _find_changed(world: World, played: Played) -> NDArray[np.int64]:
    """Return the rows of leads that are new, were dialled, bought or were merged on the day."""
    lead, number = world.leads.rows, played.day.number
    called = played.dials.row[played.dials.customer == 0]
    bought = played.orders.row[played.orders.kind == 0]
    every = np.unique(np.concatenate([played.fresh, called, bought, _find_merged(world, number)]))
    return np.asarray(every[lead["created"][every] >= 0])


def _find_merged(world: World, day: int) -> NDArray[np.int64]:
    lead = world.leads.rows
    before = max(0, world.leads.count - 40 * world.script.scale.dials)
    recent = lead[before:]
    merged = (recent["created"] == day - MERGED_AFTER_DAYS) & (recent["same_as"] >= 0)
    return np.flatnonzero(merged) + before


def _describe(world: World, played: Played, rows: NDArray[np.int64]) -> dict[str, Any]:
    lead, day, company = world.leads.rows[rows], played.day, world.company
    none = np.full(rows.size, "")
    offset = lead["created"].astype(np.int64) - day.number
    created = local_times(day.date, offset * 86_400 + lead["second"])
    owner = lead["owner"].astype(np.int64)
    won_at = local_times(
        day.date, (lead["won_day"].astype(np.int64) - day.number) * 86_400 + 64_800
    )
    merged = (lead["same_as"] >= 0) & (day.number - lead["created"] >= MERGED_AFTER_DAYS)
    return {
        "线索编号": lead_ids(rows),
        "创建时间": created,
        "渠道": np.array([item.channel_id for item in company.channels])[lead["channel"]],
        "来源活动": _name_sources(world, lead),
        "内容主题": _name_themes(world, lead),
        "手机号": lead_phones(rows, lead["same_as"]),
        "客户编号": customer_ids(lead["customer"].astype(np.int64)),
        "客户类型": np.where(lead["company"], "企业", "个人"),
        "行业": np.array(INDUSTRIES)[lead["industry"]],
        "城市": np.array(CITIES)[lead["city"]],
        "负责人工号": np.where(owner >= 0, company.people.agent_id[owner], none),
        "状态": STATUSES[lead["stage"]],
        "阶段": STAGES[lead["stage"]],
        "丢单原因": np.where(lead["stage"] == LOST, REASONS[lead["lost"]], none),
        "合并到": np.where(merged, lead_ids(lead["same_as"].astype(np.int64)), none),
        "是否删除": np.where(merged, "是", "否"),
        "转化时间": np.where(lead["stage"] == DEAL, won_at, none),
        "更新时间": np.full(rows.size, export_time(day.date, 10)),
    }


def _name_themes(world: World, lead: Any) -> NDArray[np.str_]:
    themes = np.array(
        [[*item.themes, "", ""][:3] for item in world.company.channels]
    )  # at most three a channel
    return np.asarray(themes[lead["channel"], lead["theme"]])


def _name_sources(world: World, lead: Any) -> NDArray[np.str_]:
    """Return the advertising campaign that brought each lead: channel and theme."""
    channels = np.array([item.channel_id for item in world.company.channels])
    return np.char.add(np.char.add(channels[lead["channel"]], "_"), _name_themes(world, lead))


def _tag(world: World, played: Played) -> dict[str, Any]:
    """Return two tags of each new lead that told something: its industry and what hurts it."""
    rows = played.fresh
    lead = world.leads.rows[rows]
    created = local_times(played.day.date, lead["second"].astype(np.int64))
    weight = np.round(np.clip(lead["match"], 0.05, 1.0), 2)
    return {
        "线索编号": np.concatenate([lead_ids(rows)] * 2),
        "标签": np.concatenate([np.array(INDUSTRIES)[lead["industry"]], PAINS[lead["concern"]]]),
        "标签类型": np.repeat(["行业", "痛点"], rows.size),
        "权重": np.concatenate([weight, weight]).astype(str),
        "来源": "CRM",
        "打标时间": np.concatenate([created, created]),
        "导出时间": export_time(played.day.date, 12),
    }


def _tell_stages(world: World, played: Played) -> dict[str, Any]:
    """Return the changes of stage that agents or the shop made on the day."""
    dials, day = played.dials, played.day.date
    ids = call_ids(day, dials.row.size)
    place = np.flatnonzero((dials.customer == 0) & (dials.status <= INTERESTED))
    stage = world.leads.rows["stage"][dials.row[place]]
    name = np.where(dials.status[place] == WON, "成交", np.where(stage == QUOTED, "已报价", "意向"))
    ended = dials.start[place] + dials.ring[place] + dials.talk[place] + 20
    online = played.self_bought
    rows = np.concatenate([dials.row[place], online])
    return {
        "变更编号": number_rows("S", day, rows.size),
        "对象类型": "线索",
        "对象编号": lead_ids(rows),
        "变更后阶段": np.concatenate([name, np.full(online.size, "成交")]),
        "变更时间": local_times(day, np.concatenate([ended, np.full(online.size, 64_800)])),
        "变更方式": "手动",
        "通话编号": np.concatenate([ids[place], np.full(online.size, "")]),
        "操作人工号": np.concatenate(
            [world.company.people.agent_id[dials.agent[place]], np.full(online.size, "")]
        ),
        "导出时间": export_time(day, 12),
    }


def _ask_consent(world: World, played: Played) -> dict[str, Any]:
    """Return what new leads agreed to when they left their number; lists of strangers did not."""
    rows = played.fresh
    lead = world.leads.rows[rows]
    generator = played.make("rows")
    own = lead["channel"] != COLD_LIST
    rows, lead = rows[own], lead[own]
    given = generator.random(rows.size) < CONSENT_SHARE
    return {
        "手机号": lead_phones(rows, lead["same_as"]),
        "用途": "营销",
        "渠道": "电话",
        "生效时间": local_times(played.day.date, lead["second"].astype(np.int64)),
        "授权状态": np.where(given, "同意", "拒绝"),
        "法律依据": "个人同意",
        "导出时间": export_time(played.day.date, 14),
    }


def _refuse(world: World, played: Played) -> dict[str, Any]:
    """Return who went onto the list of refusals; some agents forget to note it."""
    dials, day = played.dials, played.day.date
    asked = np.flatnonzero(dials.status == DNC)
    asked = asked[played.make("checks").random(asked.size) < NOTED_SHARE]
    lead = world.leads.rows[dials.row[asked]]
    ended = dials.start[asked] + dials.ring[asked] + dials.talk[asked] + 60
    return {
        "手机号": lead_phones(dials.row[asked], lead["same_as"]),
        "名单": "拒呼名单",
        "加入时间": local_times(day, ended),
        "范围": "全公司",
        "原因": "客户要求",
        "来源通话编号": call_ids(day, dials.row.size)[asked],
        "导出时间": export_time(day, 14),
    }


def _describe_customers(world: World, played: Played) -> dict[str, Any]:
    """Return customers that are new on the day; on the first day those from before."""
    held, number, day = world.customers.rows, played.day.number, played.day.date
    chosen = np.flatnonzero((held["since"] == number) | (number == 0))
    rows = held["row"][chosen].astype(np.int64)
    lead = world.leads.rows[rows]
    since = held["since"][chosen].astype(np.int64) - number
    first = np.char.add(day_text(day, since), " 18:00:00") if chosen.size else np.array([], str)
    return {
        "客户编号": customer_ids(chosen + 1),
        "客户类型": np.where(held["company"][chosen], "企业", "个人"),
        "手机号": lead_phones(rows, lead["same_as"]),
        "首单时间": first,
        "客户等级": np.where(held["managed"][chosen], "重点", "普通"),
        "地区": np.array(CITIES)[lead["city"]],
        "更新时间": np.full(chosen.size, export_time(day, 16)),
    }
