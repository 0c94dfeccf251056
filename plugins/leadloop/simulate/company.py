"""Who the made company is: channels, themes of advertisements, campaigns, people, products.

示例公司 sells 账本通, accounts and a cash desk for small shops, by phone. All of it is made up.
Codes are ids in its systems; config/labels.yml holds the names that people read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadloop.errors import UsageError
from leadloop.simulate.curves import AGENT_TALK_SIGMA

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from leadloop.simulate.scale import Scale


@dataclass(frozen=True, slots=True)
class Channel:
    """Where leads come from.

    `share` is its part of the leads, `connect` and `interest` shift chances in logits, `invalid`
    is the share of its numbers that are dead from the start, `company` that of companies among
    its leads, `lead_cost` what a lead costs in yuan.
    """

    channel_id: str
    name: str
    type: str
    share: float
    connect: float
    interest: float
    invalid: float
    company: float
    lead_cost: float
    themes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is dialled for; `connect` and `win` shift chances in logits."""

    campaign_id: str
    name: str
    share: float
    connect: float
    win: float


_SHOP = ("price_compare", "trial_booking", "owner_story")
CHANNELS = (
    Channel("referral", "老客户转介绍", "referral", 0.12, 0.35, 0.95, 0.004, 0.25, 30.0, ("word",)),
    Channel("web_form", "官网留资", "inbound", 0.17, 0.18, 0.45, 0.010, 0.30, 45.0, _SHOP[1:]),
    Channel("short_video", "抖音短视频", "paid_social", 0.34, 0.0, -0.25, 0.022, 0.08, 18.0, _SHOP),
    # Lists are loaded whenever the dialler has nothing better to dial.
    Channel("cold_list", "陌生名单", "cold_list", 0.0, -0.20, -0.95, 0.055, 0.20, 0.6, ("none",)),
    Channel(
        "paid_search", "搜索推广", "paid_search", 0.12, 0.10, 0.30, 0.012, 0.30, 60.0, _SHOP[:2]
    ),
    Channel("wechat", "公众号", "organic", 0.10, 0.12, 0.15, 0.008, 0.15, 9.0, _SHOP[1:]),
    Channel("linkedin", "领英", "paid_social", 0.03, 0.05, 0.10, 0.006, 0.95, 120.0, _SHOP[1:2]),
    Channel("partner", "代理商", "partner", 0.06, 0.15, 0.35, 0.010, 0.45, 80.0, ("word",)),
    Channel("expo", "展会", "other", 0.04, 0.10, 0.25, 0.015, 0.60, 90.0, _SHOP[2:]),
    Channel("feed_ads", "信息流广告", "paid_social", 0.15, -0.05, -0.35, 0.030, 0.08, 14.0, _SHOP),
    Channel("organic", "自然搜索", "organic", 0.08, 0.12, 0.30, 0.008, 0.25, 3.0, _SHOP[1:]),
    Channel("app_store", "应用市场", "organic", 0.06, 0.00, -0.05, 0.012, 0.05, 6.0, _SHOP[1:2]),
)
CAMPAIGNS = (
    Campaign("spring_offer", "春季新客", 0.60, -0.03, 0.00),
    Campaign("trial_upgrade", "试用转正", 0.25, 0.10, 0.20),
    Campaign("dormant_recall", "沉睡唤醒", 0.15, -0.06, -0.20),
    # Works through a list of half the short-video leads, in the afternoon alone.
    Campaign("spring_retarget", "抖音再触达", 0.0, 0.0, 0.0),
    Campaign("customer_care", "老客户关怀", 0.0, 0.0, 0.0),
    Campaign("service_visit", "售后回访", 0.0, 0.0, 0.0),
)
CUSTOMER_BASE = "customer_base"
SHORT_VIDEO, COLD_LIST = 2, 3
RETARGET, CARE, VISIT = 3, 4, 5
RETARGET_SHARE = 0.55
# In the order of speech.plan.CONCERNS.
CONCERN_SHARES = np.array([0.30, 0.14, 0.05, 0.10, 0.13, 0.12, 0.10, 0.06])
INDUSTRIES = ("餐饮", "零售", "五金建材", "美容美发", "母婴", "服装", "电商", "教育培训")
CITIES = ("杭州", "成都", "武汉", "西安", "郑州", "长沙", "济南", "合肥", "南宁", "昆明")
RIVALS = ("小账管家", "账小二", "好账本")
QUEUES = ("team_north", "team_south")
SKILL_SPREAD = 0.75


