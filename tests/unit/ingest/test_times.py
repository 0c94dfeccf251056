"""Local clocks, formats and rollover: worked out by hand for two zones with summer time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from leadloop.ingest import times, values
from leadloop.ingest.zones import to_local_dates

NEW_YORK = ZoneInfo("America/New_York")
JERUSALEM = ZoneInfo("Asia/Jerusalem")
SHANGHAI = ZoneInfo("Asia/Shanghai")
FORMAT = ("%Y-%m-%d %H:%M:%S",)


def read(text, zone, formats=FORMAT):
    return times.read_times(pa.array([text], pa.string()), formats, zone)


@pytest.mark.parametrize(
    ("zone", "local", "utc"),
    [
        pytest.param(NEW_YORK, "2026-01-15 12:00:00", "2026-01-15 17:00", id="New York in winter"),
        pytest.param(NEW_YORK, "2026-07-15 12:00:00", "2026-07-15 16:00", id="New York in summer"),
        pytest.param(
            NEW_YORK, "2026-11-01 01:30:00", "2026-11-01 05:30", id="New York, shown twice"
        ),
        pytest.param(
            NEW_YORK, "2026-11-01 02:00:00", "2026-11-01 07:00", id="New York, shown once again"
        ),
        pytest.param(
            NEW_YORK, "2026-03-08 03:00:00", "2026-03-08 07:00", id="New York, after the gap"
        ),
        pytest.param(
            JERUSALEM, "1999-02-01 07:02:47", "1999-02-01 05:02:47", id="Jerusalem in winter"
        ),
        pytest.param(
            JERUSALEM, "2026-10-25 01:30:00", "2026-10-24 22:30", id="Jerusalem, shown twice"
        ),
        pytest.param(SHANGHAI, "2026-01-05 00:00:00", "2026-01-04 16:00", id="Beijing time"),
    ],
)
def test_local_times_become_utc(zone, local, utc):
    found = read(local, zone)
    assert found.values[0].as_py() == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert found.skipped is None


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        pytest.param(NEW_YORK, "2026-03-08 02:30:00", id="New York"),
        pytest.param(JERUSALEM, "2026-03-27 02:00:00", id="Jerusalem"),
    ],
)
@pytest.mark.parametrize("formats", [FORMAT, ()], ids=["by format", "by ISO 8601"])
def test_a_time_that_no_clock_showed_is_told_apart(zone, local, formats):
    found = read(local, zone, formats)
    assert found.values[0].as_py() is None
    assert found.skipped.tolist() == [True]


def test_skipped_times_are_quarantined_with_their_own_reason(
    write_calls, take_in, quarantined, a_call, tmp_path
):
    from leadloop.settings import PROJECT_ROOT

    text = (PROJECT_ROOT / "config/maps/generic_cn_cdr.yml").read_text(encoding="utf-8")
    own = tmp_path / "american.yml"
    own.write_text(text.replace("Asia/Shanghai", "America/New_York"), encoding="utf-8")
    call = a_call(start_time="2026-03-08 02:30:00", answer_time="", end_time="", bill_seconds="0")
    outcome = take_in(
        write_calls([{**call, "export_time": "2026-03-09 01:00:00"}]), map_name=str(own)
    )
    assert outcome.by_reason == {"originated_at_skipped_by_the_clock": 1}
    assert quarantined()[0]["detail"] == "start_time=2026-03-08 02:30:00"


@pytest.mark.parametrize(
    ("text", "formats", "seen"),
    [
        pytest.param("2026-02-30 10:00:00", FORMAT, None, id="30 February by format"),
        pytest.param("2026-02-28 10:00:00", FORMAT, "2026-02-28 02:00", id="28 February"),
        pytest.param("2026-03-02 10:00:00", FORMAT, "2026-03-02 02:00", id="2 March"),
        pytest.param("2026-01-05 10:00", FORMAT, None, id="without seconds"),
        pytest.param(
            "2026/01/05 10:00:00",
            ("%Y-%m-%d", "%Y/%m/%d %H:%M:%S"),
            "2026-01-05 02:00",
            id="second format",
        ),
        pytest.param("2026-01-05T10:00:00", (), "2026-01-05 02:00", id="ISO"),
        pytest.param(
            "2026-01-05T10:00:00.250+01:00", (), "2026-01-05 09:00:00.250", id="ISO with offset"
        ),
        pytest.param("2026-01-05T10:00:00Z", (), "2026-01-05 10:00", id="ISO in UTC"),
        pytest.param("2026-02-30T10:00:00", (), None, id="30 February in ISO"),
        pytest.param("tomorrow", (), None, id="no time at all"),
    ],
)
def test_times_are_read_by_their_format_or_not_at_all(text, formats, seen):
    found = read(text, SHANGHAI, formats)
    if seen is None:
        assert found.unreadable.tolist() == [True]
    else:
        assert found.unreadable is None
        assert found.values[0].as_py() == datetime.fromisoformat(seen).replace(tzinfo=UTC)


def test_an_empty_time_is_null_and_not_unreadable():
    found = times.read_times(pa.array([None, "2026-01-05 10:00:00"], pa.string()), FORMAT, SHANGHAI)
    assert found.values.null_count == 1
    assert found.unreadable is None


def test_the_day_is_the_local_one():
    moments = pa.array(
        [datetime(2026, 1, 4, 15, 59, tzinfo=UTC), datetime(2026, 1, 4, 16, 0, tzinfo=UTC), None],
        pa.timestamp("us", tz="UTC"),
    )
    assert to_local_dates(moments, SHANGHAI).to_pylist() == [
        date(2026, 1, 4),
        date(2026, 1, 5),
        None,
    ]
    assert to_local_dates(moments, NEW_YORK).to_pylist() == [
        date(2026, 1, 4),
        date(2026, 1, 4),
        None,
    ]


def test_clocks_are_read_and_wrong_ones_refused():
    day = pa.array([datetime(1999, 2, 1)] * 5, pa.timestamp("us"))  # noqa: DTZ001
    found = times.read_clock(day, pa.array(["7:02:47", "24:00:00", "9:61:00", None, "08:15"]))
    assert [str(value) for value in found.values.to_pylist()] == [
        "1999-02-01 07:02:47",
        "None",
        "None",
        "None",
        "1999-02-01 08:15:00",
    ]
    assert found.unreadable.tolist() == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "unit", "seen"),
    [
        pytest.param("1767574800", "s", "2026-01-05 01:00", id="seconds"),
        pytest.param("1767574800250", "ms", "2026-01-05 01:00:00.250", id="milliseconds"),
        pytest.param("1767574800.5", "s", "2026-01-05 01:00:00.500", id="seconds with a fraction"),
    ],
)
def test_epochs_are_utc(text, unit, seen):
    found = values.read_epochs(pa.array([text]), unit)
    assert found.values[0].as_py() == datetime.fromisoformat(seen).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "source", "target", "seen"),
    [
        pytest.param("9999", "ms", "s", 9, id="milliseconds are rounded down"),
        pytest.param("9999.7", "ms", "s", 9, id="milliseconds with a fraction"),
        pytest.param("-17", "s", "s", -17, id="negative as it is"),
        pytest.param("12.9", "s", "s", 12, id="seconds with a fraction"),
        pytest.param("2", "s", "ms", 2000, id="seconds to milliseconds"),
    ],
)
def test_durations_change_their_unit(text, source, target, seen):
    assert values.read_seconds(pa.array([text]), source, target).values.to_pylist() == [seen]


@pytest.mark.parametrize(
    ("text", "seen"),
    [("12", 12), ("12.0", 12), ("12.5", None), ("1e3", None), ("９", None), ("9" * 30, None)],
)
def test_whole_numbers_are_whole(text, seen):
    found = values.read_integers(pa.array([text]))
    assert found.values.to_pylist() == [seen]
    assert (found.unreadable is not None) is (seen is None)


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "ten"])
def test_what_is_no_quantity_is_no_number(text):
    found = values.read_numbers(pa.array([text, "0.5"]))
    assert found.values.to_pylist() == [None, 0.5]
    assert found.unreadable.tolist() == [True, False]


def test_yes_and_no_are_read_in_two_languages():
    found = values.read_booleans(pa.array(["是", "No", "maybe", None]))
    assert found.values.to_pylist() == [True, False, None, None]
    assert found.unreadable.tolist() == [False, False, True, False]


def test_months_are_read_by_name_and_number():
    found = values.read_months(
        pa.array(["2008", "2008", "2008", "2008"]), pa.array(["may", "December", "5月", "13"])
    )
    assert found.values.to_pylist() == [date(2008, 5, 1), date(2008, 12, 1), date(2008, 5, 1), None]
