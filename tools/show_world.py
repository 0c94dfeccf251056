#!/usr/bin/env python3
"""Print calls of a made world in Chinese, as they were said, and tables of its raw exports.

What a call was is taken from truth/, what was said from the transcripts that the pipeline reads.
"""

from __future__ import annotations

import argparse
import json
import random
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb

KINDS = {"sales": "外呼", "care": "客户回访", "service": "售后来电"}
ENDS = {
    "won": "成交", "interested": "有意向", "refused": "拒绝", "dnc": "要求不再来电",
    "callback": "约回电", "wrong": "打错", "other": "其他",
    "solved": "已解决", "unsolved": "未解决",
}  # fmt: skip
SHORTEST, LONGEST = 5, 18
CALLS = """
    select call_id, started_at, turns, speakers
    from read_json('{world}/inbox/transcripts/*.jsonl',
        columns = {{'call_id': 'varchar', 'started_at': 'varchar', 'turns': 'json'}})
    join (
        select call_id, list(speaker order by seq) as speakers
        from read_parquet('{world}/truth/turns.parquet') group by all
    ) using (call_id)
"""
ROLES = {"agent": "坐席", "customer": "客户"}
CONNECTED = "(status like 'ANSWERED%' or status = '成交')"
DIALS = """
    create view dials as
    select * from read_csv('{world}/inbox/dialler/*.csv', all_varchar = true, union_by_name = true,
        ignore_errors = true)
    where parent_call_id is null and status is not null and lead_id is not null
    qualify row_number() over (partition by call_id order by export_time desc) = 1
"""
TABLES = {
    "渠道": """
        select channel_id as 渠道, count(*) as 外呼, count(*) filter ({connected}) as 接通,
            round(100.0 * count(*) filter ({connected}) / count(*), 1) as "接通率%",
            count(distinct lead_id) as 线索,
            count(distinct lead_id) filter (status in ('ANSWERED_WON', '成交')) as 成交,
            round(100.0 * 成交 / 线索, 2) as "成交率%"
        from dials group by all order by 外呼 desc""",
    "坐席": """
        select agent_id as 坐席, count(*) as 外呼, count(*) filter ({connected}) as 接通,
            count(*) filter (status in ('ANSWERED_WON', '成交')) as 成交,
            round(avg(bill_seconds::int) filter ({connected})) as 平均通话秒,
            round(avg(wrapup_seconds::int) filter ({connected})) as 平均整理秒
        from dials where agent_id is not null group by all order by 成交 desc limit 10""",
    "外呼结果": """
        select status as 状态, count(*) as 次数, round(100.0 * count(*) / sum(count(*)) over (), 2)
            as "占比%"
        from dials group by all order by 次数 desc""",
    "漏斗": """
        select 变更后阶段 as 阶段, count(distinct 对象编号) as 线索
        from read_csv('{world}/inbox/crm/stages_*.csv', all_varchar = true)
        group by all order by 线索 desc""",
    "订单": """
        select left(placed_time, 7) as 月份, count(distinct order_id) as 订单,
            round(median(amount::double), 0) as 金额中位, round(sum(amount::double)) as 金额,
            count(*) filter (is_repeat = 'true') as 复购
        from read_csv('{world}/inbox/orders/*.csv', all_varchar = true)
        group by all order by 月份""",
}  # fmt: skip


def main() -> None:
    """Print a sample of calls and the tables of a world."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("world", type=Path, help="as `leadloop simulate --out` writes it")
    asked.add_argument("--calls", type=int, default=20)
    asked.add_argument("--seed", type=int, default=7, help="which calls are taken")
    options = asked.parse_args()
    world = options.world
    if not (world / "truth").is_dir():
        asked.error(f"{world} holds no world; make one with `leadloop simulate --out {world}`.")
    connection = duckdb.connect()
    for number, call in enumerate(choose_calls(connection, options), 1):
        print("\n".join(describe_call(number, call)))
    connection.execute(DIALS.format(world=world))
    for title, sql in TABLES.items():
        found = connection.sql(sql.format(world=world, connected=CONNECTED))
        print(f"\n## {title}\n\n" + "\n".join(describe_table(found.columns, found.fetchall())))


def choose_calls(connection: Any, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Return calls of all kinds and ends in turn, those that can be read at a glance."""
    found = connection.sql(
        f"select * from ({CALLS.format(world=options.world)}) "
        f"join read_parquet('{options.world}/truth/talks.parquet') using (call_id) "
        f"where json_array_length(turns) between {SHORTEST} and {LONGEST} order by call_id"
    ).fetchdf()
    kinds: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in found.to_dict("records"):
        kinds.setdefault((row["kind"], row["end"]), []).append(row)
    draw = random.Random(options.seed)  # noqa: S311 - which calls are shown is no secret
    for rows in kinds.values():
        draw.shuffle(rows)
    turns = zip_longest(*kinds.values())
    return [row for turn in turns for row in turn if row is not None][: options.calls]


def describe_call(number: int, call: dict[str, Any]) -> list[str]:
    """Return a call as lines: what it was, then each turn with the second it began."""
    what = f"{KINDS[call['kind']]}，{ENDS[call['end']]}"
    lines = [
        f"\n### {number}. {what}（{call['agent_id']}，{call['started_at']}，{call['pool']}）\n"
    ]
    for turn, speaker in zip(json.loads(call["turns"]), call["speakers"], strict=True):
        who = ROLES[speaker]
        if turn["role"] != speaker:
            who += f"（识别成{ROLES[turn['role']]}）"
        lines.append(f"- {turn['begin_ms'] / 1000:.0f} 秒 {who}：{turn['text']}")
    return lines


def describe_table(columns: list[str], rows: list[tuple[Any, ...]]) -> list[str]:
    """Return a table in Markdown."""
    cells = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join('' if cell is None else str(cell) for cell in row)} |" for row in cells]


if __name__ == "__main__":
    main()
