"""What the catalogue says of a metric beside its number: words, owner, window, caveats.

The models' YAML holds what only its author knows; what follows from a metric's kind, its parts or
the metric that it is a variant of is filled in here. Neighbours: `metric_catalog` (fills what it
reads from dbt's manifest), docs/metrics.md (shows the entries and tells how to write one).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Raw = Mapping[str, Any]

# Every field of an entry and what it holds; `*` marks those that follow from the rest.
FIELDS = {
    "label": "Name in English (the metric's own `label`).",
    "label_zh": "Name in Chinese.",
    "description": "One sentence in English (the metric's own `description`).",
    "description_zh": "The same sentence in Chinese.",
    "formula": "* What over what, in words; from the descriptions of the measures.",
    "formula_zh": "The same in Chinese; of a count it is the description.",
    "numerator": "* Metric of the numerator (all but counts).",
    "denominator": "* Metric of the denominator (all but counts).",
    "unit": "share, seconds, dials, customers, CNY, ...",
    "grain": "What one row of its mart counts: hour, agent_day, month, lead, ...",
    "window": "Which events count for a date: a word of WINDOWS, or a text with `window_zh`.",
    "window_zh": "* The same in Chinese, where the word is known.",
    "owner": "Role that answers for it: a word of OWNERS, or a text with `owner_zh`.",
    "owner_zh": "* The same in Chinese, where the word is known.",
    "up_is_good": "true, false or neutral.",
    "null_meaning": "* What *not available* says.",
    "null_meaning_zh": "* The same in Chinese.",
    "maturity": "* When a number stands: a word of MATURITY, or a text with `maturity_zh`.",
    "maturity_zh": "* The same in Chinese, where the word is known.",
    "caveats": "* What one could get wrong; of the kind, where the metric has none of its own.",
    "caveats_zh": "* The same in Chinese.",
    "capability": "Capabilities that it serves, such as [C07, C35].",
    "standard": "Where the definition comes from; `house` where it is our own.",
}
OWNERS = {
    "operations_manager": "运营负责人",
    "marketing_manager": "市场负责人",
    "sales_manager": "销售负责人",
    "team_lead": "坐席组长",
    "quality_manager": "质检负责人",
    "service_manager": "客服负责人",
    "compliance_officer": "合规负责人",
    "retention_manager": "客户成功负责人",
    "product_manager": "产品负责人",
    "finance_manager": "财务负责人",
}
WINDOWS = {
    "day of the dial": "外呼或来电当日（公司时区）",
    "day of the call": "通话当日（公司时区）",
    "month of the dial": "外呼或来电当月（公司时区）",
    "day of the score": "评分当日",
    "day the lead came": "线索进入当日（公司时区）",
    "day of the order": "下单当日（公司时区）",
    "day of the event": "事件发生当日（公司时区）",
    "day the term is due": "到期当日（公司时区）",
}
AT_CLOSE = "at close"
MATURITY = {
    AT_CLOSE: "当日关账即为完整；迟到、更正或撤回的行会重述并留痕",
    "after its window": "窗口结束前的数不成熟，随后续事件变化",
}
PARTS = ("numerator", "denominator")
UP_IS_GOOD = (True, False, "neutral")
# What is the same for every metric of a kind, in English and Chinese.
_NULL = {
    "count": (
        "nothing that could be counted came, or the source cannot tell; never 0",
        "没有可计数的行，或来源无法判断；不是 0",
    ),
    "share": (
        "the base is empty, or the source cannot tell; never 0",
        "分母为空，或来源无法判断；不是 0",
    ),
    "mean": (
        "nothing with such a value came, or the source cannot tell; never 0",
        "没有带该数值的行，或来源无法判断；不是 0",
    ),
    "ratio": (
        "what it is divided by adds up to nothing, or the source cannot tell; never 0",
        "分母合计为零，或来源无法判断；不是 0",
    ),
}
_CAVEATS = {
    "count": (
        "grows with the days looked at: compare windows of equal length",
        "随天数增长：只比较等长的窗口",
    ),
    "share": (
        "with fewer than 30 in the base nobody should act on it; look at the interval",
        "分母不足 30 时不要据此行动；请看置信区间",
    ),
    "mean": (
        "a few extreme values move it; look at the interval",
        "少数极端值会拉动均值；请看置信区间",
    ),
    "ratio": (
        "of two sums: large rows weigh more, and there is no interval that shows chance",
        "两个合计之比：大的行权重更大，且没有显示偶然波动的置信区间",
    ),
}
_WORDS = {"owner": OWNERS, "window": WINDOWS, "maturity": MATURITY}
# A variant is the same quantity at another grain: these it says for itself.
_OWN = {"label", "label_zh", "description", "grain", *PARTS, "formula"}
_INHERITED = {*FIELDS, "rows"} - _OWN


def complete(name: str, metrics: Mapping[str, Raw], measures: Mapping[str, str]) -> dict[str, Any]:
    """Return the entry of a metric: all that its YAML says and what follows from it.

    `metrics` are those of the YAML by name, `measures` the descriptions of measures. A field that
    nobody gives is missing, or empty as it was written.
    """
    metric = metrics[name]
    meta = dict(metric["config"]["meta"])
    base = str(meta.get("variant_of"))
    inherited = complete(base, metrics, measures) if base in metrics else {}
    entry = {key: value for key, value in inherited.items() if key in _INHERITED}
    # What a variant inherits was given for its base; only its own words override it.
    entry |= meta | {"label": metric.get("label"), "description": metric.get("description")}
    kind = meta.get("kind")
    parts = [name] if kind == "count" else [str(meta.get(part)) for part in PARTS]
    said = [measures.get(_measure_of(metrics.get(part, {})), "") for part in parts]
    if all(said):
        entry.setdefault("formula", " / ".join(text.rstrip(".") for text in said))
    if kind == "count":
        entry.setdefault("formula_zh", str(entry.get("description_zh") or "").rstrip("。"))
    entry.setdefault("maturity", AT_CLOSE)
    for field, known in (("null_meaning", _NULL), ("caveats", _CAVEATS)):
        if kind in known and field not in entry:
            entry[field], entry[f"{field}_zh"] = known[kind]
    for field, words in _WORDS.items():
        if entry.get(field) in words:
            entry[f"{field}_zh"] = words[entry[field]]
    return entry


def list_missing(entry: Raw) -> list[str]:
    """Return the fields of an entry that somebody has to write, or that hold an unknown word."""
    is_count = entry.get("kind") == "count"
    needed = [name for name in FIELDS if not (is_count and name in PARTS)]
    missing = [name for name in needed if entry.get(name) in (None, "", [])]
    if entry.get("up_is_good") not in UP_IS_GOOD and "up_is_good" not in missing:
        missing.append("up_is_good")
    return missing


def _measure_of(metric: Raw) -> str:
    measure = (metric.get("type_params") or {}).get("measure")
    return str(measure["name"] if isinstance(measure, dict) else measure)
