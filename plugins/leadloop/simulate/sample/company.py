"""Who the made company is: channels, campaigns, agents, hours, and the rates behind them.

Everything here is made up. The curves are fitted on public sets: the connect rate by hour on a
published outbound chart (mean .36), the length of talks on bank telemarketing (lognormal, by
outcome), the decline of sales with the attempt number (about x .88 a try) on the same set.
`dials.py` plays a day of this company; nothing here knows how its dialler writes files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from leadloop.simulate.curves import to_logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Local hours in which it dials, the share of the day's dials and the connect rate of each.
HOURS = np.array([9, 10, 11, 14, 15, 16, 17, 18, 19])
HOUR_SHARES = np.array([0.10, 0.14, 0.13, 0.12, 0.12, 0.12, 0.11, 0.08, 0.08])
HOUR_CONNECT = np.array([0.346, 0.372, 0.407, 0.380, 0.393, 0.351, 0.358, 0.302, 0.398])
# Volume and shift of the connect rate (in logits) from Monday to Sunday.
WEEKDAY_VOLUME = np.array([1.04, 1.06, 1.05, 1.04, 1.01, 0.55, 0.05])
WEEKDAY_CONNECT = np.array([-0.04, 0.02, 0.03, 0.04, -0.02, -0.12, -0.20])
CONNECT_MEAN = 0.34
HOUR_AMPLITUDE = 1.3
ATTEMPT_CONNECT = -0.06
ATTEMPT_WIN = -0.128  # log(.88): each further try sells a little less.


@dataclass(frozen=True, slots=True)
class Channel:
    """Where leads come from; `connect` shifts the connect rate in logits."""

    channel_id: str
    name: str
    share: float
    connect: float
    win_rate: float
    invalid: float


@dataclass(frozen=True, slots=True)
class Campaign:
    """What is sold; `win` shifts the chance of a deal in logits."""

    campaign_id: str
    name: str
    share: float
    connect: float
    win: float


@dataclass(frozen=True, slots=True)
class Agents:
    """The people who dial: their skill (logits), pace of talk and of after-call work (factors)."""

    agent_id: NDArray[np.str_]
    queue: NDArray[np.str_]
    skill: NDArray[np.float64]
    talk_pace: NDArray[np.float64]
    wrapup_pace: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class MadeCompany:
    """One world: the same seed gives the same company."""

    channels: tuple[Channel, ...]
    campaigns: tuple[Campaign, ...]
    agents: Agents
    call_numbers: NDArray[np.str_]


CHANNELS = (
    Channel("referral", "老客户转介绍", 0.10, 0.42, 0.150, 0.004),
    Channel("web_form", "官网留资", 0.15, 0.22, 0.105, 0.010),
    Channel("short_video", "抖音短视频", 0.34, 0.00, 0.052, 0.022),
    Channel("cold_list", "陌生名单", 0.41, -0.20, 0.026, 0.055),
    # Existing customers; how each is reached is the customer's own (see customers.py).
    Channel("customer_base", "老客户", 0.0, 0.0, 0.055, 0.0),
)
CAMPAIGNS = (
    Campaign("spring_offer", "春季新客", 0.55, -0.03, 0.00),
    Campaign("trial_upgrade", "试用转正", 0.25, 0.10, 0.20),
    Campaign("dormant_recall", "沉睡唤醒", 0.20, -0.06, -0.20),
    # Works through a list of half the short-video leads, in the afternoon alone.
    Campaign("spring_retarget", "抖音再触达", 0.0, 0.0, 0.0),
    Campaign("customer_care", "老客户关怀", 0.0, 0.0, 0.0),
)
SHORT_VIDEO, CUSTOMER_BASE = 2, 4
RETARGET, CARE = 3, 4
RETARGET_SHARE = 0.55
AFTERNOON = 14
# The agent who says forbidden words where that trouble is planted.
LOOSE_TONGUE = 6
QUEUES = ("team_north", "team_south")


def build_company(generator: np.random.Generator, agents: int) -> MadeCompany:
    """Return a company with people drawn at random.

    Handling time differs between agents with a coefficient of variation of about .3, as in a
    real service desk; of that a part is talk and a part after-call work.
    """
    numbers = np.arange(1, agents + 1)
    people = Agents(
        agent_id=np.char.add("A", np.char.mod("%03d", numbers)),
        queue=np.asarray(QUEUES)[numbers % len(QUEUES)],
        skill=generator.normal(0.0, 0.30, agents),
        talk_pace=generator.lognormal(-0.02, 0.20, agents),
        wrapup_pace=generator.lognormal(-0.06, 0.35, agents),
    )
    # 154 is no assigned mobile prefix in China: no line can be reached under these numbers.
    lines = np.array([f"1540000{number:04d}" for number in range(8)])
    return MadeCompany(CHANNELS, CAMPAIGNS, people, lines)


def hour_logits() -> NDArray[np.float64]:
    """Return the logit of the connect rate for each of HOURS, about CONNECT_MEAN."""
    mean = float(np.average(HOUR_CONNECT, weights=HOUR_SHARES))
    return to_logit(CONNECT_MEAN + (HOUR_CONNECT - mean) * HOUR_AMPLITUDE)
