"""The truth about a load: what is usual, late, twice, unknown, missing."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta

import pytest

from leadloop import opstore
from leadloop.doctor import check_loads
from leadloop.ingest.collect import collect_day
from leadloop.ingest.load import import_files
from leadloop.ingest.loads import describe_load, list_loads, read_limits

DAY = "2026-02-05"


@pytest.fixture
def bring(settings, write_calls, a_call):
    """Import some calls as one day's load of the dialler and return the load."""

    def run(count, day=DAY, source="dialler", **changes):
        begun = {"start_time": f"{day} 09:00:00", "answer_time": "", "end_time": ""}
        given = {**begun, "bill_seconds": "0", "export_time": "", **changes}
        rows = [a_call(call_id=f"{source}-{day}-{n}", **given) for n in range(count)]
        path = write_calls(rows, f"{source}_{day}.csv")
        import_files(settings, [path], "generic_cn_cdr", load_date=day, source=source)
        return next(load for load in list_loads(settings, day) if load["source"] == source)

    return run


def weeks_before(weeks):
    return (date.fromisoformat(DAY) - timedelta(weeks=weeks)).isoformat()


@pytest.mark.parametrize(
    ("today", "verdict"),
    [
        pytest.param(10, "low", id="less than half"),
        pytest.param(11, "usual", id="half"),
        pytest.param(44, "usual", id="twice"),
        pytest.param(45, "high", id="more than twice"),
    ],
)
def test_a_volume_is_judged_by_the_same_weekday_of_four_weeks(bring, today, verdict):
    # The median of 20, 21, 23 and 100 is 22; the fifth week and the day before count for nothing.
    for weeks, count in ((1, 100), (2, 20), (3, 23), (4, 21), (5, 1)):
        bring(count, weeks_before(weeks))
    bring(3, "2026-02-04")
    bring(7, weeks_before(1), "second")
    load = bring(today)
    assert load["volume"] == {
        "weeks": {"2026-01-08": 21, "2026-01-15": 23, "2026-01-22": 20, "2026-01-29": 100},
        "usual": 22,
        "low": 11,
        "high": 44,
        "verdict": verdict,
    }
    told = [remark for remark in load["remarks"] if remark.startswith("volume")]
    assert told == (
        [] if verdict == "usual" else [f"volume {verdict}: {today} rows, usual 11 to 44"]
    )


def test_one_week_is_too_few_to_judge(bring):
    bring(20, weeks_before(1))
    load = bring(1)
    assert load["volume"]["verdict"] == "too few weeks to judge"
    assert load["volume"]["low"] is None
    assert load["remarks"] == []


def test_rows_from_before_the_eve_of_the_load_are_late(settings, write_calls, a_call):
    starts = ["2026-02-05 09:00:00", "2026-02-04 00:00:00", "2026-02-03 23:59:59"]
    starts += ["2026-01-01 09:00:00"]
    rows = [
        a_call(call_id=f"c{n}", start_time=start, answer_time="", end_time="", export_time="")
        for n, start in enumerate(starts)
    ]
    import_files(settings, [write_calls(rows)], "generic_cn_cdr", load_date=DAY)
    (load,) = list_loads(settings)
    assert (load["late_rows"], load["dated_rows"], load["late_share"]) == (2, 4, 0.5)


def test_a_load_is_as_old_as_its_newest_event(bring, settings):
    bring(2)
    (row,) = opstore.read(settings, opstore.load_outcomes.select())
    assert row["newest_event_at"] == datetime(2026, 2, 5, 1, tzinfo=UTC)
    noon = datetime(2026, 2, 5, 12, 0, 30, tzinfo=UTC)
    assert describe_load(row, read_limits(settings), noon)["age_seconds"] == 11 * 3600 + 30


@pytest.mark.parametrize(
    ("unknown", "told"),
    [pytest.param(20, False, id="a fifth"), pytest.param(21, True, id="over a fifth")],
)
def test_coverage_is_the_share_of_rows_with_a_known_code(
    settings, write_calls, a_call, unknown, told
):
    rows = [a_call(call_id=f"c{n}", status="外星" if n < unknown else "BUSY") for n in range(100)]
    rows[50]["hangup_by"] = "nobody"
    import_files(settings, [write_calls(rows)], "generic_cn_cdr", load_date=DAY)
    (load,) = list_loads(settings)
    assert load["coverage"] == pytest.approx(1 - unknown / 100)
    assert load["unknown_codes"] == {"外星": unknown, "hangup_by=nobody": 1}
    shown = [remark for remark in load["remarks"] if "code that the map lacks: 外星" in remark]
    assert bool(shown) is told


