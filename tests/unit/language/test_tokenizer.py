from __future__ import annotations

import csv
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloop.language.normalize import normalize
from leadloop.language.tokenizer import Tokenizer

SENTENCES = (files("leadloop.language") / "data" / "intent_sentences.csv").read_text("utf-8")
TEXTS = [normalize(row["text"]) for row in csv.DictReader(SENTENCES.splitlines())]
CHARACTERS = "".join(sorted({character for text in TEXTS for character in text}))
MIXED = st.lists(
    st.one_of(
        st.text(CHARACTERS, max_size=8),
        st.text("abcXYZ0123456789.%+-_@#&'/ ", max_size=6),
        st.text("，。！？、；：“”（）…😀🎉𠀀\t", max_size=3),
        st.sampled_from(TEXTS),
    ),
    max_size=6,
).map(lambda parts: normalize("".join(parts)))


@pytest.fixture(scope="module")
def fast(lexicons):
    return Tokenizer(lexicons.words)


@pytest.fixture(scope="module")
def reference(lexicons):
    return Tokenizer(lexicons.words, engine="jieba")


@given(text=MIXED)
@settings(deadline=None, max_examples=500)
def test_both_engines_cut_alike(fast, reference, text):
    assert fast.cut(text) == reference.cut(text)


def test_both_engines_cut_every_shipped_sentence_alike(fast, reference):
    assert [fast.cut(text) for text in TEXTS] == [reference.cut(text) for text in TEXTS]


@given(text=MIXED)
@settings(deadline=None, max_examples=100)
def test_the_words_of_a_text_join_to_the_text(fast, text):
    assert "".join(fast.cut(text)) == text


@given(texts=st.lists(MIXED, max_size=6))
@settings(deadline=None, max_examples=100)
def test_one_call_for_a_batch_gives_the_words_of_each_text(fast, texts):
    rows: list[list[str]] = [[]]
    for word in fast.cut_batch(texts):
        rows[-1:] = [rows[-1], []] if word == "\n" else [[*rows[-1], word]]
    assert rows == ([fast.cut(text) for text in texts] or [[]])


@pytest.mark.parametrize("engine", ["rjieba", "jieba"])
def test_a_word_of_the_company_is_one_word(engine):
    assert Tokenizer(engine=engine).cut("账本通是") == ["账本", "通", "是"]
    words = (("账本通", 2000, "nz"),)
    assert Tokenizer(words, engine=engine).cut("账本通是") == ["账本通", "是"]
