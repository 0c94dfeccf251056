"""Marks are exact, and no value of a cursor makes a pull pass over rows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leadloop.ingest import IngestError
from leadloop.ingest.sources import Cursor
from leadloop.ingest.spans import Mark, span_from_mark, span_of_day

# The first whole number that a float cannot hold.
LONG = 9_007_199_254_740_993
DAY = span_of_day("2026-01-05", UTC)
BY_NUMBER = Cursor(field="id", kind="number", start="1", overlap=10)
BY_TIME = Cursor(field="at.last", start="2026-01-01T00:00:00Z", overlap=60)


def test_ids_longer_than_a_float_are_read_on_from_exactly():
    seen = Mark(BY_NUMBER, UTC)
    seen.see({"id": LONG})
    seen.see({"id": str(LONG - 5)})
    assert seen.settle(None) == "9007199254740993"
    span = span_from_mark(BY_NUMBER, seen.settle(None), DAY)
    assert span.write("epoch", None)["since"] == "9007199254740983"


def test_a_mark_less_its_overlap_never_lies_before_the_start():
    assert span_from_mark(BY_NUMBER, "4", DAY).since == 1
    assert span_from_mark(BY_TIME, "2026-01-01T00:00:30+00:00", DAY).since == datetime(
        2026, 1, 1, tzinfo=UTC
    )


def test_a_day_before_the_mark_has_nothing_to_ask_for():
    assert span_from_mark(BY_TIME, "2026-01-06T00:01:00+00:00", DAY) is None
    assert span_from_mark(BY_TIME, "2026-01-06T00:00:59+00:00", DAY) is not None


@pytest.mark.parametrize(
    ("cursor", "record"),
    [
        (BY_NUMBER, {"id": "nan"}),
        (BY_NUMBER, {"id": float("inf")}),
        (BY_NUMBER, {"id": True}),
        (BY_NUMBER, {}),
        (BY_TIME, {"at": "2026-01-05T00:00:00Z"}),
        (BY_TIME, {"at": {"last": 1e300}}),
        (BY_TIME, {"at": {"last": "yesterday"}}),
    ],
)
def test_a_value_that_cannot_be_ordered_stops_the_pull(cursor, record):
    with pytest.raises(IngestError, match="rows would be passed over"):
        Mark(cursor, UTC).see(record)


@pytest.mark.parametrize("value", [1767571200, 1767571200000, "2026-01-05T00:00:00Z"])
def test_times_come_as_seconds_milliseconds_or_text(value):
    seen = Mark(BY_TIME, UTC)
    seen.see({"at": {"last": value}})
    assert seen.settle(None) == "2026-01-05T00:00:00+00:00"
