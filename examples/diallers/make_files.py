"""Writes the exports of three made diallers, each in a dialect of its own, and their truth.

    python examples/diallers/make_files.py FOLDER

Nobody in them exists: numbers are counted up in the range 170 0000 xxxx. `truth.json` holds the
counts that an import of each file must give; docs/newcomer.md takes a stranger from each file to a
report.
"""

from __future__ import annotations

import csv
import json
import random
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")
DAYS = (5, 6)
CALLS_A_DAY = 150
# How a dial ends, of a hundred; what people say is told by the three dialects in their own words.
ENDS = {
    "no_answer": 38, "busy": 9, "power_off": 8, "invalid_number": 6, "suspended": 4, "machine": 5,
    "human_refused": 18, "human_interested": 6, "human_callback": 4, "human_won": 2,
}  # fmt: skip


def main() -> None:
    """Write the three files and their truth."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    for place, write in enumerate((write_yunhu, write_ringo, write_semicolon)):
        calls = make_calls(random.Random(place))  # noqa: S311
        name = write(folder, calls)
        dials = [call for call in calls if call["is_dial"]]
        answered = [call for call in dials if call["end"].startswith("human_")]
        truth[name] = {
            "rows": len(calls),
            "dials": len(dials),
            "answered": len(answered),
            "won": sum(call["end"] == "human_won" for call in answered),
            "talk_seconds": sum(call["talk"] for call in answered),
        }
    (folder / "truth.json").write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")


def make_calls(chance: random.Random) -> list[dict]:
    """Return the calls of two days: when, by whom, to whom, how long, how they ended."""
    calls = []
    for day in DAYS:
        for number in range(CALLS_A_DAY):
            start = datetime(2026, 1, day, 9, 0, tzinfo=BEIJING)
            start += timedelta(seconds=200 * number + chance.randrange(150))
            end = chance.choices(list(ENDS), list(ENDS.values()))[0]
            ring = chance.randrange(4, 31)
            answers = end.startswith("human_") or end == "machine"
            talk = chance.randrange(12, 400) if answers else 0
            calls.append(
                {
                    "id": f"{day:02}{number:04}", "start": start, "ring": ring, "talk": talk,
                    "answer": start + timedelta(seconds=ring) if answers else None,
                    "hangup": start + timedelta(seconds=ring + talk),
                    "agent": 8001 + chance.randrange(6), "end": end, "is_dial": True,
                    "number": f"1700000{len(calls):04}",
                }
            )  # fmt: skip
    return calls


def write_yunhu(folder: Path, calls: list[dict]) -> str:
    """Chinese names, GB18030, days without leading zeros, talk as a watch shows it, inbound too."""
    words = {
        "no_answer": "无人接听", "busy": "用户忙", "power_off": "关机", "invalid_number": "空号",
        "suspended": "停机", "machine": "转语音信箱", "human_refused": "已接通-拒绝",
        "human_interested": "已接通-有意向", "human_callback": "已接通-预约回访",
        "human_won": "已接通-成交",
    }  # fmt: skip

    def show(moment: datetime | None) -> str:
        return f"{moment.year}/{moment.month}/{moment.day} {moment:%H:%M:%S}" if moment else ""

    names = [
        "通话流水号", "呼叫类型", "主叫号码", "被叫号码", "坐席工号", "所属任务", "呼叫时间",
        "接通时间", "挂断时间", "振铃时长(秒)", "通话时长", "通话结果", "挂断方",
    ]  # fmt: skip
    rows = []
    for place, call in enumerate(calls):
        call["is_dial"] = bool(place % 10)
        ours, theirs = "01080001000", call["number"]
        pair = (ours, theirs) if call["is_dial"] else (theirs, ours)
        rows.append(
            [
                "YH" + call["id"], "呼出" if call["is_dial"] else "呼入", *pair, call["agent"],
                "春季回访", show(call["start"]), show(call["answer"]), show(call["hangup"]),
                call["ring"], str(timedelta(seconds=call["talk"])), words[call["end"]],
                ("坐席", "客户")[place % 2],
            ]
        )  # fmt: skip
    return _write(folder / "yunhu.csv", names, rows, encoding="gb18030")


def write_ringo(folder: Path, calls: list[dict]) -> str:
    """English names, UTC with its mark, a duration in milliseconds that holds the ringing."""
    words = {
        "no_answer": "No answer", "busy": "Busy", "power_off": "Switched off",
        "invalid_number": "Unallocated", "suspended": "Out of service", "machine": "LVM",
        "human_refused": "Not interested", "human_interested": "Interested",
        "human_callback": "Callback", "human_won": "Sale",
    }  # fmt: skip

    def show(moment: datetime | None) -> str:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""

    names = [
        "Call UUID", "Direction", "From", "To", "Agent Email", "Campaign Name", "Started At",
        "Answered At", "Ended At", "Duration (ms)", "Disposition", "Recording URL",
    ]  # fmt: skip
    rows = [
        [
            f"9f-{call['id']}", "outgoing", "+861080001000", "+86" + call["number"],
            f"agent{call['agent']}@ringo.example", "Spring", show(call["start"]),
            show(call["answer"]), show(call["hangup"]), 1000 * (call["ring"] + call["talk"]),
            words[call["end"]], "",
        ]
        for call in calls
    ]  # fmt: skip
    return _write(folder / "ringo.csv", names, rows)


def write_semicolon(folder: Path, calls: list[dict]) -> str:
    """Semicolons, day and time in two columns, short codes, no direction, no end of the call."""
    words = {
        "no_answer": "NA", "busy": "B", "power_off": "OFF", "invalid_number": "DC",
        "suspended": "OUT OF SERVICE", "machine": "AM", "human_refused": "NI",
        "human_interested": "HOT", "human_callback": "CB", "human_won": "SALE",
    }  # fmt: skip
    names = ["ID", "Date", "Time", "Ext", "Phone", "List", "Wait Sec", "Talk Sec", "Result"]
    rows = [
        [
            call["id"], f"{call['start']:%d.%m.%Y}", f"{call['start']:%H:%M:%S}", call["agent"],
            call["number"], "L7", call["ring"], call["talk"], words[call["end"]],
        ]
        for call in calls
    ]  # fmt: skip
    return _write(folder / "semicolon.csv", names, rows, delimiter=";")


def _write(
    path: Path, names: list[str], rows: list[list], *, encoding: str = "utf-8", delimiter: str = ","
) -> str:
    with path.open("w", encoding=encoding, newline="") as handle:
        writer = csv.writer(handle, delimiter=delimiter)
        writer.writerow(names)
        writer.writerows(rows)
    return path.name


if __name__ == "__main__":
    main()
