"""Masking: what points at a person goes, what analysts count stays."""

from __future__ import annotations

import pyarrow as pa
import pytest

from leadloop.privacy.mask import mask_array, mask_line, mask_text
from leadloop.privacy.numbers import is_id_card, is_luhn


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("打我13812345678", "打我<PHONE>"),
        ("第一13812345678号", "第一<PHONE>号"),
        ("138 1234 5678", "<PHONE>"),
        ("138-1234-5678", "<PHONE>"),
        ("138，1234，5678", "<PHONE>"),
        ("1 3 8 1 2 3 4 5 6 7 8", "<PHONE>"),
        ("+86 138 1234 5678，谢谢", "<PHONE>，谢谢"),
        ("tel13812345678", "tel<PHONE>"),
        ("１３８１２３４５６７８", "<PHONE>"),
        ("幺三八一二三四五六七八", "<PHONE>"),
        ("幺三八，一二三四，五六七八", "<PHONE>"),
        ("我是一三八零零幺三八零零零", "我是<PHONE>"),
        ("138一二三四5678", "<PHONE>"),
        ("2026-01-05 13812345678", "2026-01-05 <PHONE>"),
        ("010-62345678", "<PHONE>"),
        ("(021) 6234 5678", "<PHONE>"),
        ("电话是01062345678", "电话是<PHONE>"),
        ("call 212-555-0147 now", "call <PHONE> now"),
        ("+1 650 253 0000", "<PHONE>"),
    ],
)
def test_phone_numbers_are_masked_however_they_are_written(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("身份证11010119900307803X", "身份证<ID_CARD>"),
        ("号码 110101 19900307 803X 对吗", "号码 <ID_CARD> 对吗"),
        ("身份证号是110101199003078031", "身份证号是<ID_CARD>"),
        ("卡号6222021234567894", "卡号<BANK_CARD>"),
        ("6222 0212 3456 7894", "<BANK_CARD>"),
        ("写信到 zhang.san@example.com.cn 吧", "写信到 <EMAIL> 吧"),
        ("加我微信zhang_88", "加我微信<WECHAT>"),
        ("微信号是zhangsan", "微信号是<WECHAT>"),
        ("WX: abcdef123", "WX: <WECHAT>"),
        ("你加我微信吧，mfdadwnac", "你加我微信吧，<WECHAT>"),
        ("直接搜Rfng_Pdatf，这是我微信", "直接搜<WECHAT>，这是我微信"),
        ("我的号是wxid_8fj2kd93", "我的号是<WECHAT>"),
        ("微信支付也行，或者加我微信 zhang_88", "微信支付也行，或者加我微信 <WECHAT>"),
        ("威❤：zhang_88", "威❤：<WECHAT>"),
        ("微信号 z h a n g 8 8", "微信号 <WECHAT>"),
        ("微信号是zhang下划线88", "微信号是<WECHAT>"),
        ("微信号88886666", "微信号<WECHAT>"),
        ("我微信同手机号13812345678", "我微信同手机号<PHONE>"),
        ("wechat id is johnsmith", "wechat id is <WECHAT>"),
        ("我QQ是12345678", "我QQ是<QQ>"),
        ("扣扣号 1234567", "扣扣号 <QQ>"),
    ],
)
def test_ids_cards_and_accounts_are_masked(text, masked):
    assert mask_text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "订单号202601051381234567",
        "订单6222021234567894",
        "运单SF1381234567890",
        "单号 20260105001",
        "一共13812.50元",
        "总价138123456.78",
        "一千三百八十一块二毛三",
        "2026年1月5日 12:30:45",
        "2026-01-05 09:00:00",
        "二零二六年一月五号下午三点",
        "13 8 2026 12 30 45",
        "五零零零三兆流量",
        "拨打10086或400-800-8888",
        "微信支付 payment",
        "微信付款 5000000",
        "微信群里发的x200pro",
        "wifi名是tplink_8f3a，微信发你了",
        "型号ab-1200x，我微信发你",
        "加我微信，我发你x200pro的报价",
        "加微信送usb-c100充电器",
        "微信通知说SF1234567890到了",
        "我微信看到的dell_xps13",
        "搜索iphone15加我购物车",
        "加微信吧，thanks",
        "my wechat is broken",
        "WX-2000这款",
        "身份证带了吗",
        "qq上说的",
        "110101199003078031",
        "6222021234567890",
        "版本 1.2.3 第 12 页",
        "YD零零零",
        "",
    ],
)
def test_order_numbers_prices_and_dates_stay(text):
    assert mask_text(text) == text


def test_a_masked_text_stays_as_it_is():
    once = mask_text("手机13812345678，微信zhang_88，卡6222021234567894")
    assert once == "手机<PHONE>，微信<WECHAT>，卡<BANK_CARD>"
    assert mask_text(once) == once


def test_a_broken_line_loses_every_long_number():
    assert mask_line("c1,1381234567,6222 0212,成交") == "c1,<NUMBER>,<NUMBER>,成交"


def test_an_array_is_masked_like_its_texts():
    texts = ["您好", None, "打13812345678", "幺三八一二三四五六七八", "打13812345678", "a@b.cn"]
    assert mask_array(pa.array(texts, pa.string())).to_pylist() == [
        "您好",
        None,
        "打<PHONE>",
        "<PHONE>",
        "打<PHONE>",
        "<EMAIL>",
    ]


def test_checksums_tell_right_from_wrong():
    assert is_id_card("11010119900307803x")
    assert not is_id_card("110101199003078039")
    assert not is_id_card("1101011990030780")
    assert is_luhn("4111111111111111")
    assert not is_luhn("4111111111111112")


def test_a_moment_is_no_number_on_either_path():
    texts = ["2026-01-05 09:00:00", "2013/12/13T13:58:12", "2026-01-05", "20130-1381234567"]
    assert mask_array(pa.array(texts)).to_pylist() == [mask_text(text) for text in texts] == texts


def test_a_run_of_digits_longer_than_any_number_stays_and_what_is_beside_it_goes():
    run = "9" * 70
    assert mask_text(f"{run}，打13812345678") == f"{run}，打<PHONE>"
    assert mask_text(f"{run}@qq.com") == f"{run[:6]}<EMAIL>"
