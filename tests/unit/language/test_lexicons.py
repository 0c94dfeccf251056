from __future__ import annotations

from dataclasses import replace

import pytest

from leadloop.errors import UsageError
from leadloop.language.lexicons import expand, load_lexicons
from leadloop.language.normalize import normalize
from leadloop.language.tokenizer import Tokenizer


def with_own(settings, tmp_path, name, content):
    folder = tmp_path / "lexicons"
    folder.mkdir()
    (folder / name).write_text(content, encoding="utf-8")
    return replace(settings, config=tmp_path)


@pytest.mark.parametrize(
    ("pattern", "phrases"),
    [
        pytest.param("保本", ["保本"], id="no choice"),
        pytest.param("(稳|包)赚", ["稳赚", "包赚"], id="one of two"),
        pytest.param("赚(钱|)了", ["赚钱了", "赚了"], id="or nothing"),
    ],
)
def test_a_pattern_stands_for_its_phrases(pattern, phrases):
    assert expand(pattern) == phrases


@pytest.mark.parametrize(
    "pattern",
    [
        pytest.param("(稳|包赚", id="a bracket left open"),
        pytest.param("稳|包赚", id="a choice outside brackets"),
        pytest.param("(稳|)(赚|)", id="may be nothing at all"),
        pytest.param("(一|二|三|四|五|六|七|八|九|十)" * 5, id="too many phrases"),
    ],
)
def test_a_pattern_that_cannot_be_meant_is_refused(pattern):
    with pytest.raises(ValueError, match=r"bracket|nothing|phrases"):
        expand(pattern)


def test_every_mistake_of_a_list_is_named_at_once(settings, tmp_path):
    own = with_own(
        settings,
        tmp_path,
        "competitors.yml",
        "kind: competitor\ntitle: {zh: 竞品, en: Rivals}\nspeakers: [nobody]\n"
        "groups: [{id: a, title: {zh: 甲, en: A}, severity: 9, patterns: ['(x']}]\n",
    )
    with pytest.raises(UsageError) as mistake:
        load_lexicons(own)
    for part in ("competitors.yml", "speakers.0", "groups.0.severity", "groups.0.patterns.0"):
        assert part in str(mistake.value)


def test_a_company_replaces_one_file_and_keeps_the_others(settings, tmp_path, lexicons):
    own = load_lexicons(with_own(settings, tmp_path, "words.txt", "好账本 100 nz\n"))
    assert own.words == (("好账本", 100, "nz"),)
    changed = {name for name, value in own.versions.items() if lexicons.versions[name] != value}
    assert changed == {"words.txt"}


def test_a_line_of_the_dictionary_needs_its_three_parts(settings, tmp_path):
    with pytest.raises(UsageError, match=r"words.txt:1: '好账本 100'"):
        load_lexicons(with_own(settings, tmp_path, "words.txt", "好账本 100\n"))


def test_every_word_of_feeling_is_one_token(lexicons):
    cut = Tokenizer(lexicons.words).cut
    words = [word for words in lexicons.feelings.values.values() for word in words]
    words += lexicons.feelings.degrees
    split = {word: cut(normalize(word)) for word in words if cut(normalize(word)) != [word]}
    assert not split, f"teach words.txt: {split}"


def test_no_word_of_feeling_has_two_values(lexicons):
    words = [word for words in lexicons.feelings.values.values() for word in words]
    assert len(words) == len(set(words))
