"""A few findings in words, each with its numbers, or the honest word that nothing stands out.

Every finding is the most striking of several comparisons, so its interval is widened for all of
them. Numbers come from `metrics`; words in Chinese and English. Used by the demo.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from leadloop.intervals import mean_change_interval, share_change_interval, widen_for_choices

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadloop.metric_values import MetricValue
    from leadloop.metrics import Metrics

AFTERNOON = 14
CHANGED_DAYS = 2
EARNEST_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence in both languages; `stands_out` is false where the data show nothing sure."""

    zh: str
    en: str
    stands_out: bool


@dataclass(frozen=True, slots=True)
class Window:
    """The days looked at, both included, and what people call the codes in them."""

    first: str
    last: str
    names: Mapping[str, Mapping[str, Mapping[str, str]]]

    def name(self, dimension: str, code: object, language: str) -> str:
        """Return what people call a code."""
        known = self.names.get(dimension, {}).get(str(code))
        return known[language] if known else str(code)


def find_all(metrics: Metrics, window: Window) -> list[Finding]:
    """Return the findings on a window, in the order in which somebody should act on them."""
    return [
        find_falling_channel(metrics, window),
        find_hours(metrics, window),
        find_weakest_channel(metrics, window),
        find_slowest_agent(metrics, window),
    ]


def find_falling_channel(metrics: Metrics, window: Window) -> Finding:
    """Return the channel whose afternoons of the last two days connect less than a week before."""
    last = date.fromisoformat(window.last)
    now = _afternoons(metrics, last)
    before = _afternoons(metrics, last - timedelta(days=7))
    z = widen_for_choices(len(now))
    fallen = {
        code: share_change_interval(_parts(now[code]), _parts(before[code]), z=z)[1]
        for code in now.keys() & before.keys()
    }
    fallen = {code: high for code, high in fallen.items() if high < 0}
    if not fallen:
        return Finding(
            "最近两天下午，没有渠道的接通率比上周同日可靠地下降。",
            "No channel's connect rate fell credibly in the afternoons of the last two days.",
            stands_out=False,
        )
    code = min(fallen, key=lambda code: (fallen[code], code))
    alone = len(fallen) == 1
    return Finding(
        f"最近两天 14 点后，渠道“{window.name('channel', code, 'zh')}”的接通率只有 "
        f"{_share(now[code], 'zh')}，上周同日为 {_share(before[code], 'zh')}；"
        + ("其他渠道没有可靠的下降，" if alone else f"另有 {len(fallen) - 1} 个渠道下降，")
        + "先查号码标记和线路。",
        f"After 14:00 on the last two days, channel {window.name('channel', code, 'en')} connects "
        f"{_share(now[code], 'en')}; a week before it was {_share(before[code], 'en')}. "
        + ("No other channel fell credibly. " if alone else f"{len(fallen) - 1} more fell. ")
        + "Check number flags and lines first.",
        stands_out=True,
    )


def find_hours(metrics: Metrics, window: Window) -> Finding:
    """Return the best and the worst of the hours that are dialled in earnest."""
    values = metrics.query(["connect_rate"], by=["dial_hour"], start=window.first, end=window.last)
    # The few dials that slip past the end of a shift are no hour that anybody could plan with.
    least = EARNEST_SHARE * sum(v.n or 0 for v in values)
    known = sorted((v for v in values if (v.n or 0) >= least), key=lambda v: v.value or 0.0)
    choices = len(known) * (len(known) - 1) // 2
    if len(known) > 1 and all(v.state == "ok" for v in known):
        worst, best = known[0], known[-1]
        z = widen_for_choices(choices)
        low, high = share_change_interval(_parts(best), _parts(worst), z=z)
        if low > 0:
            hours = (best.dimensions["dial_hour"], worst.dimensions["dial_hour"])
            return Finding(
                f"{hours[0]} 点最好打：接通率 {_share(best, 'zh')}；{hours[1]} 点最差："
                f"{_share(worst, 'zh')}，相差 {low:.1%} 到 {high:.1%}。",
                f"{hours[0]}:00 is the best hour to dial, {_share(best, 'en')} connect; "
                f"{hours[1]}:00 the worst, {_share(worst, 'en')}: {low:.1%} to {high:.1%} apart.",
                stands_out=True,
            )
    return Finding(
        "各时段的接通率没有可靠差异。", "No hour connects credibly better than another.", False
    )


