"""Refused rows as they are kept: masked, whole, in their own order."""

from __future__ import annotations

import json

from leadloop.ingest.rows import mask_rows


def test_refused_rows_are_kept_masked_in_their_order():
    rows = [
        {"callee": "0", "remark": "打13812345678", "at": "2026-01-05 09:00:00"},
        {"callee": "", "remark": "打13812345678", "at": None},
    ]
    assert [json.loads(text) for text in mask_rows(rows, {"callee"})] == [
        {"callee": "<PHONE>", "remark": "打<PHONE>", "at": "2026-01-05 09:00:00"},
        {"callee": "", "remark": "打<PHONE>", "at": None},
    ]


def test_texts_and_numbers_inside_a_refused_record_are_masked_too():
    row = {"turns": [{"text": "我微信号zhang_88", "seq": 1}], "from": 13812345678, "ok": True}
    (text,) = mask_rows([row], ())
    wanted = {"turns": [{"text": "我微信号<WECHAT>", "seq": 1}], "from": "<PHONE>", "ok": True}
    assert json.loads(text) == wanted


def test_half_a_character_does_not_keep_a_row_from_being_masked():
    (text,) = mask_rows([{"a": "\ud800 13812345678", "b": "13912345678"}], ())
    assert text == '{"a": "? <PHONE>", "b": "<PHONE>"}'
