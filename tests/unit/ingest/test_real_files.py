"""Public files through the door, against counts worked out from them with csv and json alone."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
from collections import Counter
from datetime import date, datetime, timedelta

import pytest

from leadloop.ingest.load import import_files

NOWHERE = "0:00:00"


def read_csv(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture
def bank(settings):
    """Settings of a company in Israel."""
    company = settings.company.model_copy(update={"timezone": "Asia/Jerusalem"})
    return dataclasses.replace(settings, company=company)


@pytest.fixture
def anonbank(evaluation_data, bank, landed):
    """The raw rows of the call log, the outcome of its import, the landed rows by key."""
    path = evaluation_data / "callcentre" / "anonbank_1999-02_a.csv.gz"
    (outcome,) = import_files(bank, [path], "anonbank", load_date="1999-02-15")
    return read_csv(path), outcome, {row["call_id"]: row for row in landed()}


def test_no_call_of_the_bank_is_lost(anonbank):
    raw, outcome, rows = anonbank
    assert len(raw) == outcome.read == outcome.landed == len(rows) == 17456
    assert (outcome.duplicate, outcome.quarantined, outcome.unknown_codes) == (0, 0, {})
    # The number alone repeats: the line of the voice menu is part of the key.
    assert len(raw) - len({row["call_id"] for row in raw}) == 6473
    assert (outcome.first_event_date, outcome.last_event_date) == ("1999-02-01", "1999-02-14")


def test_the_banks_calls_of_each_day_and_ending_are_those_of_the_file(anonbank):
    raw, _, rows = anonbank
    names = {"AGENT": "served", "HANG": "abandoned", "PHANTOM": "phantom"}
    wanted = Counter((f"19{row['date']}", names[row["outcome"]], row["type"]) for row in raw)
    seen = Counter(
        (f"{row['event_date']:%Y%m%d}", row["outcome"], row["queue_id"]) for row in rows.values()
    )
    assert seen == wanted
    assert Counter(row["outcome"] for row in rows.values()) == {
        "served": 14405,
        "abandoned": 2908,
        "phantom": 143,
    }


def read_clock(row, name):
    # February: no change of clocks, two hours ahead of UTC all month.
    text = f"19{row['date']} {row[name]} +0200"
    return datetime.strptime(text, "%Y%m%d %H:%M:%S %z")


def test_every_time_of_the_bank_is_that_of_the_file(anonbank):
    raw, _, rows = anonbank

    def moment(row, name):
        if row[name] == NOWHERE:
            return None
        found, start = read_clock(row, name), read_clock(row, "vru_entry")
        if start - found > timedelta(hours=12):
            found += timedelta(days=1)
        return found

    for row in raw:
        seen = rows[f"{row['vru+line']}/{row['call_id']}"]
        ends = [moment(row, name) for name in ("vru_exit", "q_exit", "ser_exit")]
        assert seen["originated_at"] == moment(row, "vru_entry")
        assert seen["queued_at"] == moment(row, "q_start")
        assert seen["answered_at"] == moment(row, "ser_start")
        assert seen["ended_at"] == max(filter(None, ends), default=None)


def test_the_banks_dirt_lands_as_it_is(anonbank):
    raw, _, rows = anonbank
    seen = rows.values()
    assert sum(row["ivr_s"] < 0 for row in seen) == 17
    served = [row for row in seen if row["outcome"] == "served"]
    assert sum(row["answered_at"] is None for row in served) == 25
    hung_up = [row for row in seen if row["outcome"] == "abandoned"]
    assert sum(row["talk_s"] is not None for row in hung_up) == 50
    assert sum(row["talk_s"] is None for row in seen) == sum(
        row["ser_start"] == NOWHERE for row in raw
    )
    assert sum(row["talk_s"] or 0 for row in seen) == sum(
        int(row["ser_time"]) for row in raw if row["ser_start"] != NOWHERE
    )
    assert sum(row["agent_id"] is None for row in seen) == 3326
    assert sum(row["customer_id"] is None for row in seen) == sum(
        row["customer_id"] == "0" for row in raw
    )
    assert Counter(json.loads(row["custom"])["priority"] for row in seen) == Counter(
        row["priority"] for row in raw
    )


def test_a_campaign_without_days_lands_by_month(evaluation_data, settings, landed):
    path = evaluation_data / "conversion" / "bank_marketing.csv.gz"
    raw = read_csv(path)
    (outcome,) = import_files(settings, [path], "bank_marketing", load_date="2026-01-06")
    rows = landed()
    assert (outcome.read, outcome.landed) == (len(raw), len(raw)) == (24777, 24777)
    months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    wanted = Counter(
        (date(int(row["year"]), months.index(row["month"]) + 1, 1), int(row["campaign"]), row["y"])
        for row in raw
    )
    said = {"human_won": "yes", "human_other": "no"}
    assert wanted == Counter(
        (row["event_month"], row["attempt_no"], said[row["outcome"]]) for row in rows
    )
    assert {(row["event_at"], row["event_date"], row["date_precision"]) for row in rows} == {
        (None, None, "month")
    }
    assert sum(row["talk_s"] for row in rows) == sum(int(row["duration"]) for row in raw)
    assert {row["tells_won"] for row in rows} == {True}
    (file,) = (settings.home.landing / "call").rglob("*.parquet")
    assert file.name == f"undated_{outcome.batch_id}.parquet"


def test_ten_transcripts_land_turn_by_turn(evaluation_data, settings, landed):
    path = evaluation_data / "dialogue" / "seretod_china_mobile_examples.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as handle:
        dialogues = [json.loads(line) for line in handle]
    (outcome,) = import_files(settings, [path], "seretod", load_date="2026-01-06")
    rows = landed("utterance")
    wanted = [
        (dialogue["id"], role)
        for dialogue in dialogues
        for turn in dialogue["content"]
        for name, role in (("[SPEAKER 1]", "agent"), ("[SPEAKER 2]", "customer"))
        if turn.get(name)
    ]
    assert len(dialogues) == 10
    assert outcome.landed == outcome.read == len(wanted)
    assert [(row["call_id"], row["speaker_role"]) for row in rows] == wanted
    counts = Counter(name for name, _ in wanted)
    for dialogue in dialogues:
        turns = [row["seq"] for row in rows if row["call_id"] == dialogue["id"]]
        assert turns == list(range(1, counts[dialogue["id"]] + 1))
    assert {row["date_precision"] for row in rows} == {"none"}


def test_real_files_imported_twice_change_nothing(evaluation_data, settings, files_of):
    path = evaluation_data / "dialogue" / "seretod_china_mobile_examples.jsonl.gz"
    (first,) = import_files(settings, [path], "seretod", load_date="2026-01-06")
    files = files_of()
    (again,) = import_files(settings, [path], "seretod", load_date="2026-01-06")
    assert (again.landed, again.duplicate) == (0, first.landed)
    assert files_of() == files
