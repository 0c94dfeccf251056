from __future__ import annotations

from dataclasses import replace

import pytest

from leadloop.errors import UsageError
from leadloop.language.intents import IntentRules, load_taxonomy


def test_the_examples_of_every_intent_are_named_as_it(score, engine):
    wrong = []
    for intent in engine.taxonomy.intents:
        side = "other" if intent.side == "both" else intent.side
        for text, row in zip(intent.examples, score(*intent.examples, side=side), strict=True):
            if row["intent"] != intent.id:
                wrong.append((text, row["intent"], intent.id))
    assert len(wrong) <= 1, wrong


def test_an_agent_never_has_a_customers_intent(score, engine):
    texts = ["太贵了", "多少钱", "别再打了", "我要投诉", "好的"]
    sides = {intent.id: intent.side for intent in engine.taxonomy.intents}
    assert {sides[row["intent"]] for row in score(*texts, side="agent")} <= {"agent", "both"}
    assert {sides[row["intent"]] for row in score(*texts)} <= {"customer", "both"}


def test_a_word_votes_anywhere_and_a_whole_turn_only_as_a_whole(engine):
    rules = IntentRules(engine.taxonomy, engine.classifier.model.classes)
    names = engine.classifier.model.classes
    votes = rules.vote(["你们多少钱啊", "对", "对了多少", "今天天气"])
    assert [(row, names[place]) for row, place in votes] == [(0, "ask_price"), (1, "acknowledge")]


def test_words_that_mean_nothing_known_are_left_without_an_intent(score):
    rows = score("天空飘着五个字", "葡萄架下的猫", "qwerty")
    assert [row["is_abstained"] for row in rows] == [True, True, True]
    assert all(row["intent_score"] < 0.8 for row in rows)


def test_an_intent_defined_twice_is_refused(settings, tmp_path):
    shipped = settings.config_file("intents.yml").read_text(encoding="utf-8")
    twice = shipped.replace("id: ask_product", "id: ask_price", 1)
    (tmp_path / "intents.yml").write_text(twice, encoding="utf-8")
    with pytest.raises(UsageError, match="defined twice: ask_price"):
        load_taxonomy(replace(settings, config=tmp_path))
