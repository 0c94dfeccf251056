"""Every code has a name in both languages: those of the contract, those of the made company."""

from __future__ import annotations

import csv

import pytest

from leadloop.contract import TABLES
from leadloop.labels import list_labels
from leadloop.settings import PROJECT_ROOT, load_settings
from leadloop.simulate import company
from leadloop.simulate.exports import crm

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
# Columns of the contract whose codes are those of another dimension.
SAME_AS = {
    ("agent_state", "state"): "agent_state",
    ("number_status", "status"): "number_status",
    ("inquiry_event", "channel"): "inquiry_channel",
    ("customer", "type"): "segment",
    ("qa_result", "source"): "review_source",
}


def read_seed(name: str) -> list[dict[str, str]]:
    with (SEEDS / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def list_known() -> dict[tuple[str, str], tuple[str, str]]:
    rows = read_seed("code_labels.csv")
    rows += [row | {"dimension": "outcome"} for row in read_seed("call_outcomes.csv")]
    told = {
        (row["dimension"], row.get("code") or row["outcome"]): (row["label_zh"], row["label_en"])
        for row in rows
    }
    for dimension, code, zh, en in list_labels(load_settings({})):
        told[dimension, code] = (zh, en)
    return told


KNOWN = list_known()
DIMENSIONS = {dimension for dimension, _ in KNOWN}


def find_dimension(table: str, column: str) -> str:
    """Return table_column where that is a dimension, such as touch_type; else the column's name."""
    own = f"{table}_{column}"
    return SAME_AS.get((table, column)) or (own if own in DIMENSIONS else column)


def list_codes() -> list[tuple[str, str]]:
    return sorted(
        {
            (find_dimension(table.name, column.name), code)
            for table in TABLES.values()
            for column in table.all_columns
            for code in column.enum
        }
    )


MADE = {
    "channel": [item.channel_id for item in company.CHANNELS] + [company.CUSTOMER_BASE],
    "campaign": [item.campaign_id for item in company.CAMPAIGNS],
    "queue": company.QUEUES,
    "team": company.QUEUES,
    "content_theme": sorted({theme for item in company.CHANNELS for theme in item.themes}),
    "industry": company.INDUSTRIES,
    "city": company.CITIES,
    "tag": [*company.INDUSTRIES, *crm.PAINS.tolist()],
    "stage": crm.STAGES.tolist(),
    "lead_status": crm.STATUSES.tolist(),
    "lost_reason": [reason for reason in crm.REASONS.tolist() if reason],
}


@pytest.mark.parametrize(("dimension", "code"), list_codes())
def test_a_code_of_the_contract_has_a_name_in_both_languages(dimension, code):
    assert all(KNOWN.get((dimension, code), ("", ""))), (
        f"{dimension} {code}: name it in dbt_project/seeds/code_labels.csv"
    )


@pytest.mark.parametrize("dimension", MADE)
def test_a_code_of_the_made_company_has_a_name_in_both_languages(dimension):
    bare = [code for code in MADE[dimension] if not all(KNOWN.get((dimension, code), ("", "")))]
    assert not bare, f"{dimension}: name them in config/labels.yml"


def test_no_label_is_empty_and_no_seed_names_a_code_twice():
    assert not [key for key, names in KNOWN.items() if not all(names)]
    rows = [(row["dimension"], row["code"]) for row in read_seed("code_labels.csv")]
    assert len(rows) == len(set(rows))


def test_what_a_company_calls_an_intent_goes_before_its_title(tmp_path):
    (tmp_path / "labels.yml").write_text("intent: {ask_price: {zh: 问价, en: Price}}\n", "utf-8")
    settings = load_settings({"LEADLOOP_CONFIG": str(tmp_path)})
    told = {(dimension, code): (zh, en) for dimension, code, zh, en in list_labels(settings)}
    assert told["intent", "ask_price"] == ("问价", "Price")
    assert told["intent", "price_objection"] == ("嫌贵", "Price objection")
    assert told["action_type", "smart_redial"][0] == "智能重拨"
    assert told["word_group", "absolute_claim"] == ("绝对化用语", "Absolute claims")