def find_weakest_channel(metrics: Metrics, window: Window) -> Finding:
    """Return the channel that converts less than every other one."""
    values = metrics.query(["conversion_rate"], by=["channel"], start=window.first, end=window.last)
    known = sorted((v for v in values if v.state == "ok"), key=lambda v: v.value or 0.0)
    if len(known) > 1:
        lowest, next_one = known[0], known[1]
        z = widen_for_choices(len(known) * (len(known) - 1) // 2)
        low, _ = share_change_interval(_parts(next_one), _parts(lowest), z=z)
        if low > 0:
            code = lowest.dimensions["channel"]
            return Finding(
                f"成交率最低的渠道是“{window.name('channel', code, 'zh')}”："
                f"每通接通 {_share(lowest, 'zh')}，低于其他所有渠道。",
                f"Channel {window.name('channel', code, 'en')} converts least: "
                f"{_share(lowest, 'en')} of calls, below every other channel.",
                stands_out=True,
            )
    return Finding(
        "没有渠道的成交率可靠地低于其他所有渠道。",
        "No channel converts credibly less than all others.",
        False,
    )


def find_slowest_agent(metrics: Metrics, window: Window) -> Finding:
    """Return the agent whose calls take credibly longer than the company's mean."""
    first, last = window.first, window.last
    overall = metrics.query(["handling_time"], start=first, end=last)[0]
    values = metrics.query(["handling_time"], by=["agent"], start=first, end=last)
    known = [v for v in values if v.low is not None]
    if known and overall.low is not None:
        slowest = max(known, key=lambda v: v.value or 0.0)
        z = widen_for_choices(len(known))
        low, high = mean_change_interval(_edges(slowest), _edges(overall), z=z)
        if low > 0:
            agent = slowest.dimensions["agent"]
            return Finding(
                f"坐席 {agent} 平均处理 {_mean(slowest, 'zh')}，比全员均值 {overall.value:.0f} 秒"
                f"多 {low:.0f} 到 {high:.0f} 秒；先看录音，再下结论。",
                f"Agent {agent} takes {_mean(slowest, 'en')} a call, {low:.0f} to {high:.0f} s "
                f"more than the mean of all, {overall.value:.0f} s. Listen before judging.",
                stands_out=True,
            )
    return Finding(
        "没有坐席的处理时长可靠地长于平均。", "No agent's handling time stands out.", False
    )


def _afternoons(metrics: Metrics, last: date) -> dict[str, MetricValue]:
    first = last - timedelta(days=CHANGED_DAYS - 1)
    values = metrics.query(
        ["connect_rate"],
        by=["channel"],
        start=first.isoformat(),
        end=last.isoformat(),
        where={"dial_hour": {">=": AFTERNOON}},
    )
    return {str(v.dimensions["channel"]): v for v in values if v.state == "ok"}


def _parts(value: MetricValue) -> tuple[float, float]:
    return value.k or 0.0, float(value.n or 0)


def _edges(value: MetricValue) -> tuple[float, float, float]:
    return value.value or 0.0, value.low or 0.0, value.high or 0.0


def _share(value: MetricValue, language: str) -> str:
    low, high = value.low or 0.0, value.high or 0.0
    if language == "zh":
        return f"{value.value:.1%}（{low:.1%}–{high:.1%}，样本 {value.n:,}）"
    return f"{value.value:.1%} ({low:.1%}-{high:.1%}, n = {value.n:,})"


def _mean(value: MetricValue, language: str) -> str:
    low, high = value.low or 0.0, value.high or 0.0
    if language == "zh":
        return f"{value.value:.0f} 秒（{low:.0f}–{high:.0f}，样本 {value.n:,}）"
    return f"{value.value:.0f} s ({low:.0f}-{high:.0f}, n = {value.n:,})"
