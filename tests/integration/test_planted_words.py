"""What the made company plants in words is what the shipped word lists look for."""

from __future__ import annotations

import pyarrow as pa
import pytest

from leadloop.language.engine import load_engine
from leadloop.language.scoring import score_batch
from leadloop.settings import load_settings
from leadloop.simulate.sample import phrases

RIVALS = [line.format(rival=rival) for line in phrases.RIVAL_LINES for rival in phrases.RIVALS]
HARMLESS = [
    *phrases.OPENINGS,
    *phrases.PITCHES,
    *phrases.CARE_OPENINGS,
    *phrases.CARE_LINES,
    *(line for lines in phrases.REBUTTALS.values() for line in lines),
]


@pytest.fixture(scope="module")
def find():
    engine = load_engine(load_settings())

    def work(text: str, side: str) -> set[str]:
        batch = pa.RecordBatch.from_pydict({"text": [text], "side": [side]})
        hits = score_batch(batch, engine).column("hits").to_pylist()[0]
        return {hit["kind"] for hit in hits if hit["severity"] >= 2 and not hit["is_negated"]}

    return work


@pytest.mark.parametrize("text", phrases.FORBIDDEN)
def test_a_forbidden_sentence_is_found(find, text):
    assert "forbidden" in find(text, "agent")


@pytest.mark.parametrize("text", RIVALS)
def test_a_rival_named_is_found(find, text):
    assert "competitor" in find(text, "customer")


@pytest.mark.parametrize("text", phrases.STOPS)
def test_a_wish_not_to_be_called_is_found(find, text):
    assert "do_not_call" in find(text, "customer")


@pytest.mark.parametrize("text", HARMLESS)
def test_what_agents_say_otherwise_is_allowed(find, text):
    assert "forbidden" not in find(text, "agent")
