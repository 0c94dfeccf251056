from __future__ import annotations

import pytest


def feeling(score, text):
    return score(text)[0]["sentiment_score"]


@pytest.mark.parametrize("text", ["非常满意，谢谢", "挺方便的", "没问题，很靠谱"])
def test_praise_is_above_zero(score, text):
    assert feeling(score, text) > 0


@pytest.mark.parametrize("text", ["太贵了", "你们就是骗子", "气死我了，我要投诉", "不靠谱"])
def test_blame_is_below_zero(score, text):
    assert feeling(score, text) < 0


@pytest.mark.parametrize("text", ["", "我姓王", "嗯", "。。。", "地址是建设路十八号"])
def test_a_text_without_feeling_is_zero(score, text):
    assert feeling(score, text) == 0


def test_a_negator_turns_a_feeling_round(score):
    assert feeling(score, "不满意") < 0 < feeling(score, "满意")
    assert feeling(score, "一点也不麻烦") > 0 > feeling(score, "麻烦")


def test_a_degree_makes_a_feeling_stronger_or_weaker(score):
    assert feeling(score, "太麻烦了") < feeling(score, "麻烦") < feeling(score, "有点麻烦") < 0


def test_a_value_is_worked_out_by_hand(score):
    # 满意 is 2, 非常 makes it 3.2: 3.2 / sqrt(3.2² + 2²).
    assert feeling(score, "非常满意") == pytest.approx(0.84799, abs=1e-5)


def test_feelings_stay_between_minus_one_and_one(score):
    assert -1 < feeling(score, "骗子" * 500) < -0.99
