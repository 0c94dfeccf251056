from __future__ import annotations

import unicodedata

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadloop.language.normalize import locate, normalize, normalize_batch

# Characters that the oldest supported Unicode tables know; Arrow and Python may differ on newer.
KNOWN = st.characters(exclude_categories=["Cs", "Cn", "Co"]).filter(
    lambda character: ord(character) < 0x1E000 or 0x1F300 <= ord(character) < 0x1F650
)
MIXED = st.one_of(
    st.sampled_from("保本稳赚不打了，。Ａ１ａ1 \n\r\t\x00…㎡ｶﾞé é\u200b\ufeff😀"), KNOWN
)
TEXTS = st.text(MIXED, max_size=30)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        pytest.param("ＡＢＣ１２３", "abc123", id="full width"),
        pytest.param("稳\u200b赚\ufeff", "稳赚", id="invisible characters"),
        pytest.param("一\r\n二\x00三\u2028四", "一  二 三 四", id="breaks and controls"),
        pytest.param("", "", id="empty"),
        pytest.param("İ", "İ", id="no single lower form"),
    ],
)
def test_normalize(text, form):
    assert normalize(text) == form


@given(st.lists(TEXTS, max_size=5))
@settings(deadline=None, max_examples=200)
def test_a_batch_is_normalised_like_its_texts(texts):
    assert normalize_batch(pa.array(texts, pa.string())).to_pylist() == [
        normalize(text) for text in texts
    ]


@given(TEXTS)
@settings(deadline=None, max_examples=200)
def test_no_normalised_text_holds_a_line_break(text):
    assert not set(normalize(text)) & set("\n\r\x0b\x0c\x1c\x85\u2028\u2029")


@pytest.mark.parametrize(
    ("original", "found"),
    [
        pytest.param("我们稳赚", "稳赚", id="nothing changed"),
        pytest.param("㎡稳赚", "稳赚", id="one character became two before it"),
        pytest.param("\ufeffＡ稳\u200b赚了", "稳\u200b赚", id="an invisible one inside"),
        pytest.param("ｶﾞｶﾞ稳赚", "稳赚", id="two characters became one"),
        pytest.param("e\u0301e\u0301稳赚", "稳赚", id="marks that combine"),
    ],
)
def test_a_span_is_found_again_in_the_original(original, found):
    form = normalize(original)
    begin = form.index("稳赚")
    ((first, last),) = locate(original, form, [(begin, begin + 2)])
    assert original[first:last] == found


@given(TEXTS, st.integers(0, 40), st.integers(1, 40))
@settings(deadline=None, max_examples=300)
def test_the_original_span_normalises_to_at_least_what_was_found(text, begin, length):
    form = normalize(text)
    end = min(begin + length, len(form))
    if begin >= end:
        return
    ((first, last),) = locate(text, form, [(begin, end)])
    assert 0 <= first < last <= len(text)
    assert unicodedata.normalize("NFC", form[begin:end]) in unicodedata.normalize(
        "NFC", normalize(text[first:last])
    )
