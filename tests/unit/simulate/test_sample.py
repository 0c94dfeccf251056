"""The made company: deterministic, plausible, and dirty by number."""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from leadloop.errors import UsageError
from leadloop.simulate.sample import SampleSummary, write_sample
from leadloop.simulate.sample.dialect import COLUMNS, STATUSES

MONDAY = "2026-03-02"


def fingerprint(folder: Path) -> str:
    parts = [
        f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
        for path in sorted(folder.rglob("*.*"))
    ]
    return "\n".join(parts)


def read_lines(folder: Path) -> list[list[str]]:
    rows = []
    for path in sorted((folder / "dialler").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            rows += list(csv.reader(file))[1:]
    return rows


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleSummary]:
    folder = tmp_path_factory.mktemp("month")
    return folder, write_sample(folder, first_day=MONDAY, days=28)


@pytest.fixture(scope="module")
def dials(month: tuple[Path, SampleSummary]) -> list[dict[str, str]]:
    """The last version of every row that can be read."""
    newest: dict[str, dict[str, str]] = {}
    for values in read_lines(month[0]):
        if len(values) != len(COLUMNS) or "?" in values[COLUMNS.index("start_time")]:
            continue
        row = dict(zip(COLUMNS, values, strict=True))
        if row["export_time"] >= newest.get(row["call_id"], row)["export_time"]:
            newest[row["call_id"]] = row
    return list(newest.values())


def rate(rows: list[dict[str, str]]) -> float:
    return sum(row["status"].startswith("ANSWERED") for row in rows) / len(rows)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, first_day=MONDAY, days=3, dials_per_day=200)
    assert fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    for seed in (7, 8):
        write_sample(tmp_path / str(seed), seed=seed, first_day=MONDAY, days=2, dials_per_day=200)
    assert fingerprint(tmp_path / "7") != fingerprint(tmp_path / "8")


def test_a_longer_sample_begins_with_the_shorter_one(tmp_path: Path) -> None:
    for days in (2, 4):
        write_sample(tmp_path / str(days), first_day=MONDAY, days=days, dials_per_day=200)
    name = "dialler/calls_2026-03-03.csv"
    assert (tmp_path / "2" / name).read_bytes() == (tmp_path / "4" / name).read_bytes()


def test_the_month_is_written_a_file_a_day(month: tuple[Path, SampleSummary]) -> None:
    folder, summary = month
    names = [path.name for path in sorted((folder / "dialler").iterdir())]
    assert names[0] == "calls_2026-03-02.csv"
    assert names[-1] == "calls_2026-03-29.csv"
    assert len(names) == len(list((folder / "transcripts").iterdir())) == 28
    assert len(list((folder / "orders").iterdir())) == 28
    assert summary.last_day == "2026-03-29"


def test_every_line_of_the_files_is_in_the_summary(month: tuple[Path, SampleSummary]) -> None:
    folder, summary = month
    assert len(read_lines(folder)) == summary.lines
    still_held = summary.dials + summary.resent + summary.corrected - summary.lines
    assert 0 <= still_held <= 12  # late rows of the last days come in files not written yet


def test_dirt_is_in_the_files_as_often_as_the_summary_says(
    month: tuple[Path, SampleSummary],
) -> None:
    folder, summary = month
    rows = read_lines(folder)
    start, status = COLUMNS.index("start_time"), COLUMNS.index("status")
    whole = [row for row in rows if len(row) == len(COLUMNS)]
    unreadable = [row for row in whole if "?" in row[start]]
    assert len(rows) - len(whole) + len(unreadable) == summary.broken
    assert 28 <= summary.broken <= 56
    assert len({row[0] for row in whole if row[status] not in STATUSES}) == summary.unknown == 28
    good = [row for row in whole if "?" not in row[start]]
    content = Counter(tuple(row[:-1]) for row in good)
    assert sum(count - 1 for count in content.values()) == summary.resent
    assert len(content) - len({row[0] for row in content}) == summary.corrected > 0


def test_late_rows_come_in_the_file_of_a_later_day(month: tuple[Path, SampleSummary]) -> None:
    folder, summary = month
    late = 0
    for path in sorted((folder / "dialler").glob("*.csv")):
        day = path.stem.removeprefix("calls_")
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                before = (row["start_time"] or day) < day
                late += before and row["status"] == "NOANSWER"
    assert late == summary.late > 28


def test_phones_are_under_a_prefix_that_is_not_assigned(dials: list[dict[str, str]]) -> None:
    import phonenumbers

    sample = {row["callee"] for row in dials[::97]} | {row["caller"] for row in dials[::97]}
    for number in sample:
        assert not phonenumbers.is_valid_number(phonenumbers.parse(number, "CN")), number


def test_a_lead_keeps_its_phone_and_its_channel(dials: list[dict[str, str]]) -> None:
    leads = [row for row in dials if not row["customer_id"]]
    seen = {(row["lead_id"], row["callee"], row["channel_id"]) for row in leads}
    assert len(seen) == len({row["lead_id"] for row in leads})
    assert len({phone for _, phone, _ in seen}) == len(seen)


