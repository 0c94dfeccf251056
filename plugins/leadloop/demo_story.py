"""The demo's last screen: the alert it raised, with cause, money, the proposal and the mail."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from leadloop.settings import Settings

Names = dict[str, dict[str, dict[str, str]]]
SHOWN = 2


def describe_story(settings: Settings) -> list[str]:
    """Return the gravest open alerts as lines: what was seen, why, what it costs, what is proposed.

    Every number comes from the ledger, where the day's cycle wrote it.
    """
    from rich.markup import escape

    from leadloop.labels import load_names
    from leadloop.ledger_view import read_actions, read_alerts

    names, actions = load_names(settings), read_actions(settings)
    alerts = read_alerts(settings)
    lines = [] if alerts else ["  没有预警 · no alert"]
    for alert in alerts[:SHOWN]:
        lines.append(
            f"  [bold]{escape(describe_alert(alert, names, settings.company.currency))}[/]"
        )
        lines += [f"     {escape(describe_cause(cause, names))}" for cause in alert["causes"][:1]]
        mine = [action for action in actions if action["alert_id"] == alert["alert_id"]]
        # A trouble that lasts is answered by a plan for each day; the newest is what to decide.
        newest = sorted(mine, key=lambda action: str(action["proposed_at"]))[-1:]
        lines += [f"     {escape(describe_action(action))}" for action in newest]
    told = [alert["alert_id"] for alert in alerts[:SHOWN]]
    lines += [f"  邮件 · mail    {escape(str(path))}" for path in find_mails(settings, told)]
    return lines


def describe_alert(alert: Mapping[str, Any], names: Names, currency: str) -> str:
    """Return one line: the metric, where, seen against expected, and the estimated money."""
    money = "" if alert["money"] is None else f", {alert['money']:,.0f} {currency} (估计 estimated)"
    what = f"预警 · alert   {alert['label']['zh']} {alert['label']['en'].lower()}"
    where = describe_place(alert["dimensions"], names)
    if alert["value"] is None:
        return f"{what} 没有数据 · no data since {alert['period']}: {where}"
    between = "" if alert["low"] is None else f"{alert['low']:.1%}-{alert['high']:.1%}, "
    return (
        f"{what} {alert['value']:.1%} ({between}n {alert['n']:,.0f}), "
        f"通常 usually {alert['expected'] or alert['threshold']:.1%}: {where}{money}"
    )


def describe_cause(cause: Mapping[str, Any], names: Names) -> str:
    """Return one line: where the change sits and how much of it."""
    before, after = cause["before"], cause["after"]
    moved = f": {before['value']:.1%} -> {after['value']:.1%}" if before and after else ""
    share = "" if cause["share"] is None else f" ({cause['share']:.0%} of the change)"
    return f"原因 · cause   {describe_place(cause['place'], names)}{moved}{share}"


def describe_action(action: Mapping[str, Any]) -> str:
    """Return one line: what is proposed, what the compliance gate said, how to decide."""
    label = action["label"] or {"zh": "", "en": action["type"]}
    allowed, total = (action["gate"].get(name) for name in ("allowed", "total"))
    gate = f", {allowed} of {total} allowed" if total else ""
    decide = f": leadloop actions approve {action['action_id'][:10]}" if action["is_open"] else ""
    return f"建议 · proposal {label['zh']} {label['en'].lower()} ({action['state']}{gate}){decide}"


def describe_place(place: Mapping[str, Any], names: Names) -> str:
    """Return a place such as `抖音短视频 × 抖音再触达 (channel=short_video, campaign=...)`.

    >>> describe_place({"agent": "A007"}, {})
    'A007 (agent=A007)'
    """
    labels = [
        names.get(key, {}).get(str(code), {}).get("zh", str(code)) for key, code in place.items()
    ]
    codes = ", ".join(f"{key}={code}" for key, code in place.items())
    return f"{' × '.join(labels)} ({codes})"


def find_mails(settings: Settings, alert_ids: Sequence[str]) -> list[Path]:
    """Return the files of the mails that told these alerts, alone or in a digest."""
    import sqlalchemy as sa

    from leadloop import opstore
    from leadloop.actions.outbox import DIGEST
    from leadloop.ledger import outbox

    told = sa.select(outbox).where(outbox.c.alert_id.in_(alert_ids), outbox.c.state == "sent")
    names = {
        answer.removeprefix(DIGEST) if answer.startswith(DIGEST) else row["message_id"]
        for row in opstore.read(settings, told)
        for answer in [row["last_answer"] or ""]
    }
    files = (settings.home.out / "mail").rglob("*.eml")
    return sorted(path for path in files if path.stem in names)
