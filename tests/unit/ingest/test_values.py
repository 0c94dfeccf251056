"""Durations as they are written: numbers in a unit, or as a watch shows them."""

from __future__ import annotations

import pyarrow as pa
import pytest

from leadloop.ingest.values import read_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        pytest.param("3:12", 192, id="minutes and seconds"),
        pytest.param("00:03:12", 192, id="hours too"),
        pytest.param("1:02:03.900", 3723, id="fractions are dropped"),
        pytest.param("100:00:00", 360_000, id="more than two digits of hours"),
        pytest.param("1小时2分3秒", 3723, id="spelt out"),
        pytest.param("45秒", 45, id="seconds spelt out"),
        pytest.param("2分", 120, id="minutes alone"),
        pytest.param("", None, id="nothing"),
        pytest.param("3:72", None, id="no minute has 72 seconds"),
        pytest.param("192", None, id="a plain number has no unit here"),
        pytest.param("-0:12", None, id="below nothing"),
    ],
)
def test_a_duration_as_a_watch_shows_it_is_read_in_seconds(text, seconds):
    reading = read_seconds(pa.array([text, None]), "clock", "s")
    assert reading.values.to_pylist() == [seconds, None]
    assert (reading.unreadable is not None) == (seconds is None)


def test_a_watch_gives_milliseconds_where_these_are_wanted():
    assert read_seconds(pa.array(["0:02"]), "clock", "ms").values.to_pylist() == [2000]
