"""A masked text is scored like the text itself: a placeholder says nothing."""

from __future__ import annotations

import pytest

from leadloop.privacy.mask import mask_text

TEXTS = (
    "喂您好，我是示例公司的小王，耽误您一分钟可以吗？",
    "您好，这里是示例公司，我姓李，之前您在我们这边留过信息。",
    "张经理，有点贵了，价格能不能再低一点？",
    "不要再打13812345678这个电话了，再打我投诉",
    "地址是杭州市西湖区文一西路12号3栋502室，什么时候能到",
    "我叫陈思远，我现在有点忙，明天下午再打给我吧",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_masked_text_has_the_intent_and_the_hits_of_the_text(score, text):
    assert mask_text(text) != text
    (plain,), (masked,) = score(text), score(mask_text(text))
    assert masked["intent"] == plain["intent"]
    assert masked["sentiment_score"] == plain["sentiment_score"]
    assert len(masked["hits"]) == len(plain["hits"])
