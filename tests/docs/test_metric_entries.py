"""Every metric of the catalogue says all that a manager needs to read its number."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from leadloop.metric_entries import FIELDS, complete, list_missing
from leadloop.settings import PROJECT_ROOT

FOLDER = PROJECT_ROOT / "dbt_project" / "models" / "semantic"


def read_all(kind: str) -> dict[str, tuple[str, dict[str, Any]]]:
    found = {}
    for path in sorted(FOLDER.rglob("*.yml")):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8")).get(kind) or []:
            found[entry["name"]] = (str(path.relative_to(PROJECT_ROOT)), entry)
    return found


METRICS = read_all("metrics")
MEASURES = {
    measure["name"]: measure["description"]
    for _, model in read_all("semantic_models").values()
    for measure in model["measures"]
}
WHOLE = [name for name, (_, raw) in METRICS.items() if raw["config"]["meta"]["kind"] != "part"]


@pytest.mark.parametrize("name", WHOLE)
def test_a_metric_lacks_no_field_of_its_entry(name: str):
    file, _ = METRICS[name]
    entry = complete(name, {key: raw for key, (_, raw) in METRICS.items()}, MEASURES)
    said = [
        f"{file}: metric {name} lacks {field}: {FIELDS[field]}" for field in list_missing(entry)
    ]
    assert not said, "\n".join([*said, "docs/metrics.md, `The entry of a metric`, says how."])


def raw(kind: str = "share", **meta: Any) -> dict[str, Any]:
    own = {"kind": kind, "numerator": "won_part", "denominator": "all_part", **meta}
    return {"label": "Won", "description": "Won of all.", "config": {"meta": own}}


PARTS = {
    "won_part": {"type_params": {"measure": "won"}, "config": {"meta": {"kind": "part"}}},
    "all_part": {"type_params": {"measure": "all"}, "config": {"meta": {"kind": "part"}}},
}
GIVEN = {
    "label_zh": "成交",
    "description_zh": "成交占全部。",
    "formula_zh": "成交 / 全部",
    "unit": "share",
    "grain": "day",
    "window": "day of the dial",
    "owner": "sales_manager",
    "up_is_good": True,
    "capability": ["C08"],
    "standard": "house",
}


def test_what_follows_from_kind_parts_and_words_need_not_be_written():
    metrics = {"won": raw(**GIVEN), **PARTS}
    entry = complete("won", metrics, {"won": "Deals.", "all": "Calls."})
    assert list_missing(entry) == []
    assert entry["formula"] == "Deals / Calls"
    assert entry["owner_zh"] == "销售负责人"
    assert entry["maturity"] == "at close"
    assert entry["null_meaning"].endswith("never 0")


@pytest.mark.parametrize("field", sorted(GIVEN))
def test_what_only_the_author_knows_is_missed(field: str):
    given = {name: value for name, value in GIVEN.items() if name != field}
    metrics = {"won": raw(**given), **PARTS}
    expected = {field, f"{field}_zh"} & set(FIELDS)
    assert set(list_missing(complete("won", metrics, {"won": "Deals.", "all": "A."}))) == expected


def test_a_word_that_is_not_known_needs_its_chinese():
    metrics = {"won": raw(**GIVEN | {"owner": "the janitor", "up_is_good": "perhaps"}), **PARTS}
    entry = complete("won", metrics, {"won": "Deals.", "all": "Calls."})
    assert list_missing(entry) == ["owner_zh", "up_is_good"]


def test_a_variant_says_only_what_differs_from_its_base():
    own = raw(label_zh="成交（坐席）", grain="agent_day", variant_of="won", numerator="all_part")
    metrics = {"won": raw(**GIVEN), "agent_won": own, **PARTS}
    entry = complete("agent_won", metrics, {"won": "Deals.", "all": "Calls."})
    assert list_missing(entry) == []
    assert (entry["grain"], entry["owner"], entry["formula"]) == (
        "agent_day", "sales_manager", "Calls / Calls",
    )  # fmt: skip
