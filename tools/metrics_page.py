"""The pages docs/metrics.md and docs/metrics.zh.md, read from the models.

The first has words, metrics, marts, outcomes and oddities; the second the metrics in Chinese.
"""

from __future__ import annotations

import csv
from typing import Any

import yaml

from leadloop.metric_entries import FIELDS, MATURITY, OWNERS, WINDOWS, complete
from leadloop.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
INTRODUCTION = """\
# Metrics and marts

{made}

What the numbers mean is written once, in `dbt_project/`; report, board and BI tools ask for it by
name. A metric whose source cannot tell is *not available*, never 0: its flag is null in
`fct_dials`, a count over nothing but nulls is null, and a rate divides by what can be told.

## Words

| word | 中文 | meaning |
|---|---|---|
| dial | 外呼 | an attempt to reach somebody; the door's `call` row is a dial from staging on |
| connect | 接通 | a dial that a person answered; voicemail answers the line, not the question |
| contact | 有效沟通 | an agent and a person talked, whoever called |
| short talk | 短通话 | talk strictly under `short_talk_seconds`; a flag, never dropped |
| handling | 处理 | talk, hold and after-call work of a handled call |
| offered, served | 呼入、已服务 | an inbound call that asked for service; one that got it |
| won | 成交 | a deal was made on the call |
| alert | 告警 | a metric broke a rule in one place; its cause says where it comes from |
| action | 动作 | what is proposed against an alert, allowed or not, and carried out |
| effect | 成效 | what an action brought, against what was held out |
| sale | 成交订单 | an order that was paid; every order of a source that tells of no payment |
| due cohort | 到期批次 | terms of subscriptions by the day on which they are to be renewed |
| mature | 已成熟 | had all the time that its question gives: a grace, thirty days, ninety days |
| push call | 纯推销 | an answered outbound call without a ticket in the thirty days before |

| at the door | in the models | why |
|---|---|---|
| `call` | dial | most attempts never become a call |
| `talk_s` | `recorded_talk_seconds`, `talk_seconds` | talk counts only where a call was handled |
| `hold_s`, `acw_s` | `hold_seconds`, `after_call_seconds` | units in full |
| `ivr_s`, `queue_s`, `ring_s` | `ivr_seconds`, `queue_seconds`, `ring_seconds` | units in full |
| `ring_at` | `rang_at` | times are verbs |
| `event_date`, `event_month` | `dial_date`, `dial_month` | local day and month of the dial |
| `amount` | `order_amount`, `paid_amount`, `cost_amount` | an amount says of what |
| `mrr` | `monthly_amount` | units in full |
| `due_on`, `renewed_on` | `due_date`, `renewed_date` | local days |
| `score`, `scale_max` | `given_points`, `most_points` | a score is between 0 and 1 here |

## Metrics

A share is k of n, a mean is a sum over n; both are asked for by their parts, so that every value
comes with its interval. The parts of `<metric>` are the metrics `<metric>_numerator`,
`<metric>_denominator` and, for a mean, `<metric>_square` (sum of squares). A ratio is one sum by
another (revenue by cost): it has a value and no interval, as its base is no sample. A metric with
`variant_of` is the same quantity from a mart that has other dimensions: `agent_connect_rate` is
`connect_rate` by agent. `leadloop explain METRIC` shows a definition with its SQL, its number and
the rows behind it.
"""

INTRODUCTION_ZH = """\
# 指标目录

{made}

指标只在 `dbt_project/` 定义一次；报告、看板、规则和 BI 都按名称取数。
来源无法判断时显示“不可用”，绝不以 0 代替。
比率和均值都附样本量与 95% 置信区间；分母不足 30 时标为“样本太少”。
英文版、字段写法和数据表见 [metrics.md](metrics.md)，
口径取舍见 [metric-decisions.md](metric-decisions.md)，
`leadloop explain 指标名` 可看 SQL 和明细行。
"""
TITLES_EN = {
    "label": "also by other dimensions: ",
    "description": "",
    "formula": "formula: ",
    "unit": "unit: ",
    "grain": "grain: ",
    "window": "window: ",
    "maturity": "stands: ",
    "null_meaning": "not available: ",
    "up_is_good": "direction: ",
    "owner": "owner: ",
    "caveats": "caveats: ",
    "capability": "serves: ",
    "standard": "standard: ",
}
TITLES_ZH = {
    "label": "其他维度的同一指标：",
    "description": "",
    "formula": "公式：",
    "unit": "单位：",
    "grain": "粒度：",
    "window": "时间口径：",
    "maturity": "何时算数：",
    "null_meaning": "不可用的含义：",
    "up_is_good": "方向：",
    "owner": "负责人：",
    "caveats": "注意：",
    "capability": "对应能力：",
    "standard": "标准来源：",
}
GOOD = {
    True: ("up is good", "越高越好"),
    False: ("down is good", "越低越好"),
    "neutral": ("neither", "不分好坏"),
}


def render_metrics(made: str) -> str:
    """Return the page; `made` is the line that says that it is generated."""
    lines = [INTRODUCTION.format(made=made), *_metric_rows(), "", "## Definitions", ""]
    lines += [*_definition_rows(TITLES_EN, ""), *_entry_rows()]
    lines += ["", "## Dimensions", ""]
    lines += [*_dimension_rows(), "", "## Marts", ""]
    for model in _models():
        lines += [f"### {model['name']}", "", model["description"], "", *_column_rows(model), ""]
    lines += ["## Outcomes", "", *_seed_rows("call_outcomes"), "", "## Oddities of rows", ""]
    lines += [
        "Counted in `rpt_row_anomalies` by date and source; dropped rows never reach `fct_dials`.",
        "",
        *_seed_rows("row_anomalies"),
    ]
    return "\n".join(lines) + "\n"


