"""What a plan holds is heard in the words, read without looking at the acts."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from leadloop.language.lexicons import load_lexicons
from leadloop.language.normalize import normalize
from leadloop.language.wordlists import WordLists
from leadloop.settings import load_settings
from leadloop.simulate.speech import CONCERNS, SIGNALS, TalkPlan, Turn
from leadloop.simulate.speech.middle import CARE_TOPICS

SEEDS = range(12)
PHONE = "13800001234"
# Words of which each seen phrasing of a concern has one.
HEARD = {
    "price": "贵|价|钱|收费|少收|便宜",
    "trial": "试|不会用|不管|停|后付|退|不成功",
    "security": "安全|数据|流水|账|收入|电话|保",
    "competitor": "别家|别的公司|另外一个|收款码|前面有一家|供应商|现在这家",
    "decision": "商量|做不了主|定|点头|老板|想两天|合伙|等他|一声|不算|总部|比价",
    "need": "用不|生意|心里有数|记得清|不用记|没打算|够了|那么复杂|没用过",
    "feature": "对接|两个价|拆|预定|颜色|编号|分账|审批|提成|寄卖|时间段",
    "after_sales": "管|有人接|找不着人|上门|响应|专人|找谁|坏了|客服",
}


def words(turns: list[Turn], speaker: str) -> str:
    return "|".join(turn.said for turn in turns if turn.speaker == speaker)


@pytest.fixture(scope="module")
def lists() -> WordLists:
    return WordLists(load_lexicons(load_settings()))


def hits(lists: WordLists, text: str, kind: str) -> int:
    found = lists.find([text], [normalize(text)])[0]
    return sum(hit.kind == kind and hit.severity >= 2 for hit in found)


def test_a_sale_and_an_interest_give_the_number_and_a_refusal_never_pays(talk, pool):
    for seed in SEEDS:
        for segment in ("consumer", "company"):
            for end in ("won", "interested"):
                said = words(talk(seed, end=end, pool=pool, segment=segment), "customer")
                assert PHONE in said
            for end in ("refused", "dnc", "callback", "other", "wrong"):
                said = words(talk(seed, end=end, pool=pool, segment=segment), "customer")
                assert PHONE not in said
                assert not re.search("我这就付|给我开|办一个|续上吧", said)


def test_a_stop_is_heard_where_it_is_planned_and_nowhere_else(talk, lists):
    for seed in SEEDS:
        for seconds in (6, 40, 200):
            dnc = talk(seed, end="dnc", seconds=seconds)
            masked = talk(seed, end="refused", asks_stop=True, seconds=seconds)
            plain = talk(seed, end="refused", seconds=seconds)
            assert hits(lists, words(dnc, "customer"), "do_not_call")
            assert hits(lists, words(masked, "customer"), "do_not_call")
            assert not hits(lists, words(plain, "customer"), "do_not_call")


def test_forbidden_words_are_said_where_they_are_planned_and_nowhere_else(talk, lists, pool):
    script = ("pain", "evidence", "offer", "rate_lock")
    for seed in SEEDS:
        plain = talk(seed, pool=pool, script=script, signals=SIGNALS, end="won", seconds=400)
        assert not hits(lists, words(plain, "agent"), "forbidden")
        guilty = talk(seed, forbidden=True, pool=pool)
        found = hits(lists, words(guilty, "agent"), "forbidden")
        # Held-out phrasings say the same in words that no list knows.
        assert bool(found) == (pool == "seen")
        assert any(turn.act == "forbidden" for turn in guilty)


def test_a_rival_is_named_by_the_customer_where_it_is_planned(talk, pool):
    for seed in SEEDS:
        for kind in ("sales", "care"):
            named = talk(seed, rival="账小二", kind=kind, pool=pool)
            compared = talk(
                seed, rival="账小二", concerns=("competitor",), answered=(True,), pool=pool
            )
            assert "账小二" in words(named, "customer")
            assert "账小二" in words(compared, "customer")
            assert not re.search("账小二|好账本|小账管家", words(talk(seed, pool=pool), "customer"))


@pytest.mark.parametrize("concern", CONCERNS)
@pytest.mark.parametrize("segment", ["consumer", "company"])
def test_a_concern_is_voiced_answered_and_settled_as_planned(talk, concern, segment, pool):
    for seed in SEEDS:
        for answered in (True, False):
            turns = talk(
                seed, concerns=(concern,), answered=(answered,), segment=segment, pool=pool
            )
            begin = next(place for place, turn in enumerate(turns) if "concern_" in turn.act)
            if pool == "seen":
                assert re.search(HEARD[concern], turns[begin].said)
            assert turns[begin].speaker == "customer"
            assert turns[begin + 1].speaker == "agent"
            end = next(turn for turn in turns[begin:] if "settled" in turn.act)
            assert end.polarity == (1 if answered else -1)


@pytest.mark.parametrize(
    ("end", "order"),
    [
        ("callback", ["need", "price", "trial", "security"]),
        # What nobody settled is the last thing said before a refusal.
        ("refused", ["need", "trial", "security", "price"]),
    ],
)
def test_concerns_come_in_the_planned_order(talk, pool, end, order):
    concerns = ("need", "price", "trial", "security")
    answered = (True, False, True, True)
    for seed in SEEDS:
        turns = talk(seed, end=end, concerns=concerns, answered=answered, pool=pool)
        voiced = [turn.act.removeprefix("concern_") for turn in turns if "concern_" in turn.act]
        assert voiced == order


def test_who_asks_for_a_name_or_tells_of_a_trouble_is_answered(talk, pool):
    answers = {"greeting_who": "introduce", "care_bad": "care_sorry"}
    answers |= {f"care_trouble_{topic}": f"care_help_{topic}" for topic in CARE_TOPICS}
    met = set()
    for seed in range(60):
        arc = "drop" if seed % 4 == 3 else "flat"
        turns = talk(seed, kind=("sales", "care")[seed % 2], arc=arc, pool=pool)
        acts = [turn.act for turn in turns]
        for act, after in pairwise(acts):
            if act in answers:
                assert after == answers[act]
                met.add(act)
    assert len(met) >= 8


def test_what_is_answered_one_by_one_is_answered_by_its_own_words(talk):
    for seed in range(60):
        spoken = talk(seed, kind="service", end="unsolved", arc="flat", seconds=400)
        for turn, answer in pairwise(spoken):
            if turn.said == "我远程帮您看一下，您点同意。":
                assert answer.said == "嗯，点了。"
        asked = talk(seed, end="interested", signals=("after_sales_policy",), seconds=300)
        for turn, answer in pairwise(asked):
            if turn.said == "后面升级还要不要钱？":
                assert "升级不要钱" in answer.said


def test_a_price_is_told_before_anybody_finds_it_dear_or_pays_it(talk, pool):
    for seed in SEEDS:
        for segment in ("consumer", "company"):
            dear = talk(seed, concerns=("price",), answered=(False,), segment=segment, pool=pool)
            paid = talk(seed, end="won", segment=segment, pool=pool)
            for turns, later in ((dear, "concern_price"), (paid, "close_ask")):
                acts = [turn.act for turn in turns]
                assert acts.count("answer_cost") == 1
                assert acts.index("answer_cost") < acts.index(later)


def test_who_asks_for_a_trial_or_a_quote_has_heard_the_rest(talk, pool):
    for seed in SEEDS:
        turns = talk(seed, end="interested", signals=("quote", "trial_request"), pool=pool)
        acts = [turn.act for turn in turns]
        last = max(place for place, act in enumerate(acts) if act.startswith("signal_"))
        # Its reply, and the end of the talk: ask, yes and goodbye.
        assert acts[last + 1].startswith("reply_")
        assert acts[last + 2 :] == ["follow_ask", "follow_yes", "follow_bye"]


def test_a_turn_does_not_say_the_same_twice(talk, pool):
    for seed in range(40):
        for turn in talk(seed, pool=pool, seconds=400, script=("evidence",), noise=0.0):
            runs = [turn.said[place : place + 6] for place in range(len(turn.said) - 5)]
            assert len(runs) == len(set(runs)), turn.said


def test_a_script_is_said_in_its_order_and_no_part_of_it_without_script(talk, pool):
    script = ("offer", "pain", "rate_lock", "evidence")
    for seed in SEEDS:
        said = [turn.act for turn in talk(seed, script=script, pool=pool) if turn.act in script]
        assert tuple(said) == script
        assert not {turn.act for turn in talk(seed, pool=pool, seconds=600)} & set(script)


def test_the_locked_price_of_the_star_is_words_of_no_other_agent(talk):
    for seed in SEEDS:
        locked = words(talk(seed, script=("rate_lock",)), "agent")
        assert "续费" in locked
        assert "续费" not in words(talk(seed, script=("pain", "evidence", "offer")), "agent")


def test_companies_ask_for_a_written_quote_and_shops_do_not(talk, pool):
    paper = "报价单|对公|专票|普票"
    for seed in SEEDS:
        company = talk(seed, end="won", segment="company", signals=("quote", "budget"), pool=pool)
        shop = talk(seed, end="won", signals=SIGNALS, pool=pool, seconds=400)
        said = words(company, "customer")
        assert "报价单" in said
        assert "预算" in said or "额度" in said
        assert not re.search(paper, words(shop, "customer") + words(shop, "agent"))


def test_signals_are_asked_by_the_customer(talk, pool):
    for signal in SIGNALS:
        turns = talk(3, end="interested", signals=(signal,), pool=pool)
        asked = [place for place, turn in enumerate(turns) if turn.act == f"signal_{signal}"]
        assert len(asked) == 1
        assert turns[asked[0]].speaker == "customer"
        assert turns[asked[0] + 1].speaker == "agent"


def test_care_and_service_talk_of_what_the_customer_has(talk, pool):
    for seed in SEEDS:
        care = talk(seed, kind="care", end="other", pool=pool)
        assert care[0].act == "care_opening"
        solved = talk(seed, kind="service", end="solved", pool=pool)
        unsolved = talk(seed, kind="service", end="unsolved", pool=pool)
        assert solved[1].act.startswith("problem_")
        assert solved[-2].polarity == 1
        assert {"still_broken", "escalate"} <= {turn.act for turn in unsolved}


def test_a_wrong_person_is_not_sold_anything(talk, pool):
    for seed in SEEDS:
        acts = {turn.act for turn in talk(seed, end="wrong", seconds=300, pool=pool)}
        assert not any(act.startswith(("feature_", "ask_", "concern_")) for act in acts)


@pytest.mark.parametrize(
    ("end", "act"), [("refused", "refuse_short"), ("dnc", "stop"), ("won", "greeting")]
)
def test_a_talk_of_seconds_is_an_opening_and_one_answer(talk, end, act, pool):
    turns = talk(1, end=end, seconds=7, pool=pool)
    assert [turn.speaker for turn in turns] == ["agent", "customer"]
    assert turns[1].act == act


def test_a_plan_that_cannot_be_says_what_is_wrong_with_it():
    with pytest.raises(ValueError, match="answered has 0 values for 1 concerns"):
        TalkPlan(end="won", kind="sales", seconds=60, phone=PHONE, concerns=("price",))
    with pytest.raises(ValueError, match="end of a service talk: 'won' is none of solved"):
        TalkPlan(end="won", kind="service", seconds=60, phone=PHONE)
