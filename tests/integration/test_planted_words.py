"""What a made company plants in words that lexicons may know is what the word lists find."""

from __future__ import annotations

import pyarrow as pa
import pytest

from leadloop.language.engine import load_engine
from leadloop.language.scoring import score_batch
from leadloop.settings import load_settings
from leadloop.simulate.company import RIVALS
from leadloop.simulate.speech.pools import read_meanings, read_phrases, read_slots

PHRASES = read_phrases("seen")


def spell(text: str) -> str:
    """Return a phrasing with the first word of each {slot}."""
    words = {name: options[0] for name, options in read_slots().items()}
    return text.format(**words, name="小王", phone="一五四零零零零一二三四", rival=RIVALS[0])


def list_said(*acts: str) -> list[str]:
    names = [name for name in PHRASES if name.partition("@")[0] in acts]
    return [spell(text) for name in names for text in PHRASES[name]]


HARMLESS = [
    name
    for name, act in read_meanings().items()
    if act["speaker"] == "agent" and name != "forbidden"
]


@pytest.fixture(scope="module")
def find():
    engine = load_engine(load_settings())

    def work(text: str, side: str) -> set[str]:
        batch = pa.RecordBatch.from_pydict({"text": [text], "side": [side]})
        hits = score_batch(batch, engine).column("hits").to_pylist()[0]
        return {hit["kind"] for hit in hits if hit["severity"] >= 2 and not hit["is_negated"]}

    return work


@pytest.mark.parametrize("text", list_said("forbidden"))
def test_a_forbidden_sentence_is_found(find, text):
    assert "forbidden" in find(text, "agent")


@pytest.mark.parametrize("text", list_said("rival", "concern_rival"))
def test_a_rival_named_is_found(find, text):
    assert "competitor" in find(text, "customer")


@pytest.mark.parametrize("text", list_said("stop"))
def test_a_wish_not_to_be_called_is_found(find, text):
    assert "do_not_call" in find(text, "customer")


def test_what_agents_say_otherwise_is_allowed(find):
    said = list_said(*HARMLESS)
    assert len(said) > 300
    assert [text for text in said if "forbidden" in find(text, "agent")] == []