@dataclass(frozen=True, slots=True)
class People:
    """The agents, one element each.

    `skill` shifts the chance of a deal in logits, the paces are factors of time, `load` is the
    relative number of dials, `hired` the day of the world on which each began (before 0: earlier),
    `loose` the share of talks in which each says what must not be said, `talk_share` the share of
    speech that is the agent's.
    """

    agent_id: NDArray[np.str_]
    queue: NDArray[np.int64]
    skill: NDArray[np.float64]
    talk_pace: NDArray[np.float64]
    wrapup_pace: NDArray[np.float64]
    load: NDArray[np.float64]
    hired: NDArray[np.int64]
    loose: NDArray[np.float64]
    talk_share: NDArray[np.float64]
    rest: NDArray[np.int64]

    def tenure(self, day: int) -> NDArray[np.int64]:
        """Return how many days each has been here; negative before the first."""
        return day - self.hired


@dataclass(frozen=True, slots=True)
class Company:
    """One world's company: the same seed gives the same."""

    scale: Scale
    channels: tuple[Channel, ...]
    campaigns: tuple[Campaign, ...]
    people: People
    lines: NDArray[np.str_]

    def find_channel(self, channel_id: str) -> int:
        """Return the channel's place; raise UsageError if this company has none of that name."""
        return _find(channel_id, [item.channel_id for item in self.channels], "channel")

    def find_campaign(self, campaign_id: str) -> int:
        """Return the campaign's place; raise UsageError if there is none of that name."""
        return _find(campaign_id, [item.campaign_id for item in self.campaigns], "campaign")

    def find_agent(self, agent_id: str) -> int:
        """Return the agent's place; raise UsageError if there is none of that id."""
        return _find(agent_id, self.people.agent_id.tolist(), "agent")


def _find(wanted: str, known: Sequence[str], kind: str) -> int:
    if wanted not in known:
        shown = ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
        message = f"This company has no {kind} {wanted!r}; it has {shown}."
        raise UsageError(message)
    return list(known).index(wanted)


def build_company(
    generator: np.random.Generator, scale: Scale, days: int, *, alike: bool = False
) -> Company:
    """Return a company with people drawn at random; `alike` makes them equal (a null world).

    Skill and load differ so much that deals concentrate as on Olist's sales team (curves).
    """
    count = scale.agents
    numbers = np.arange(1, count + 1)
    differ = 0.0 if alike else 1.0
    people = People(
        agent_id=np.char.add("A", np.char.mod("%03d", numbers)),
        queue=numbers % len(QUEUES),
        skill=differ * generator.normal(0.0, SKILL_SPREAD, count),
        talk_pace=np.exp(differ * generator.normal(0.0, AGENT_TALK_SIGMA, count)),
        wrapup_pace=np.exp(differ * generator.normal(-0.06, 0.35, count)),
        load=np.exp(differ * generator.normal(0.0, 0.28, count)),
        hired=_draw_hires(generator, count, days, differ),
        loose=generator.uniform(0.002, 0.012, count),
        talk_share=np.clip(generator.normal(0.56, 0.05 * differ, count), 0.4, 0.72),
        rest=generator.integers(0, 2, count),
    )
    # 154 is no assigned mobile prefix in China: no line can be reached under these numbers.
    lines = np.array([f"1540000{number:04d}" for number in range(8)])
    return Company(scale, CHANNELS[: scale.channels], CAMPAIGNS, people, lines)


def _draw_hires(
    generator: np.random.Generator, count: int, days: int, differ: float
) -> NDArray[np.int64]:
    """Return the first day of each: most were here long before, a few join as it goes on."""
    hired = -np.rint(60 + generator.exponential(420.0, count)).astype(np.int64)
    joins = generator.random(count) < 0.15 * differ
    fresh = generator.integers(-20, max(1, days // 2), count)
    return np.where(joins, fresh, hired)
