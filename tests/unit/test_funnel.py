"""The company's funnel file: what it may say, what is refused, and what the models are given."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from leadloop.errors import UsageError
from leadloop.funnel import STAGES, load_funnel, write_funnel
from leadloop.settings import Settings
from leadloop.warehouse import open_memory, read_rows


@pytest.fixture
def own(settings: Settings, tmp_path: Path):
    """Return settings whose funnel file is the shipped one with a change."""

    def change(**changes: object) -> Settings:
        content = yaml.safe_load(settings.config_file("funnel.yml").read_text(encoding="utf-8"))
        folder = tmp_path / "config"
        folder.mkdir()
        text = yaml.safe_dump(content | changes, allow_unicode=True)
        (folder / "funnel.yml").write_text(text, encoding="utf-8")
        return replace(settings, config=folder)

    return change


def stages(**changes: dict[str, object]) -> list[dict[str, object]]:
    rows = [{"stage": name, "within_days": 7, "zh": name, "en": name} for name in STAGES]
    return [row | changes.get(str(row["stage"]), {}) for row in rows]


def test_the_shipped_funnel_has_the_stages_in_their_order(settings):
    assert tuple(stage.stage for stage in load_funnel(settings).stages) == STAGES


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        pytest.param({"stages": stages()[:3]}, "wanted dialled, connected", id="stages missing"),
        pytest.param({"stages": stages()[::-1]}, "in this order", id="another order"),
        pytest.param(
            {"stages": stages(intent={"events": ["意向"]}, won={"events": ["意向"]})},
            "意向 stand at two stages",
            id="a word of two stages",
        ),
        pytest.param(
            {"stages": stages(dialled={"events": ["已外呼"]})},
            "dialled is told by dials alone",
            id="a word for what dials tell",
        ),
        pytest.param({"dormant_days": 0}, "dormant_days", id="no days"),
        pytest.param(
            {"buying_signals": {"answer_days": 8}}, "answer_days", id="later than the models look"
        ),
        pytest.param({"sleepy_days": 3}, "sleepy_days", id="an unknown key"),
        pytest.param(
            {"match_profile": {"version": "1", "required": {}}}, "required", id="an empty profile"
        ),
    ],
)
def test_a_wrong_funnel_is_refused_with_what_is_wanted(own, changes, told):
    with pytest.raises(UsageError, match=told):
        load_funnel(own(**changes))


def test_the_models_are_given_stages_words_and_profile_as_they_stand(own):
    listed = stages(intent={"events": ["意向"], "outcomes": ["human_interested"]})
    funnel = load_funnel(
        own(stages=listed, match_profile={"version": "2", "required": {"行业": 3}})
    )
    with open_memory() as connection:
        connection.execute("create schema raw")
        for _ in range(2):
            write_funnel(connection, funnel)
        words = read_rows(connection, "select * from raw.funnel_words order by all")
        assert [tuple(row.values()) for row in words] == [
            ("event", "意向", "intent"),
            ("outcome", "human_interested", "intent"),
        ]
        places = read_rows(connection, "select stage from raw.funnel_stages order by position")
        assert [row["stage"] for row in places] == list(STAGES)
        profile = read_rows(connection, "select * from raw.match_profile")
        assert profile == [{"tag": "行业", "weight_rate": 3.0, "profile_version": "2"}]


def test_the_models_are_given_the_words_of_concerns_and_of_signs_of_buying(own):
    asks = {"quote": {"topics": ["报价"], "intents": ["ask_price"]}}
    funnel = load_funnel(own(concerns=["hesitate"], buying_signals={"asks": asks}))
    with open_memory() as connection:
        connection.execute("create schema raw")
        for _ in range(2):
            write_funnel(connection, funnel)
        words = read_rows(connection, "select * from raw.asked_words order by all")
        assert [tuple(row.values()) for row in words] == [
            ("intent", "ask_price", "quote"),
            ("topic", "报价", "quote"),
        ]
        assert read_rows(connection, "select * from raw.concerns") == [{"label": "hesitate"}]
        days = read_rows(connection, "select * from raw.buying_signals")
        assert days == [{"again_count": 2, "again_hours": 24, "quote_days": 7, "answer_days": 7}]
