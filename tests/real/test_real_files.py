"""Real files through the whole pipeline, against figures worked out apart from it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from leadloop import metrics
from leadloop.settings import Settings
from leadloop.warehouse import open_marts, read_rows

FIRST, LAST = "1999-02-01", "1999-02-14"
DAY_OF_LOAD = "2011-01-01"
MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@pytest.fixture(scope="module")
def bank(
    tmp_path_factory, evaluation_data: Path, bank_company, make_company_home, run_leadloop
) -> Settings:
    """The three real files imported whole, then one daily cycle over all that is pending."""
    settings = make_company_home(tmp_path_factory.mktemp("bank"), bank_company)
    files = {
        "anonbank": "callcentre/anonbank_1999-02_a.csv.gz",
        "bank_marketing": "conversion/bank_marketing.csv.gz",
        "seretod": "dialogue/seretod_china_mobile_examples.jsonl.gz",
    }
    for name, file in files.items():
        path = str(evaluation_data / file)
        run_leadloop("import", path, "--map", name, "--load-date", DAY_OF_LOAD)
    run_leadloop("run", "daily", "--date", DAY_OF_LOAD)
    return settings


def query(settings: Settings, sql: str) -> list[dict]:
    with open_marts(settings.home) as connection:
        return read_rows(connection, sql)


def one(settings: Settings, metric: str, **arguments) -> metrics.MetricValue:
    (value,) = metrics.query(settings, [metric], **arguments)
    return value


def inbound(settings: Settings, metric: str) -> metrics.MetricValue:
    return one(settings, metric, start=FIRST, end=LAST)


def test_calls_a_day_are_the_rows_a_day_of_the_log(bank, switch):
    rows = query(bank, "select dial_date::text as day, count(*) as n from fct_dials group by all")
    assert {row["day"]: row["n"] for row in rows} == switch.by_day(switch.rows)
    assert sum(row["n"] for row in rows) == 17_456


def test_call_ids_that_repeat_between_lines_stay_apart(bank, switch):
    assert len(switch.rows) - len({row["call_id"] for row in switch.rows}) == 6_473
    (row,) = query(bank, "select count(distinct dial_id) as n from fct_dials")
    assert row["n"] == len({(row["vru+line"], row["call_id"]) for row in switch.rows}) == 17_456


def test_the_served_share_counts_calls_that_an_agent_began_to_serve(bank, switch):
    # Rows of PHANTOM are no calls that asked for service: no conversation began.
    phantoms = sum(row["outcome"] == "PHANTOM" for row in switch.rows)
    value = inbound(bank, "served_share")
    assert (value.k, value.n) == (len(switch.served), len(switch.rows) - phantoms)
    assert phantoms == 143
    assert value.low < value.value < value.high


def test_an_agent_row_without_a_service_start_is_an_anomaly_not_a_service(bank, switch):
    unstarted = [row for row in switch.rows if row["outcome"] == "AGENT"]
    assert len(unstarted) - len(switch.served) == 25
    assert anomaly_count(bank, "served_without_answer") == 25


def test_hung_up_rows_with_talk_and_negative_menu_times_are_counted_anomalies(bank, switch):
    talked = [row for row in switch.rows if row["outcome"] == "HANG" and row["ser_time"] != "0"]
    started = [
        row for row in switch.rows if row["outcome"] == "HANG" and row["ser_start"] != "0:00:00"
    ]
    assert len(started) == 50
    assert anomaly_count(bank, "abandoned_with_talk") == len(talked)
    assert anomaly_count(bank, "negative_ivr_seconds") == 17
    assert sum(int(row["vru_time"]) < 0 for row in switch.rows) == 17


def anomaly_count(settings: Settings, name: str) -> int:
    (row,) = query(
        settings,
        f"select coalesce(sum(row_count), 0)::bigint as n from rpt_row_anomalies "
        f"where anomaly = '{name}' and source_system = 'anonbank'",
    )
    return row["n"]


def test_short_talks_are_counted_strictly_and_inclusively(bank, switch):
    talks = [int(row["ser_time"]) for row in switch.served]
    value = inbound(bank, "short_talk_share")
    assert (value.k, value.n) == (sum(talk < 10 for talk in talks), len(talks)) == (937, 14_380)
    (row,) = query(bank, "select sum(is_short_talk_inclusive::int)::bigint as n from fct_dials")
    assert row["n"] == sum(talk <= 10 for talk in talks) == 987


def test_handling_time_by_type_is_the_mean_service_time_of_served_calls(bank, switch):
    values = metrics.query(bank, ["handling_time"], by=["queue"], start=FIRST, end=LAST)
    seen = {value.dimensions["queue"]: (value.k, value.n) for value in values}
    wanted = {}
    for kind in {row["type"] for row in switch.rows}:
        talks = [int(row["ser_time"]) for row in switch.served if row["type"] == kind]
        wanted[kind] = (sum(talks), len(talks))
    assert seen == wanted
    assert wanted["PS"] == (1_729_194, 9_688)


def test_a_clock_of_zero_means_not_reached_and_is_null_not_nought(bank, switch):
    (row,) = query(
        bank,
        "select count(*) filter (where queued_at is null) as unqueued, "
        "count(*) filter (where answered_at is null) as unanswered, "
        "count(*) filter (where answered_at is null and talk_seconds is not null) as wrong "
        "from fct_dials",
    )
    assert row["unqueued"] == sum(item["q_start"] == "0:00:00" for item in switch.rows)
    assert row["unanswered"] == sum(item["ser_start"] == "0:00:00" for item in switch.rows)
    assert row["wrong"] == 0


def test_calls_that_cross_midnight_end_on_the_next_day(bank, clock_seconds, switch):
    crossing = [
        row
        for row in switch.served
        if clock_seconds(row["ser_exit"]) < clock_seconds(row["vru_entry"]) - 43_200
    ]
    rows = query(
        bank,
        "select date_diff('second', answered_at, ended_at) as span, talk_seconds from fct_dials "
        "where talk_seconds is not null and "
        "timezone('Asia/Jerusalem', ended_at)::date = dial_date + 1",
    )
    assert len(rows) == len(crossing) > 0
    assert all(row["span"] == row["talk_seconds"] for row in rows)


@pytest.mark.parametrize("metric", ["dials", "connect_rate", "conversion_rate"])
def test_what_an_inbound_log_cannot_tell_is_not_available_and_never_nought(bank, metric):
    value = inbound(bank, metric)
    assert value.state == "not available"
    assert value.value is None


def test_conversions_by_month_and_attempt_are_those_of_the_file(bank, campaign):
    rows = query(
        bank,
        "select dial_month::text as month, attempt_no, contact_count as n, won_count as k "
        "from fct_conversion_monthly where source_system = 'bank_marketing'",
    )
    contacts, won = Counter(), Counter()
    for row in campaign:
        key = (f"{row['year']}-{MONTHS.index(row['month']):02d}-01", int(row["campaign"]))
        contacts[key] += 1
        won[key] += row["y"] == "yes"
    assert {(row["month"], row["attempt_no"]): row["n"] for row in rows} == dict(contacts)
    assert {(row["month"], row["attempt_no"]): row["k"] for row in rows} == dict(won)
    assert (sum(contacts.values()), sum(won.values())) == (24_777, 2_755)


def test_a_file_without_days_stays_out_of_what_needs_a_day(bank):
    (row,) = query(bank, "select count(*) as n from fct_dials where source_system <> 'anonbank'")
    assert row["n"] == 0


def test_ten_transcripts_land_with_every_turn_and_no_date(bank, dialogues):
    rows = query(bank, "select * from fct_transcripts")
    assert len(rows) == len(dialogues) == 10
    spoken = sum(
        bool(turn.get(side, "").strip())
        for dialogue in dialogues
        for turn in dialogue["content"]
        for side in ("[SPEAKER 1]", "[SPEAKER 2]")
    )
    assert sum(row["utterance_count"] for row in rows) == spoken