def test_orders_have_no_coverage_to_judge(settings, tmp_path):
    path = tmp_path / "orders.csv"
    path.write_text(
        "order_id,customer_id,placed_time,amount\no1,K1,2026-02-05 09:00:00,99\n", encoding="utf-8"
    )
    import_files(settings, [path], "generic_orders", load_date=DAY)
    (load,) = list_loads(settings)
    assert (load["table_name"], load["coverage"]) == ("order", None)


def test_duplicates_and_refusals_add_up_over_the_files_of_a_load(settings, write_calls, a_call):
    first = write_calls([a_call(), a_call(call_id="")], "first.csv")
    second = write_calls([a_call(), a_call(call_id="c2"), a_call(call_id="")], "second.csv")
    import_files(settings, [first, second], "generic_cn_cdr", load_date=DAY)
    (load,) = list_loads(settings)
    names = ("files", "rows_read", "rows_landed", "rows_duplicate", "rows_quarantined")
    assert [load[name] for name in names] == [2, 5, 2, 1, 2]
    assert load["by_reason"] == {"call_id_missing": 2}
    assert "2 rows in quarantine" in load["remarks"]


def test_judging_again_leaves_one_row(bring, settings):
    first = bring(3)
    again = bring(3)
    assert len(list_loads(settings)) == 1
    # The same bytes again are no-op: nothing is counted twice.
    changing = {"age_seconds", "judged_at"}
    assert {key: again[key] for key in set(again) - changing} == {
        key: first[key] for key in set(first) - changing
    }


def test_a_source_without_a_file_is_recorded_as_missing_and_not_as_zero(settings, bring, tmp_path):
    bring(1)
    folder = settings.home.inbox / "dialler"
    folder.mkdir(parents=True)
    (tmp_path / f"dialler_{DAY}.csv").rename(folder / f"calls_{DAY}.csv")
    collect_day(settings, DAY)
    loads = {load["source"]: load for load in list_loads(settings, DAY)}
    assert loads["dialler"]["state"] == "loaded"
    for source, table in (("transcripts", "utterance"), ("orders", "order")):
        load = loads[source]
        assert (load["state"], load["table_name"]) == ("missing", table)
        assert load["newest_event_at"] is load["late_share"] is load["coverage"] is None
        assert load["remarks"] == ["no file came: what needs it is not available"]


def test_a_file_that_comes_later_ends_the_gap(settings, bring, tmp_path):
    bring(1)
    folder = settings.home.inbox / "dialler"
    folder.mkdir(parents=True)
    (tmp_path / f"dialler_{DAY}.csv").rename(folder / f"calls_{DAY}.csv")
    collect_day(settings, DAY)
    late = settings.home.inbox / "orders" / f"orders_{DAY}.csv"
    late.parent.mkdir(parents=True)
    late.write_text(
        "order_id,customer_id,placed_time,amount\no1,K1,2026-02-05 09:00:00,99\n", encoding="utf-8"
    )
    collect_day(settings, DAY)
    states = {load["source"]: load["state"] for load in list_loads(settings, DAY)}
    assert states == {"dialler": "loaded", "orders": "loaded", "transcripts": "missing"}


def test_the_limits_are_those_of_the_gate(settings):
    assert read_limits(settings) == {
        "minimum_rows": 50, "minimum_weeks": 2, "low": 0.5, "high": 2, "coverage": 0.8,
    }  # fmt: skip


def test_nothing_is_judged_by_a_limit_that_a_company_took_out(settings, tmp_path):
    folder = tmp_path / "own" / "expectations"
    folder.mkdir(parents=True)
    text = "name: landing_loads\nexpectations: [{kwargs: {column: call_count}, severity: warning}]"
    (folder / "landing_loads.yml").write_text(text, encoding="utf-8")
    assert read_limits(dataclasses.replace(settings, config=folder.parent)) == {}


def test_doctor_tells_what_is_unusual_about_the_newest_load(settings, bring):
    assert check_loads(settings).seen == "none yet"
    for weeks in (1, 2):
        bring(20, weeks_before(weeks))
    bring(30)
    assert check_loads(settings).state == "ok"
    assert check_loads(settings).seen == "2026-02-05: 30 rows of 1 source(s)"
    bring(3, "2026-02-12")
    found = check_loads(settings)
    assert (found.state, found.remedy) == ("warn", "leadloop loads show 2026-02-12")
    # Usual is the median of 30, 20 and 20.
    assert "dialler: volume low: 3 rows, usual 10 to 40" in found.seen
