from __future__ import annotations

import pytest


def found(score, text, kind, side="agent"):
    """Return (label, severity, words found) of the hits of one kind."""
    (row,) = score(text, side=side)
    return [
        (hit["label"], hit["severity"], text[hit["span_begin"] : hit["span_end"]])
        for hit in row["hits"]
        if hit["kind"] == kind
    ]


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("我们这个稳赚不赔", [("promised_return", 3, "稳赚不赔")]),
        ("保证能赚钱的", [("promised_return", 3, "保证能赚钱")]),
        ("我们是全网最低的价格", [("absolute_claim", 2, "全网最低")]),
        ("课程包通过，不过退钱", [("promised_result", 3, "包通过")]),
        ("我是公安局的", [("false_authority", 3, "我是公安局")]),
        ("他们家都是骗子", [("disparagement", 2, "他们家都是骗子")]),
        ("验证码发给我", [("secret_data", 3, "验证码发给我")]),
        ("您私下转给我就行", [("private_payment", 3, "私下转给我")]),
        ("你有病吧", [("abuse", 3, "有病吧")]),
        ("名额只剩两个了", [("pressure", 1, "名额只剩")]),
        ("稳\u200b赚的Ｏ项目", [("promised_return", 3, "稳\u200b赚")]),
    ],
)
def test_a_forbidden_word_is_found_where_it_stands(score, text, hits):
    assert found(score, text, "forbidden") == hits


@pytest.mark.parametrize(
    "text",
    [
        "您最好明天上午过来一趟",
        "第一次充值有优惠",
        "我第一时间通知您",
        "确保本月之内装好",
        "您的积分已包过期提醒",
        "我们每个月的成本不高",
        "最近有活动，最多可以打八折",
        "这个月新开户送三十天试用，先用后付，用得不合适不收钱",
        "您看看有没有风险再决定",
        "活动到月底截止，现在办最划算",
        "红包过两天到账",
    ],
)
def test_ordinary_words_of_an_agent_are_not_forbidden(score, text):
    assert found(score, text, "forbidden") == []


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        pytest.param("我们不能保证收益", 0, id="denied"),
        pytest.param("这个并不保本", 0, id="denied right before"),
        pytest.param("不，我们保本", 3, id="the clause ended"),
        pytest.param("没问题保证赚钱", 3, id="a phrase that denies nothing"),
        pytest.param("不管行情怎么样我们都保本", 3, id="out of reach"),
        pytest.param("是不是保本我不清楚", 3, id="a question is no denial"),
    ],
)
def test_a_negator_shortly_before_makes_a_mention_compliant(score, text, severity):
    ((_, seen, _),) = found(score, text, "forbidden")
    assert seen == severity


@pytest.mark.parametrize(
    "text",
    [
        "别再打了",
        "以后不要给我打电话了",
        "不要再联系我",
        "再打我就投诉你们",
        "把我的号码删了",
        "你们别天天打行不行",
        "请不要再骚扰我",
        "不不不别再打了",
        "麻烦把我从名单里去掉",
        "我不想再接到你们的电话",
        "把我拉黑吧",
        "别再打过来了我说了多少遍",
        "不要老给我打电话",
        "能不能别再打了",
        "停止给我打电话",
        "说了几次别打了",
        "以后别打我电话",
        "不许再打来",
        "再打报警了",
        "少给我打电话",
        "你们不要再打",
    ],
)
def test_a_request_for_no_more_calls_is_found(score, text):
    assert found(score, text, "do_not_call", side="customer")


@pytest.mark.parametrize(
    "text",
    [
        "你明天再打给我吧",
        "我现在不方便，晚点打",
        "打错了吧",
        "少打了五十块钱",
        "我再看看，不着急",
        "不用了谢谢",
        "电话打不通",
        "你别急，我问一下老板",
        "不要紧，你说",
        "下次来再联系",
        "上次打折我没赶上",
        "不要再打折了，直接说最低价",
    ],
)
def test_putting_off_or_refusing_is_no_request_for_no_more_calls(score, text):
    assert found(score, text, "do_not_call", side="customer") == []


def test_a_rival_is_found_by_name_and_without(score):
    text = "我在用别家的，快账通"
    assert found(score, text, "competitor", side="customer") == [
        ("rival_unnamed", 1, "在用别家"),
        ("rival_named", 2, "快账通"),
    ]


def test_a_hit_says_which_version_of_the_list_found_it(score, lexicons):
    (row,) = score("稳赚", side="agent")
    assert row["hits"][0]["list_version"] == lexicons.versions["forbidden.yml"]
    assert row["hits"][0]["term"] == "稳赚"


def test_a_hit_at_the_edge_of_a_text_never_reaches_into_the_next(score):
    rows = score("我们稳", "赚不赔", "保", "本")
    assert [row["hits"] for row in rows] == [[], [], [], []]
