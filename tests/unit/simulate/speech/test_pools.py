"""The two pools of phrasings: complete, apart, and the second unknown to whatever learns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

import pytest
import yaml

from leadloop.settings import PROJECT_ROOT
from leadloop.simulate.speech.pools import read_meanings, read_phrases, read_slots

RUN = 8
# Names of the made company and its product; slots; words of politeness.
SHARED = re.compile(r"示例公司|账本通|\{\w+\}|您好|再见|谢谢|不好意思")
COMMON = ("opening", "greeting", "react_good", "react_flat", "react_bad", "chat", "customer_ack")


def bare(text: str) -> str:
    return re.sub(r"[，。？！、：…—\s]", "", text)


def runs(text: str) -> Iterator[str]:
    for part in SHARED.split(text):
        words = bare(part)
        yield from (words[place : place + RUN] for place in range(len(words) - RUN + 1))


def lines(pool: str) -> list[str]:
    return [text for texts in read_phrases(pool).values() for text in texts]


def learned() -> list[str]:
    """All sentences that lexicons and models are made of."""
    taxonomy = yaml.safe_load((PROJECT_ROOT / "config" / "intents.yml").read_text("utf-8"))
    sentences = [text for item in taxonomy["intents"] for text in item.get("examples", [])]
    for path in (PROJECT_ROOT / "plugins/leadloop/language/data").glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            sentences += [row["text"] for row in csv.DictReader(file)]
    return sentences


def listed() -> set[str]:
    """All words that stand in a lexicon or decide an intent as a whole turn."""
    words: set[str] = set()
    for path in (PROJECT_ROOT / "config" / "lexicons").glob("*.yml"):
        content = yaml.safe_load(path.read_text("utf-8"))
        for group in content.get("groups", []):
            words |= {*group.get("terms", []), *group.get("patterns", [])}
        for values in (content.get("values") or {}).values():
            words |= set(values)
    return words


def test_every_act_has_at_least_two_phrasings_in_both_pools_and_no_phrasing_is_without_act(pool):
    phrases = read_phrases(pool)
    acts = set(read_meanings())
    assert {name.split("@")[0] for name in phrases} == acts
    assert {name for name, texts in phrases.items() if len(texts) < 2} == set()
    assert {name: len(phrases[name]) for name in COMMON if len(phrases[name]) < 20} == {}


def test_a_variant_of_one_pool_is_a_variant_of_the_other():
    variants = [{name for name in read_phrases(pool) if "@" in name} for pool in POOLS]
    assert variants[0] == variants[1]


POOLS = ("seen", "held_out")


def test_no_phrasing_is_in_both_pools_nor_eight_characters_of_it():
    seen = lines("seen")
    known = {run for text in seen for run in runs(text)} | {bare(text) for text in seen}
    shared = [
        text
        for text in lines("held_out")
        if bare(text) in known or any(run in known for run in runs(text))
    ]
    assert shared == []


def test_held_out_phrasings_are_not_among_what_lexicons_and_models_learn_from():
    sentences = learned()
    assert len(sentences) > 500
    known = {run for text in sentences for run in runs(text)} | {bare(text) for text in sentences}
    shared = [
        text
        for text in lines("held_out")
        if bare(text) in known or any(run in known for run in runs(text))
    ]
    assert shared == []
    words = {bare(word) for word in listed()}
    assert [text for text in lines("held_out") if bare(text) in words] == []


@pytest.mark.parametrize("name", POOLS)
def test_every_slot_of_a_phrasing_can_be_filled(name):
    made = {"name", "phone", "rival", "daily"}
    slots = {slot for text in lines(name) for slot in re.findall(r"\{(\w+)\}", text)}
    assert slots <= set(read_slots()) | made


def test_intents_are_those_of_the_company():
    taxonomy = yaml.safe_load((PROJECT_ROOT / "config" / "intents.yml").read_text("utf-8"))
    sides = {item["id"]: item["side"] for item in taxonomy["intents"]}
    for name, meaning in read_meanings().items():
        intent = meaning["intent"]
        assert intent is None or sides[intent] in (meaning["speaker"], "both"), name


def test_what_answers_an_act_one_by_one_has_as_many_phrasings_as_it(pool):
    phrases = read_phrases(pool)
    for name, meaning in read_meanings().items():
        asked = meaning.get("after")
        for variant in ("", "@company", "@care"):
            if asked and (name + variant in phrases or asked + variant in phrases):
                own = phrases.get(name + variant, phrases[name])
                assert len(own) == len(phrases.get(asked + variant, phrases[asked])), name + variant
