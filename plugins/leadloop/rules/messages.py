"""What people are told of an alert, in Chinese and English, and when it may reach them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from leadloop.errors import UsageError
from leadloop.settings import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from leadloop.rules.schema import Rule
    from leadloop.settings import Settings

Names = dict[str, dict[str, dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Words:
    """What people call codes, and the languages they read, first one first."""

    names: Names
    languages: tuple[str, ...] = ("zh", "en")


def make_messages(
    rule: Rule,
    alert: Mapping[str, Any],
    words: Words,
    moment: tuple[datetime, datetime | None],
) -> list[dict[str, Any]]:
    """Return an outbox row for each connection; `moment` is now and the end of quiet hours."""
    now, held_until = moment
    subjects = [subject(rule, alert, words.names, language) for language in words.languages]
    texts = [text(rule, alert, words.names, language) for language in words.languages]
    rows = []
    for connection in dict.fromkeys(name for step in rule.do for name in step.notify or ()):
        key = f"alert/{alert['alert_id']}/{connection}"
        data = {
            "kind": "alert",
            "alert_id": alert["alert_id"],
            "rule_id": rule.id,
            "severity": rule.severity,
            # Messages that wait for the same moment go out as one digest.
            "digest": f"{connection}/{held_until.isoformat()}" if held_until else None,
        }
        body = {
            "subject": " · ".join(subjects),
            "text": "\n\n".join([*texts, rule.why]),
            "name": f"alert_{rule.id}",
            "data": data,
        }
        rows.append(
            {
                "message_id": hashlib.sha256(key.encode()).hexdigest()[:32],
                "action_id": None,
                "alert_id": alert["alert_id"],
                "channel": connection.split(".", 1)[0],
                "target": connection,
                "dedupe_key": key,
                "body": body,
                "state": "queued",
                "attempts": 0,
                "next_attempt_at": held_until or now,
                "last_answer": None,
                "created_at": now,
                "sent_at": None,
            }
        )
    return rows


def subject(rule: Rule, alert: Mapping[str, Any], names: Names, language: str) -> str:
    """Return the line that people read first: what, and where."""
    title = rule.title.zh if language == "zh" else rule.title.en
    place = describe_place(alert["dimensions"], names, language)
    between = "：" if language == "zh" else ": "
    return f"{title}{between}{place}" if place else title


def text(rule: Rule, alert: Mapping[str, Any], names: Names, language: str) -> str:
    """Return what was seen, what is usual, the first cause and the money."""
    is_zh = language == "zh"
    lines = [subject(rule, alert, names, language)]
    if alert["value"] is None:
        lines.append("没有收到数据。" if is_zh else "No data came.")
    else:
        seen, usual = _number(alert["value"], alert), _number(alert["expected"], alert)
        sample = f"{alert['k']}/{alert['n']}"
        lines.append(
            f"现在 {seen}（{sample}），通常 {usual}；最近窗口 {alert['period']}。"
            if is_zh
            else f"Now {seen} ({sample}), usually {usual}; latest window {alert['period']}."
        )
    for cause in alert["cause"][:1]:
        place = describe_place(cause["place"], names, language) or (
            "全部" if is_zh else "everywhere"
        )
        lines.append(
            f"主要原因在 {place}，占变化的 {cause['share']:.0%}。"
            if is_zh
            else f"The change sits in {place}: {cause['share']:.0%} of it."
        )
    if alert["money"]:
        lines.append(
            f"估计损失 {alert['money']:,.0f} {alert['currency']}（按公司设定的单价估算）。"
            if is_zh
            else f"Estimated loss {alert['money']:,.0f} {alert['currency']} "
            "(at the company's own value of one)."
        )
    return "\n".join(lines)


def describe_place(dimensions: Mapping[str, Any], names: Names, language: str) -> str:
    """Return what people call a place, such as 抖音短视频 · 抖音再触达."""
    return " · ".join(
        names.get(name, {}).get(str(value), {}).get(language, str(value))
        for name, value in dimensions.items()
    )


def load_words(settings: Settings) -> Words:
    """Return the labels of codes and the company's language first; none where there are none."""
    path = settings.config_file("labels.yml")
    languages = ("en", "zh") if settings.company.language == "en" else ("zh", "en")
    try:
        return Words(read_yaml(path), languages)
    except UsageError:
        return Words({}, languages)


def find_quiet_end(rule: Rule, settings: Settings, now: datetime) -> datetime | None:
    """Return when the rule's quiet hours end if the moment lies in them, else None."""
    if rule.quiet_minutes is None:
        return None
    first, last = rule.quiet_minutes
    local = now.astimezone(settings.company.zone)
    minute = local.hour * 60 + local.minute
    is_quiet = first <= minute < last if first <= last else minute >= first or minute < last
    if not is_quiet:
        return None
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    day = midnight if minute < last else midnight + timedelta(days=1)
    # Wall time first, zone last: a night in which clocks change still ends at its own hour.
    return day.replace(hour=last // 60, minute=last % 60).astimezone(UTC)


def _number(value: float | None, alert: Mapping[str, Any]) -> str:
    if value is None:
        return "-"
    return f"{value:.1%}" if alert["unit"] == "share" else f"{value:,.1f}"