def test_about_a_third_connects_and_eleven_beats_eighteen(dials: list[dict[str, str]]) -> None:
    leads = [row for row in dials if not row["customer_id"]]
    assert rate(leads) == pytest.approx(0.34, abs=0.02)
    by_hour = {h: [r for r in leads if r["start_time"][11:13] == h] for h in ("11", "18")}
    assert rate(by_hour["11"]) > rate(by_hour["18"]) + 0.05


def test_nobody_is_dialled_at_noon_or_at_night(dials: list[dict[str, str]]) -> None:
    hours = Counter(int(row["start_time"][11:13]) for row in dials)
    # A talk that runs over the hour pushes the next dial a few minutes past it, not further.
    outside = sum(hours[hour] for hour in hours if hour not in {9, 10, 11, *range(14, 20)})
    assert outside / len(dials) < 0.01


def test_sundays_are_quiet(dials: list[dict[str, str]]) -> None:
    days = Counter(row["start_time"][:10] for row in dials)
    assert days["2026-03-08"] < days["2026-03-06"] / 10


def test_channels_sell_in_the_order_of_their_leads(dials: list[dict[str, str]]) -> None:
    won = {}
    for channel in ("referral", "web_form", "short_video", "cold_list"):
        rows = [row for row in dials if row["channel_id"] == channel]
        connected = [row for row in rows if row["status"].startswith("ANSWERED")]
        won[channel] = sum(row["status"] == "ANSWERED_WON" for row in connected) / len(connected)
    assert list(won) == sorted(won, key=won.__getitem__, reverse=True)
    assert won["referral"] > 3 * won["cold_list"]


def test_deals_take_longer_talks_and_some_talks_are_short(dials: list[dict[str, str]]) -> None:
    talks = {
        name: sorted(int(row["bill_seconds"]) for row in dials if row["status"] == name)
        for name in ("ANSWERED_WON", "ANSWERED_REFUSED")
    }
    medians = {name: values[len(values) // 2] for name, values in talks.items()}
    assert medians["ANSWERED_WON"] > 3 * medians["ANSWERED_REFUSED"]
    human = [row for row in dials if row["status"].startswith("ANSWERED")]
    short = sum(int(row["bill_seconds"]) < 10 for row in human) / len(human)
    assert 0.04 < short < 0.10


def test_times_of_a_dial_add_up(dials: list[dict[str, str]]) -> None:
    from datetime import datetime

    for row in dials[::53]:
        if not row["answer_time"]:
            assert row["bill_seconds"] == "0"
            continue
        answered, ended = (datetime.fromisoformat(row[n]) for n in ("answer_time", "end_time"))
        spent = int(row["bill_seconds"]) + int(row["hold_seconds"])
        assert (ended - answered).total_seconds() == spent


def test_no_agent_is_on_two_calls_at_once(dials: list[dict[str, str]]) -> None:
    by_agent: dict[str, list[tuple[str, str]]] = {}
    for row in dials:
        if row["agent_id"]:
            span = (row["start_time"], row["end_time"])
            by_agent.setdefault(row["agent_id"], []).append(span)
    assert len(by_agent) == 20
    for spans in by_agent.values():
        spans.sort()
        assert all(end <= start for (_, end), (start, _) in pairwise(spans))


def test_transcripts_belong_to_answered_calls_and_fill_their_talk(
    month: tuple[Path, SampleSummary], dials: list[dict[str, str]]
) -> None:
    folder, summary = month
    by_id = {row["call_id"]: row for row in dials}
    documents = [
        json.loads(line)
        for path in sorted((folder / "transcripts").iterdir())
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    assert len(documents) == summary.transcripts > 900
    for document in documents:
        call = by_id[document["call_id"]]
        assert call["status"].startswith("ANSWERED")
        turns = document["turns"]
        assert turns[-1]["end_ms"] == int(call["bill_seconds"]) * 1000
        edges = [edge for turn in turns for edge in (turn["begin_ms"], turn["end_ms"])]
        assert edges == sorted(edges)
        assert {turn["role"] for turn in turns} == {"agent", "customer"}
        assert "{" not in "".join(turn["text"] for turn in turns)


def test_an_unknown_fault_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="dead_numbers_douyin"):
        write_sample(tmp_path, first_day=MONDAY, days=1, fault="meteor")
    assert not list(tmp_path.iterdir())


def test_a_tiny_company_can_be_written(tmp_path: Path) -> None:
    summary = write_sample(tmp_path, first_day="2026-03-07", days=3, dials_per_day=5)
    assert summary.files == 9


def test_a_large_company_has_enough_people_to_end_its_day_before_the_export(
    tmp_path: Path,
) -> None:
    write_sample(tmp_path, first_day=MONDAY, days=1, dials_per_day=20_000)
    with (tmp_path / "dialler" / f"calls_{MONDAY}.csv").open(encoding="utf-8") as file:
        # Some lines are broken on purpose.
        rows = [row for row in csv.DictReader(file) if row["export_time"]]
    assert len(rows) > 19_000
    assert all(row["end_time"] < row["export_time"] for row in rows)
    assert max(row["start_time"] for row in rows) < f"{MONDAY} 21:00:00"