def render_metrics_zh(made: str) -> str:
    """Return the page of the metrics in Chinese."""
    lines = [INTRODUCTION_ZH.format(made=made), *_definition_rows(TITLES_ZH, "_zh")]
    return "\n".join(lines)


def _definition_rows(titles: dict[str, str], ending: str) -> list[str]:
    """Return a section for each metric that is no variant, in one language."""
    entries = _entries()
    lines = []
    for name, entry in entries.items():
        if "variant_of" in entry:
            continue
        said = {field: entry.get(f"{field}{ending}", entry.get(field)) for field in titles}
        said["capability"] = ", ".join(entry["capability"])
        said["up_is_good"] = GOOD[entry["up_is_good"]][ending == "_zh"]
        others = [f"`{key}`" for key, other in entries.items() if other.get("variant_of") == name]
        lines += [f"### `{name}` {said.pop('label')}", "", str(said.pop("description")), ""]
        lines += [f"- {titles[field]}{text}" for field, text in said.items() if text is not None]
        lines += [f"- {titles['label']}{', '.join(others)}"] if others else []
        lines.append("")
    return lines


def _entries() -> dict[str, dict[str, Any]]:
    metrics = {metric["name"]: metric for metric in _load("semantic", "metrics")}
    measures = {
        measure["name"]: measure["description"]
        for model in _load("semantic", "semantic_models")
        for measure in model["measures"]
    }
    return {
        name: complete(name, metrics, measures)
        for name, metric in metrics.items()
        if metric["config"]["meta"]["kind"] != "part"
    }


def _metric_rows() -> list[str]:
    rows = [
        "| metric | 中文 | kind | unit | numerator / denominator | what |",
        "|---|---|---|---|---|---|",
    ]
    metrics = {metric["name"]: metric for metric in _load("semantic", "metrics")}
    for name, metric in metrics.items():
        meta = metric["config"]["meta"]
        if meta["kind"] == "part":
            continue
        parts = [metrics[meta[part]] for part in ("numerator", "denominator") if part in meta]
        counts = " / ".join(part["type_params"]["measure"] for part in parts or [metric])
        rows.append(
            f"| `{name}` | {meta['label_zh']} | {meta['kind']} | {meta['unit']} | {counts} "
            f"| {metric['description']} |"
        )
    return rows


def _entry_rows() -> list[str]:
    """Return what the entry of a metric holds, for those who write one."""
    lines = [
        "## The entry of a metric",
        "",
        "A metric says these in `config.meta` of its YAML (label and description: in the metric",
        "itself). Those with a star follow from the kind, the parts or the metric that it is a",
        "`variant_of`, and need not be written; a test names what is missing. Beside them stand",
        "`kind` (count, share, mean or ratio), `needs` (columns of the contract without which it",
        "is *not available*) and `rows`: where the rows behind it are. Of `model`, whose rows have",
        "the `key`, those of `base` are in the denominator and those of `hit` in the numerator;",
        "where sums are divided, `amount` adds up to the numerator and `of` to the denominator.",
        "",
        "| field | what |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {text} |" for name, text in FIELDS.items()]
    words = {"OWNERS": OWNERS, "WINDOWS": WINDOWS, "MATURITY": MATURITY}
    for title, known in words.items():
        said = ", ".join(f"`{word}` {chinese}" for word, chinese in known.items())
        lines += ["", f"{title} (`plugins/leadloop/metric_entries.py`): {said}."]
    return lines


def _dimension_rows() -> list[str]:
    rows = ["| semantic model | mart | dimensions |", "|---|---|---|"]
    for model in _load("semantic", "semantic_models"):
        names = ", ".join(f"`{item['name']}`" for item in model["dimensions"])
        mart = model["model"].removeprefix("ref('").removesuffix("')")
        rows.append(f"| `{model['name']}` | `{mart}` | {names} |")
    return rows


def _models() -> list[dict[str, Any]]:
    return sorted(_load("marts", "models"), key=lambda model: str(model["name"]))


def _column_rows(model: dict[str, Any]) -> list[str]:
    rows = ["| column | type | what |", "|---|---|---|"]
    for column in model["columns"]:
        kind = column["data_type"].replace("timestamp with time zone", "timestamptz")
        rows.append(f"| `{column['name']}` | {kind} | {column['description']} |")
    return rows


def _seed_rows(name: str) -> list[str]:
    with (PROJECT / "seeds" / f"{name}.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    flags = [column for column in table[0] if column.startswith("is_")]
    key = next(iter(table[0]))
    rows = [f"| {key} | 中文 | English | is |", "|---|---|---|---|"]
    for row in table:
        true = [flag.removeprefix("is_").replace("_", " ") for flag in flags if row[flag] == "true"]
        said = ", ".join(true) if any(row[flag] for flag in flags) else "not known"
        rows.append(f"| `{row[key]}` | {row['label_zh']} | {row['label_en']} | {said or '-'} |")
    return rows


def _load(folder: str, kind: str) -> list[dict[str, Any]]:
    """Return the entries of one kind from all YAML files of a folder of models."""
    found: list[dict[str, Any]] = []
    for path in sorted((PROJECT / "models" / folder).rglob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        found += content.get(kind) or []
    return found
