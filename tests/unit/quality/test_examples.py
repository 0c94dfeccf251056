"""Example rows say where a row is and what is wrong, never who it is about."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from leadloop.quality.examples import mask_row, mask_value


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("talk_s", -3, -3),
        ("talk_s", -3.0, -3),
        ("other_share", 0.28571, 0.2857),
        ("talk_s", float("nan"), None),
        ("outcome", "paused", "paused"),
        ("source_file", "calls_20260305.csv", "calls_20260305.csv"),
        ("event_date", "2026-03-05", "2026-03-05"),
        ("event_at", datetime(2026, 3, 5, 2, tzinfo=UTC), "2026-03-05T02:00:00+00:00"),
        ("dial_date", date(2026, 3, 5), "2026-03-05"),
        ("phone_last4", "5678", "***"),
        ("text_masked", "您好", "***"),
        ("has_phone_number", True, True),
        ("text_length", 12, 12),
        ("custom", 5, "***"),
        ("flag_conflict", "connected, not answered", "connected, not answered"),
        ("note", "call 13912345678 back", "call **** back"),
        ("note", "a" * 30, "a" * 24 + "…"),
    ],
)
def test_what_is_shown_of_a_value(column, value, shown):
    assert mask_value(column, value) == shown


def test_an_id_is_shown_as_the_same_short_hash_each_time():
    first, second = mask_value("call_id", "c-1"), mask_value("dial_id", "c-1")
    assert first == second
    assert first.startswith("#")
    assert len(first) == 9
    assert mask_value("call_id", "c-2") != first


def test_a_row_is_masked_column_by_column():
    assert mask_row({"talk_s": 1, "phone_hash": None, "text_masked": "x"}) == {
        "talk_s": 1,
        "phone_hash": None,
        "text_masked": "***",
    }
