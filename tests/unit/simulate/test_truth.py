"""What is planted can be seen in the raw files by counting, and the clean world is clean."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date

# Counted in the files by these words alone; nothing of the code that planted them is used.
FORBIDDEN = ("稳赚不赔", "百分之百没有风险", "国家级", "绝对是最好")
RIVALS = ("小账管家", "账小二", "好账本")
STOPS = ("别再打", "不要再给我打", "别打这个号码", "别再联系我")


def rate(rows):
    return sum(row["status"].startswith("ANSWERED") for row in rows) / len(rows)


def choose(rows, **wanted):
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


def afternoons(rows, days, *, channel="short_video"):
    return [
        row
        for row in choose(rows, channel_id=channel)
        if row["start_time"][11:13] >= "14" and (row["start_time"][:10] in days)
    ]


def says(text, role, words):
    return any(
        turn["role"] == role and any(word in turn["text"] for word in words)
        for turn in text["turns"]
    )


def test_douyin_connects_less_than_half_as_often_in_the_last_afternoons(troubled, last_days):
    days = {row["start_time"][:10] for row in troubled.calls}
    before = afternoons(troubled.calls, days - set(last_days))
    after = afternoons(troubled.calls, set(last_days))
    assert len(after) > 300
    assert 0.30 < rate(before) < 0.39
    assert rate(after) < 0.5 * rate(before)


def test_only_the_dead_list_is_to_blame(troubled, last_days):
    after = afternoons(troubled.calls, set(last_days))
    listed = choose(after, campaign_id="spring_retarget")
    others = [row for row in after if row["campaign_id"] != "spring_retarget"]
    assert len(listed) > len(after) / 2
    assert sum(row["status"] == "EMPTY" for row in listed) > 0.9 * len(listed)
    assert rate(others) > 0.25
    for channel in ("cold_list", "referral", "web_form", "customer_base"):
        same = afternoons(troubled.calls, set(last_days), channel=channel)
        assert sum(row["status"] == "EMPTY" for row in same) < 0.1 * len(same), channel


def test_without_the_fault_the_same_days_are_like_the_others(clean, last_days):
    days = {row["start_time"][:10] for row in clean.calls}
    before = afternoons(clean.calls, days - set(last_days))
    after = afternoons(clean.calls, set(last_days))
    assert abs(rate(after) - rate(before)) < 0.06


def test_one_agent_says_forbidden_words_clearly_more_often_than_one_call_in_twenty(troubled):
    agent_of = {row["call_id"]: row["agent_id"] for row in troubled.calls}
    said, all_calls = Counter(), Counter()
    for text in troubled.texts:
        agent = agent_of[text["call_id"]]
        all_calls[agent] += 1
        said[agent] += says(text, "agent", FORBIDDEN)
    shares = {agent: said[agent] / count for agent, count in all_calls.items()}
    assert shares.pop("A007") > 0.15
    assert min(all_calls.values()) > 200
    assert max(shares.values()) < 0.03


def test_without_the_fault_no_agent_does(clean):
    agent_of = {row["call_id"]: row["agent_id"] for row in clean.calls}
    said, all_calls = Counter(), Counter()
    for text in clean.texts:
        all_calls[agent_of[text["call_id"]]] += 1
        said[agent_of[text["call_id"]]] += says(text, "agent", FORBIDDEN)
    assert max(said[agent] / count for agent, count in all_calls.items()) < 0.03


def test_customers_who_fall_silent_for_good_named_a_rival_before_more_often(clean):
    customer_of = {row["call_id"]: row["customer_id"] for row in clean.calls if row["customer_id"]}
    last_talk: dict[str, str] = defaultdict(str)
    for row in clean.calls:
        if row["customer_id"] and row["status"].startswith("ANSWERED"):
            customer = row["customer_id"]
            last_talk[customer] = max(last_talk[customer], row["start_time"][:10])
    named, talks = Counter(), Counter()
    for text in clean.texts:
        customer = customer_of.get(text["call_id"])
        if not customer or len(text["turns"]) < 5:
            continue
        silent = date(2026, 6, 29) - date.fromisoformat(last_talk[customer])
        until_last = date.fromisoformat(last_talk[customer]) - date.fromisoformat(
            text["started_at"][:10]
        )
        kind = "left" if silent.days > 35 else "stayed"
        if kind == "stayed" or until_last.days < 30:
            talks[kind] += 1
            named[kind] += says(text, "customer", RIVALS)
    assert talks["left"] > 100
    assert named["left"] / talks["left"] > 4 * named["stayed"] / talks["stayed"]
    assert named["stayed"] > 0  # a rival named is no proof


def test_customers_have_two_way_calls_and_orders_of_their_own(clean):
    talks = Counter(
        row["customer_id"]
        for row in clean.calls
        if row["customer_id"] and row["status"].startswith("ANSWERED")
    )
    assert len(talks) > 300
    per_month = sorted(count / 4 for count in talks.values())
    assert 4 < per_month[len(per_month) // 2] < 8
    orders = Counter(row["customer_id"] for row in clean.orders if row["customer_id"])
    assert sum(orders.values()) > 600
    assert set(orders) <= {f"K{number:06d}" for number in range(1, 1000)}


def test_an_order_is_paid_after_it_was_placed_and_some_are_not(clean):
    paid = [row for row in clean.orders if row["paid_time"]]
    assert all(row["placed_time"] < row["paid_time"] < row["export_time"] for row in paid)
    assert 0.92 < len(paid) / len(clean.orders) < 0.99
    assert all(0 < float(row["gross_margin"]) < float(row["amount"]) for row in clean.orders)


def test_some_ask_never_to_be_called_again_also_within_ten_seconds_and_unnoted(clean):
    calls = {row["call_id"]: row for row in clean.calls}
    asked = [calls[text["call_id"]] for text in clean.texts if says(text, "customer", STOPS)]
    short = [row for row in asked if int(row["bill_seconds"]) < 10]
    unnoted = [row for row in asked if row["status"] == "ANSWERED_REFUSED"]
    assert len(asked) > 100
    assert len(short) >= 8
    assert len(unnoted) > 20


def test_the_list_is_dialled_in_the_afternoon_alone(clean):
    hours = {row["start_time"][11:13] for row in choose(clean.calls, campaign_id="spring_retarget")}
    assert min(hours) >= "14"
