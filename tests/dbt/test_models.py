"""The models as a whole: dbt's unit tests, summaries, failures and what they say."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from leadloop import transform


def test_the_unit_tests_of_the_models_pass(built):
    results = transform.run_dbt(built.settings, ["test", "--select", "test_type:unit"])
    written = sum(
        path.read_text(encoding="utf-8").count("\n  - name: ")
        for path in Path(built.settings.dbt_project).rglob("*__unit_tests.yml")
    )
    assert len(results) == written
    assert {str(result.status) for result in results} == {"pass"}


@pytest.mark.parametrize(
    ("week_start", "period", "weeks"),
    [
        pytest.param("monday", "2026-01-05", {date(2026, 1, 5): 7}, id="monday to sunday"),
        pytest.param(
            "sunday",
            "2026-01-11",
            {date(2026, 1, 4): 6, date(2026, 1, 11): 1},
            id="sunday to saturday",
        ),
    ],
)
def test_a_week_begins_on_the_day_the_company_says(landing, week_start, period, weeks):
    company = landing.settings.company.model_copy(update={"week_start": week_start})
    settings = replace(landing.settings, company=company)
    # One call a day at 10:00 in Shanghai, Monday the 5th to Sunday the 11th.
    calls = [landing.call(f"k{day}", datetime(2026, 1, day, 2, tzinfo=UTC)) for day in range(5, 12)]
    landing.land("2026-01-11", "week", calls)
    for layer in ("core", "marts"):
        transform.build_layer(settings, layer, "2026-01-11")
    transform.build_layer(settings, "weekly", period)
    rows = landing.read("select week_start_date, day_count from marts_build.rpt_dials_weekly")
    assert {row["week_start_date"]: row["day_count"] for row in rows} == weeks


def test_rows_without_a_day_reach_what_they_can_answer_and_nothing_else(landing):
    at = datetime(2026, 1, 5, 2, tzinfo=UTC)
    monthly = landing.call(
        "m", None, event_month=date(2025, 11, 1), date_precision="month", outcome="human_won"
    )
    dated = landing.call("d", at)
    landing.land("2026-01-05", "calls", [monthly, dated, landing.call("n", None)])
    landing.land("2026-01-05", "words", [landing.utterance("u", 1, None)])
    landing.build("2026-01-05")
    assert landing.read("select dial_id from marts_build.fct_dials") == [{"dial_id": "dialler:d"}]
    months = landing.read(
        "select dial_month::varchar as month, won_count, contact_count "
        "from marts_build.fct_conversion_monthly order by all"
    )
    assert months == [
        {"month": "2025-11-01", "won_count": 1, "contact_count": 1},
        {"month": "2026-01-01", "won_count": 0, "contact_count": 0},
    ]
    left_out = landing.read(
        "select anomaly, row_count from marts_build.rpt_row_anomalies where is_dropped order by all"
    )
    assert left_out == [
        {"anomaly": "dated_by_month", "row_count": 1},
        {"anomaly": "undated", "row_count": 1},
    ]
    words = landing.read("select dial_date, utterance_count from marts_build.fct_transcripts")
    assert words == [{"dial_date": None, "utterance_count": 1}]


def test_a_month_row_re_sent_with_another_month_leaves_the_first(landing):
    first = landing.call("m", None, event_month=date(2025, 11, 1), date_precision="month")
    landing.land("2026-01-05", "one", [first])
    landing.build("2026-01-05")
    second = {**first, "event_month": date(2025, 12, 1), "row_hash": "m-2"}
    second["ingested_at"] = datetime(2026, 1, 9, tzinfo=UTC)
    landing.land("2026-01-09", "two", [second])
    landing.build("2026-01-09")
    months = landing.read(
        "select dial_month::varchar as month, row_count from marts_build.fct_conversion_monthly"
    )
    assert months == [{"month": "2025-12-01", "row_count": 1}]


def test_a_failing_model_is_named_with_its_meaning_and_the_log(landing):
    # Nothing is built, so the relations of the core are missing and the marts cannot build.
    shutil.rmtree(landing.settings.home.warehouse.parent)
    with pytest.raises(transform.TransformError) as failure:
        transform.build_layer(landing.settings, "marts", "2026-01-05")
    message = str(failure.value)
    assert "fct_dials" in message
    assert "One row per" in message
    assert "dbt.log" in message


def test_a_failing_test_is_named_with_the_sql_that_lists_its_rows(landing):
    at = datetime(2026, 1, 5, 2, tzinfo=UTC)
    landing.land("2026-01-05", "b", [landing.call("a", at, source_system=None)])
    with pytest.raises(transform.TransformError) as failure:
        transform.build_layer(landing.settings, "core", "2026-01-05")
    message = str(failure.value)
    assert "unique_key_int_dials__newest_kept_dial_id" in message
    assert "the rows: " in message


def test_the_semantic_manifest_is_parsed_once_and_kept(built):
    manifest = transform.parse(built.settings)
    written = manifest.stat().st_mtime_ns
    assert transform.parse(built.settings).stat().st_mtime_ns == written


def test_every_public_metric_names_the_parts_that_exist(built):
    text = transform.parse(built.settings).read_text(encoding="utf-8")
    metrics = {metric["name"]: metric for metric in json.loads(text)["metrics"]}
    for name, metric in metrics.items():
        meta = metric["config"]["meta"]
        if meta["kind"] == "part":
            assert meta["part_of"] in metrics, name
            continue
        assert {"label_zh", "unit", "grain"} <= set(meta), name
        two = ("numerator", "denominator")
        parts = {"count": (), "share": two, "ratio": two, "mean": (*two, "square")}[meta["kind"]]
        assert [meta[part] for part in parts] == [f"{name}_{part}" for part in parts], name
        assert all(meta[part] in metrics for part in parts), name
