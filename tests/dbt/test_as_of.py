"""What was published stays known: numbers as they stood, why they changed, the day built again."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from typer.testing import CliRunner

from leadloop import opstore, pointer, published, transform
from leadloop.as_of import rebuild
from leadloop.cli import app
from leadloop.errors import UsageError
from leadloop.language.scoring import annotate_day
from leadloop.privacy.erased import erasures
from leadloop.publish.fingerprints import hash_day, hash_marts
from leadloop.publish.marts import publish_day
from leadloop.scoring.churn import score_day
from leadloop.settings import Home

MONDAY, TUESDAY, WEDNESDAY = "2026-01-05", "2026-01-06", "2026-01-07"
AT = datetime(2026, 1, 5, 2, tzinfo=UTC)
LATER = {"extracted_at": AT + timedelta(days=2), "ingested_at": AT + timedelta(days=2)}


def restatements(landing: Any, **where: Any) -> list[dict[str, Any]]:
    table = published.metric_restatements
    query = sa.select(table)
    for name, value in where.items():
        query = query.where(table.c[name] == value)
    return opstore.read(landing.settings, query)


def stand(landing: Any, day: str, name: str = "connect_rate") -> dict[str, tuple[Any, Any]]:
    """Return k and n of a metric by period, in total, as they stood once a day was published."""
    rows = published.read_as_of(landing.settings, day, [name])
    return {row["period"]: (row["k"], row["n"]) for row in rows if row["dims"] == published.TOTAL}


@pytest.fixture(scope="module")
def built_monday(shared_landing, tmp_path_factory):
    """What a published Monday leaves: one of three dials of the channel web was answered."""
    shared_landing.wipe()
    call = shared_landing.call
    rows = [
        call("a", AT, channel_id="web", outcome="human_won", talk_s=100),
        call("b", AT, channel_id="web"),
        call("c", AT, channel_id="web"),
    ]
    shared_landing.land(MONDAY, "first", rows)
    shared_landing.cycle(MONDAY)
    settings, kept = shared_landing.settings, tmp_path_factory.mktemp("monday")
    for folder in folders(settings.home):
        shutil.copytree(folder, kept / folder.name, symlinks=True)
    tables = (opstore.step_outcomes, *published.TABLES)
    return kept, {table: opstore.read(settings, sa.select(table)) for table in tables}


def folders(home: Home) -> tuple[Path, ...]:
    return home.landing, home.warehouse.parent, home.marts


@pytest.fixture
def monday(landing, built_monday):
    """A landing with that Monday, built and published."""
    kept, tables = built_monday
    for folder in folders(landing.settings.home):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(kept / folder.name, folder, symlinks=True)
    with opstore.transaction(landing.settings) as store:
        for table, rows in tables.items():
            opstore.append(store, table, rows)
    return landing


def again(landing: Any, key: str, **changes: Any) -> dict[str, Any]:
    return landing.call(key, AT, channel_id="web", row_hash=f"{key}-2", **LATER) | changes


def test_a_changed_number_is_logged_with_old_new_and_cause(landing):
    days = {"late_rows": 1, "corrected_rows": 2, "withdrawn_rows": 3}
    at = {cause: AT - timedelta(days=number) for cause, number in days.items()}
    known = [landing.call(f"{cause}-1", moment) for cause, moment in at.items()]
    landing.land(MONDAY, "first", [*known, *(landing.call(f"{c}-2", at[c]) for c in at)])
    landing.cycle(MONDAY)
    changes = [
        landing.call("late_rows-3", at["late_rows"]),
        landing.call("corrected_rows-2", at["corrected_rows"], outcome="human_other"),
        landing.call("withdrawn_rows-2", at["withdrawn_rows"], is_deleted=True),
    ]
    landing.land(TUESDAY, "second", [row | LATER | {"row_hash": "new"} for row in changes])
    landing.cycle(TUESDAY)
    found = {
        row["cause"]: [row[name] for name in ("period", "old_k", "old_n", "new_k", "new_n")]
        for row in restatements(landing, metric="connect_rate", dims=published.TOTAL)
    }
    assert found == {
        "late_rows": ["2026-01-04", 0, 2, 0, 3],
        "corrected_rows": ["2026-01-03", 0, 2, 1, 2],
        "withdrawn_rows": ["2026-01-02", 0, 2, 0, 1],
    }
    (row,) = restatements(landing, metric="dials", dims=published.TOTAL, cause="late_rows")
    assert (row["old_as_of"], row["new_as_of"]) == (MONDAY, TUESDAY)
    assert row["detail"]["rows"] == {"late_rows": 1}


def test_a_number_published_earlier_can_be_read_as_it_stood(monday):
    monday.land(TUESDAY, "second", [again(monday, "d"), monday.call("e", AT + timedelta(days=1))])
    monday.cycle(TUESDAY)
    assert stand(monday, MONDAY) == {MONDAY: (1, 3)}
    assert stand(monday, TUESDAY) == {MONDAY: (1, 4), TUESDAY: (0, 1)}
    shown = CliRunner().invoke(
        app,
        ["metrics", "connect_rate", "--as-of", MONDAY, "--by", "channel", "--json", "-"],
        env={"LEADLOOP_HOME": str(monday.settings.home.root)},
    )
    assert shown.exit_code == 0, shown.output
    assert '"channel": "web"' in shown.output
    assert '"n": 3' in shown.output


def test_a_day_run_again_restates_nothing_and_adds_no_point(monday):
    points = opstore.read(monday.settings, sa.select(published.metric_points))
    publish_day(monday.settings, MONDAY)
    assert opstore.read(monday.settings, sa.select(published.metric_points)) == points
    assert restatements(monday) == []


def test_the_same_day_published_with_other_numbers_keeps_both(monday):
    monday.land(MONDAY, "second", [again(monday, "d")])
    monday.cycle(MONDAY)
    table = published.metric_points
    total = sa.select(table.c.n).where(table.c.metric == "dials", table.c.dims == published.TOTAL)
    assert [row["n"] for row in opstore.read(monday.settings, total)] == [3, 4]
    assert stand(monday, MONDAY, "dials") == {MONDAY: (4, 4)}


def test_a_day_whose_rows_all_left_is_restated_to_not_available(monday):
    moved = [
        again(monday, key) | monday.call(key, AT + timedelta(days=1)) | LATER | {"row_hash": "m"}
        for key in ("a", "b", "c")
    ]
    monday.land(TUESDAY, "second", moved)
    monday.cycle(TUESDAY)
    (gone,) = restatements(monday, metric="dials", dims=published.TOTAL, period=MONDAY)
    assert (gone["old_n"], gone["new_n"], gone["cause"]) == (3, None, "corrected_rows")


def test_a_load_that_is_held_later_withdraws_its_rows(monday):
    monday.land(TUESDAY, "second", [again(monday, "d")])
    monday.cycle(TUESDAY)
    held = {"load_date": TUESDAY, "is_held": True, "day": TUESDAY, "batches": []}
    with opstore.transaction(monday.settings) as store:
        opstore.replace(store, opstore.load_gates, [held | {"gated_at": opstore.now()}])
    monday.cycle(WEDNESDAY)
    found = restatements(monday, metric="dials", dims=published.TOTAL, new_as_of=WEDNESDAY)
    assert [(row["old_n"], row["new_n"], row["cause"]) for row in found] == [
        (4, 3, "withdrawn_rows")
    ]


def test_a_changed_definition_is_the_cause_where_no_row_came(monday, monkeypatch):
    from leadloop.publish import points

    real = points.find_versions
    monkeypatch.setattr(
        points, "find_versions", lambda *found: dict.fromkeys(real(*found), "another")
    )
    changed = points.judge

    def judge(definition, dimensions, row):
        return replace(changed(definition, dimensions, row), k=7.0)

    monkeypatch.setattr(points, "judge", judge)
    publish_day(monday.settings, MONDAY)
    causes = {row["cause"] for row in restatements(monday)}
    assert causes == {"definition_changed"}


def test_a_published_week_is_restated_with_its_day(monday):
    publish_day(monday.settings, MONDAY, cycle="weekly")
    monday.land(TUESDAY, "second", [again(monday, "d")])
    monday.cycle(TUESDAY)
    (week,) = restatements(monday, grain="week", metric="dials", dims=published.TOTAL)
    assert (week["period"], week["old_n"], week["new_n"], week["cause"]) == (
        MONDAY, 3, 4, "late_rows",
    )  # fmt: skip


def test_a_day_built_again_a_month_later_has_the_rows_that_were_published(landing):
    call, settings = landing.call, landing.settings
    landing.land(
        MONDAY,
        "first",
        [
            call("a", AT, outcome="human_won", talk_s=100, customer_id="K1"),
            call("b", AT),
            call("c", AT),
        ],
    )
    landing.land(MONDAY, "words", [landing.utterance("a", 1, AT), landing.utterance("a", 2, AT)])
    landing.land(MONDAY, "orders", [landing.order("o", AT)])
    landing.land(MONDAY, "team", [landing.state("A1", AT, agent_id="A1", team_id="T1")])
    run_all(landing, MONDAY)
    first = {version.name: version.path for version in pointer.list_versions(settings.home)}
    (as_published,) = first.values()
    before = hash_marts(as_published)

    # Late, corrected and withdrawn rows of that day, other words and another state.
    late = [again(landing, "d"), again(landing, "b", outcome="human_refused", talk_s=30)]
    landing.land("2026-02-03", "second", [*late, again(landing, "c", is_deleted=True)])
    words = landing.utterance("a", 1, AT, version=2, text_masked="太贵了，别再打了")
    landing.land("2026-02-03", "words2", [words | LATER])
    landing.land("2026-02-03", "team2", [landing.state("A1", AT, agent_id="A1", team_id="T2")])
    run_all(landing, "2026-02-03")
    landing.land("2026-02-04", "third", [again(landing, "a", row_hash="a-3", is_deleted=True)])
    run_all(landing, "2026-02-04")

    rebuilt = rebuild(settings, MONDAY, hash_marts, hash_day)
    same = rebuilt.compare()
    assert len(same) > 10
    assert all(same.values()), [name for name, is_same in same.items() if not is_same]
    assert {name: before[name] for name in rebuilt.whole} == rebuilt.whole
    assert (rebuilt.missing, rebuilt.is_same_code) == ([], True)
    now = hash_day(pointer.list_versions(settings.home)[0].path, MONDAY)
    changed = {name for name in same if now[name] != rebuilt.of_day[name]}
    assert {"fct_dials", "fct_dials_hourly", "fct_annotations"} <= changed


def run_all(landing: Any, day: str) -> None:
    """Run the steps of a day that write what is published."""
    transform.build_layer(landing.settings, "core", day)
    annotate_day(landing.settings, day)
    score_day(landing.settings, day)
    transform.build_layer(landing.settings, "marts", day)
    with opstore.record_step(landing.settings, "daily", day, "gate_marts"):
        pass
    publish_day(landing.settings, day)


def test_a_day_that_was_never_published_is_refused_with_those_known(monday):
    with pytest.raises(UsageError, match=f"{MONDAY} to {MONDAY}"):
        rebuild(monday.settings, "2025-12-24", hash_marts, hash_day)


# Last: the row of an erasure cannot be taken back.
def test_a_number_that_an_erasure_changed_says_so(monday):
    for path in monday.settings.home.landing.rglob("*_first.parquet"):
        path.unlink()
    monday.land(MONDAY, "rewritten", [monday.call("a", AT, outcome="human_won", talk_s=100)])
    row = {"erasure_id": "e1", "asked_for": "phone", "asked_by": "ops", "removed": {}, "notes": []}
    moments = {"asked_at": opstore.now(), "finished_at": opstore.now()}
    opstore.append(monday.settings, erasures, [row | moments])
    monday.cycle(TUESDAY)
    found = restatements(monday, metric="dials", dims=published.TOTAL)
    assert [(row["old_n"], row["new_n"], row["cause"]) for row in found] == [(3, 1, "erased")]
